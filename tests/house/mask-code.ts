/**
 * TypeScript source with everything that is not code blanked out: comments, and what stands inside strings,
 * templates and regular expressions. Length and line breaks stay, so places in the two texts agree.
 *
 * The reader is in one of these places: code, a `line comment`, a `block comment`, a `string`, a `template` (which
 * goes back to code inside `${}`), a `regex`. A quote that does not end on its line is text of JSX, not a string.
 */
export function maskCode(text: string): { readonly code: string; readonly withStrings: string } {
  const reader = new Reader(text);
  reader.readCode(undefined);
  return { code: reader.code.join(''), withStrings: reader.withStrings.join('') };
}

/** After these words a slash begins a regular expression. */
const wordsBeforeRegex = /\b(return|typeof|case|in|of|do|else|yield|await|throw|new|void|delete)$/;

class Reader {
  readonly code: string[];
  /** Only comments blanked. */
  readonly withStrings: string[];
  readonly #text: string;
  #at = 0;
  /** Code since the last line break, for telling a division from a regular expression. */
  #before = '';

  constructor(text: string) {
    this.#text = text;
    this.code = [...Array.from({ length: text.length }, (_, at) => text[at] ?? '')];
    this.withStrings = [...this.code];
  }

  /** Reads up to the brace that closes a template's hole, or to the end of the file. */
  readCode(until: '}' | undefined): void {
    let depth = 0;
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at] ?? '';
      const pair = this.#text.slice(this.#at, this.#at + 2);
      if (pair === '//') this.#blankTo(this.#find('\n'), true);
      else if (pair === '/*') this.#blankTo(this.#find('*/') + 2, true);
      else if (character === "'" || character === '"') this.#readString(character);
      else if (character === '`') this.#readTemplate();
      else if (character === '/' && this.#isRegexNext()) this.#readRegex();
      else {
        if (character === '{') depth += 1;
        if (character === '}') {
          if (depth === 0 && until === '}') return;
          depth -= 1;
        }
        this.#before = character === '\n' ? this.#before : (this.#before + character).slice(-20);
        this.#at += 1;
      }
    }
  }

  #find(end: string): number {
    const found = this.#text.indexOf(end, this.#at + (end === '*/' ? 2 : 0));
    return found < 0 ? this.#text.length : found;
  }

  #blankTo(end: number, isComment: boolean): void {
    for (; this.#at < Math.min(end, this.#text.length); this.#at += 1) {
      if (this.#text[this.#at] === '\n') continue;
      this.code[this.#at] = ' ';
      if (isComment) this.withStrings[this.#at] = ' ';
    }
  }

  #readString(quote: string): void {
    const end = this.#endOnLine(this.#at + 1, quote);
    if (end === undefined) {
      this.#at += 1;
      return;
    }
    this.#at += 1;
    this.#blankTo(end, false);
    this.#at = end + 1;
    this.#before = quote;
  }

  #endOnLine(from: number, quote: string): number | undefined {
    for (let at = from; at < this.#text.length; at += 1) {
      if (this.#text[at] === '\n') return undefined;
      if (this.#text[at] === '\\') at += 1;
      else if (this.#text[at] === quote) return at;
    }
    return undefined;
  }

  #readTemplate(): void {
    this.#at += 1;
    while (this.#at < this.#text.length && this.#text[this.#at] !== '`') {
      if (this.#text[this.#at] === '\\') this.#blankTo(this.#at + 2, false);
      else if (this.#text.startsWith('${', this.#at)) {
        this.#at += 2;
        this.#before = '';
        this.readCode('}');
        this.#at += 1;
      } else this.#blankTo(this.#at + 1, false);
    }
    this.#at += 1;
    this.#before = '`';
  }

  #isRegexNext(): boolean {
    const before = this.#before.trimEnd();
    if (before === '') return this.#endOnLine(this.#at + 1, '/') !== undefined;
    if (wordsBeforeRegex.test(before)) return true;
    // Not after "<": that closes a JSX element.
    return /[=(,:;!&|?{}[\n+*%~^]$/.test(before) || before.endsWith('=>');
  }

  #readRegex(): void {
    let isClass = false;
    let end = this.#at + 1;
    for (; end < this.#text.length && this.#text[end] !== '\n'; end += 1) {
      const character = this.#text[end];
      if (character === '\\') end += 1;
      else if (character === '[') isClass = true;
      else if (character === ']') isClass = false;
      else if (character === '/' && !isClass) break;
    }
    this.#at += 1;
    this.#blankTo(end, false);
    this.#at = end + 1;
    this.#before = '/';
  }
}
