/** One word of a text, made comparable, with where it stands. */
export interface Word {
  readonly word: string;
  readonly from: number;
  readonly to: number;
  /** Number of the sentence; words of two sentences never make a phrase. */
  readonly sentence: number;
  /** Number of the part between commas; a negation reaches no further. */
  readonly clause: number;
}

const wordPattern = /[\p{L}\p{M}\p{N}\p{Cf}'’]+/gu;
/** French elisions: l'enfant is two words. */
const elision = /^([cdjlmnst]|qu)['’](.+)$/iu;
const sentenceEnd = /[.!?;:\n\r\u2028\u2029。！？]/u;
const clauseEnd = /[,()–—]/u;
const turningWords = new Set(['but', 'aber', 'sondern', 'mais', 'pero', 'sino']);

/** A word without case, accents and invisible characters, so that spelling in a hurry does not matter. */
export function wordOf(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}]/gu, '')
    .replaceAll('’', "'")
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replace(/^'+|'+$/g, '');
}

/** The words of a text in order. */
export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  let [sentence, clause, last] = [0, 0, 0];
  for (const found of text.matchAll(wordPattern)) {
    const between = text.slice(last, found.index);
    if (sentenceEnd.test(between)) sentence += 1;
    if (sentenceEnd.test(between) || clauseEnd.test(between)) clause += 1;
    last = found.index + found[0].length;
    for (const part of partsOf(found[0])) {
      const word = wordOf(part.text);
      if (word === '') continue;
      if (turningWords.has(word)) clause += 1;
      const from = found.index + part.offset;
      words.push({ word, from, to: from + part.text.length, sentence, clause });
    }
  }
  return words;
}

function partsOf(text: string): readonly { readonly text: string; readonly offset: number }[] {
  const [, start, rest] = elision.exec(text) ?? [];
  if (start === undefined || rest === undefined) return [{ text, offset: 0 }];
  return [
    { text: start, offset: 0 },
    { text: rest, offset: start.length + 1 },
  ];
}
