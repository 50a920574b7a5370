import type { Phrase, PhraseList, Step } from './phrase-list.ts';
import type { Evidence, FactCode, SaidText } from './urgency-facts.ts';
import { type Word, wordsOf } from './words.ts';

/**
 * Which facts a text speaks of. The rules are few, so that anybody can say in advance what they will do:
 *
 * - A phrase counts where all its words stand in one sentence.
 * - It is denied, and counts for nothing, where a negation stands among the five words before it, or the two behind
 *   it, in the same part between commas. "No doubt" and its like deny nothing.
 * - It is past where the sentence holds a word of the past and none of the present.
 * - It is fiction where the sentence speaks of a song, a film, a game or a story.
 * - Between quotation marks it counts like everywhere else, because threats are reported as quotations; it is marked.
 */
export interface Said {
  readonly fact: FactCode;
  readonly standing: 'present' | 'past' | 'fiction';
  readonly evidence: Extract<Evidence, { kind: 'text' }>;
}

const wordsBefore = 5;
const wordsAfter = 2;
/** Letters of a quotation on the page; enough for a sentence, too little for a conversation. */
const longestQuote = 160;

/** Every fact once for each standing, with the first place where it was said. */
export function saidIn(texts: readonly SaidText[], list: PhraseList): readonly Said[] {
  const found = new Map<string, Said>();
  const index = indexOf(list);
  for (const one of texts) {
    const words = wordsOf(one.text);
    const quoted = quotedRanges(one.text);
    const standings = new Map<number, Said['standing']>();
    for (const [at, word] of words.entries()) {
      for (const { fact, phrase } of startingWith(index, word.word)) {
        if (found.has(`${fact} present`)) continue;
        const end = endOf(phrase, words, at);
        if (end === undefined || isDenied(words, at, end, list)) continue;
        const standing = standings.get(word.sentence) ?? standingOf(words, at, list);
        standings.set(word.sentence, standing);
        const key = `${fact} ${standing}`;
        if (!found.has(key))
          found.set(key, { fact, standing, evidence: evidenceOf(one, words, at, end, quoted) });
      }
    }
  }
  return [...found.values()];
}

type Index = ReadonlyMap<string, readonly { readonly fact: FactCode; readonly phrase: Phrase }[]>;

const stemMark = '~';
/** A word of thousands of letters must not cost the square of its length. */
const longestStem = 24;
const indexes = new WeakMap<PhraseList, Index>();

/** Phrases by their first word, or by the first letters of a beginning; made once for each list. */
function indexOf(list: PhraseList): Index {
  const known = indexes.get(list);
  if (known !== undefined) return known;
  const index = new Map<string, { fact: FactCode; phrase: Phrase }[]>();
  for (const one of list.facts) {
    const [first] = one.phrase;
    for (const key of [...first.words, ...first.stems.map((stem) => stem + stemMark)]) {
      index.set(key, [...(index.get(key) ?? []), one]);
    }
  }
  indexes.set(list, index);
  return index;
}

function* startingWith(index: Index, word: string) {
  yield* index.get(word) ?? [];
  for (let length = 2; length <= Math.min(word.length, longestStem); length += 1) {
    yield* index.get(word.slice(0, length) + stemMark) ?? [];
  }
}

function isStep(step: Step, word: string): boolean {
  return step.words.has(word) || step.stems.some((stem) => word.startsWith(stem));
}

/** Where the phrase that begins at `at` ends, both words included; undefined where it does not stand there. */
function endOf(phrase: Phrase, words: readonly Word[], at: number): number | undefined {
  const sentence = words[at]?.sentence;
  const follow = (step: number, from: number): number | undefined => {
    const next = phrase[step];
    if (next === undefined) return from - 1;
    for (let skipped = 0; skipped <= next.gap; skipped += 1) {
      const word = words[from + skipped];
      if (word === undefined || word.sentence !== sentence) return undefined;
      if (!isStep(next, word.word)) continue;
      const end = follow(step + 1, from + skipped + 1);
      if (end !== undefined) return end;
    }
    return undefined;
  };
  return follow(0, at);
}

function isDenied(words: readonly Word[], from: number, to: number, list: PhraseList): boolean {
  const [first, last] = [words[from], words[to]];
  const isClause = (at: number, of: Word | undefined) => words[at]?.clause === of?.clause;
  for (let at = Math.max(0, from - wordsBefore); at <= to; at += 1) {
    if (!isClause(at, first) && !isClause(at, last)) continue;
    const isNegation = list.negations.some((phrase) => endOf(phrase, words, at) !== undefined);
    if (isNegation && !list.notNegations.some((phrase) => endOf(phrase, words, at) !== undefined))
      return true;
  }
  for (let at = to + 1; at <= to + wordsAfter; at += 1) {
    if (!isClause(at, last)) continue;
    if (list.negationsAfter.some((phrase) => endOf(phrase, words, at) !== undefined)) return true;
  }
  return false;
}

function standingOf(words: readonly Word[], at: number, list: PhraseList): Said['standing'] {
  const sentence = words[at]?.sentence;
  let [from, to] = [at, at];
  while (words[from - 1]?.sentence === sentence && from > 0) from -= 1;
  while (words[to + 1]?.sentence === sentence) to += 1;
  const has = (phrases: readonly Phrase[]): boolean => {
    for (let place = from; place <= to; place += 1) {
      if (phrases.some((phrase) => endOf(phrase, words, place) !== undefined)) return true;
    }
    return false;
  };
  if (has(list.fiction)) return 'fiction';
  return has(list.past) && !has(list.now) ? 'past' : 'present';
}

type Range = readonly [number, number];
const quotation = /"[^"\n]{1,400}"|“[^”\n]{1,400}”|„[^“”\n]{1,400}[“”]|«[^»\n]{1,400}»/gu;

function quotedRanges(text: string): readonly Range[] {
  return [...text.matchAll(quotation)].map((found): Range => [found.index, found.index + found[0].length]);
}

function evidenceOf(
  said: SaidText,
  words: readonly Word[],
  from: number,
  to: number,
  quoted: readonly Range[],
): Said['evidence'] {
  const [start, end] = [words[from]?.from ?? 0, words[to]?.to ?? 0];
  const isQuoted = quoted.some(([open, close]) => open < start && end < close);
  return {
    kind: 'text',
    where: said.where,
    ...(said.line !== undefined && { line: said.line }),
    quote: quoteOf(said.text, start, end),
    ...(isQuoted && { isQuoted: true as const }),
  };
}

/** The words found with what stands around them, on one line, cut at both ends where there is more. */
function quoteOf(text: string, start: number, end: number): string {
  const room = Math.max(0, Math.floor((longestQuote - (end - start)) / 2));
  const [from, to] = [Math.max(0, start - room), Math.min(text.length, Math.max(end, start) + room)];
  const cut = text
    .slice(from, Math.min(to, from + longestQuote))
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .toWellFormed()
    .trim();
  return `${from > 0 ? '…' : ''}${cut}${to < text.length ? '…' : ''}`;
}
