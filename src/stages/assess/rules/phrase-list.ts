import shippedPhrases from './phrases-1.json' with { type: 'json' };
import { type FactCode, factCodes } from './urgency-facts.ts';
import { wordOf } from './words.ts';

/** Facts that text can show; the languages of the list each have phrases for every one of them. */
export const saidFacts = factCodes.filter(
  (code) => code.startsWith('said-') && code !== 'said-in-past' && code !== 'said-as-fiction',
);

/** One step of a phrase: any of these words, or of these beginnings, after at most `gap` words in between. */
export interface Step {
  readonly words: ReadonlySet<string>;
  readonly stems: readonly string[];
  readonly gap: number;
}

export type Phrase = readonly [Step, ...Step[]];

export interface PhraseList {
  readonly version: string;
  readonly facts: readonly { readonly fact: FactCode; readonly phrase: Phrase }[];
  /** Stands before what it denies. */
  readonly negations: readonly Phrase[];
  /** Stands behind what it denies. */
  readonly negationsAfter: readonly Phrase[];
  /** Holds a word of negation and denies nothing. */
  readonly notNegations: readonly Phrase[];
  readonly past: readonly Phrase[];
  readonly now: readonly Phrase[];
  readonly fiction: readonly Phrase[];
}

/** How many words a … may stand for. Chosen: wide enough for an object with its adjectives, narrower than a clause. */
const widestGap = 4;

/** Reads the notation of the phrase list: `a|b` either word, `ab~` a beginning, `…` a gap. Throws for an empty phrase. */
export function phraseOf(text: string): Phrase {
  const steps: Step[] = [];
  let gap = 0;
  for (const part of text.split(/\s+/).filter((one) => one !== '')) {
    if (part === '…') {
      gap = widestGap;
      continue;
    }
    const choices = part
      .split('|')
      .map((one) => ({ word: wordOf(one.replace('~', '')), isStem: one.endsWith('~') }));
    steps.push({
      words: new Set(choices.filter(({ isStem }) => !isStem).map(({ word }) => word)),
      stems: choices.filter(({ isStem }) => isStem).map(({ word }) => word),
      gap: steps.length === 0 ? 0 : gap,
    });
    gap = 0;
  }
  const [first, ...rest] = steps;
  if (first === undefined) throw new Error(`"${text}" is no phrase`);
  return [first, ...rest];
}

interface LanguageFile {
  readonly negations: readonly string[];
  readonly negationsAfter: readonly string[];
  readonly notNegations: readonly string[];
  readonly past: readonly string[];
  readonly now: readonly string[];
  readonly fiction: readonly string[];
  readonly facts: Readonly<Record<string, readonly string[]>>;
}

/** The list that the bureau ships with. All languages are looked for in every text: which one it is does not matter. */
export const phraseList: PhraseList = listOf(shippedPhrases.version, Object.values(shippedPhrases.languages));

function listOf(version: string, languages: readonly LanguageFile[]): PhraseList {
  const all = (part: (language: LanguageFile) => readonly string[]) => languages.flatMap(part).map(phraseOf);
  return {
    version,
    facts: languages.flatMap((language) =>
      saidFacts.flatMap((fact) =>
        (language.facts[fact] ?? []).map((text) => ({ fact, phrase: phraseOf(text) })),
      ),
    ),
    negations: all((language) => language.negations),
    negationsAfter: all((language) => language.negationsAfter),
    notNegations: all((language) => language.notNegations),
    past: all((language) => language.past),
    now: all((language) => language.now),
    fiction: all((language) => language.fiction),
  };
}

/** Codes of the languages in the list. */
export const phraseLanguages: readonly string[] = Object.keys(shippedPhrases.languages);
