import { lineOf, type SourceFile } from './source-files.ts';

export interface FunctionLength {
  readonly line: number;
  readonly lines: number;
}

/** Words whose parentheses are followed by a block that is no function. */
const notFunctions = new Set(['if', 'for', 'while', 'switch', 'catch', 'with', 'await']);

/** A suite only holds tests, each of which is measured. Strings are blank here. */
const opensSuite = /\b(describe|suite)\s*\([^()]*,\s*(async\s*)?$/;

/**
 * Every function with a body in braces, and every arrow whose body stands in parentheses, with its length from the
 * line of its parameters to the line of its end. Works on masked code, so braces in strings do not count.
 */
export function functionLengths(file: SourceFile): FunctionLength[] {
  const { code } = file;
  const closeOf = matching(code);
  const found: FunctionLength[] = [];
  const add = (from: number, bodyAt: number) => {
    if (opensSuite.test(code.slice(Math.max(0, from - 200), from))) return;
    const end = closeOf.get(bodyAt);
    if (end === undefined) return;
    const line = lineOf(code, from);
    found.push({ line, lines: lineOf(code, end) - line + 1 });
  };
  for (const [open, close] of closeOf) {
    if (code[open] !== '(') continue;
    if (notFunctions.has(/(\w+)\s*$/.exec(code.slice(Math.max(0, open - 20), open))?.[1] ?? '')) continue;
    const body = bodyAfter(code, close + 1, closeOf);
    if (body !== undefined) add(open, body);
  }
  for (const match of code.matchAll(/\b\w+\s*=>\s*(?=[{(])/g))
    add(match.index, match.index + match[0].length);
  return found;
}

/** Where the body begins after a parameter list, stepping over a return type; undefined where none follows. */
function bodyAfter(code: string, from: number, closeOf: ReadonlyMap<number, number>): number | undefined {
  let at = skipSpace(code, from);
  if (code[at] === ':') at = skipType(code, at + 1, closeOf);
  if (code.startsWith('=>', at)) {
    at = skipSpace(code, at + 2);
    return code[at] === '{' || code[at] === '(' ? at : undefined;
  }
  return code[at] === '{' ? at : undefined;
}

function skipType(code: string, from: number, closeOf: ReadonlyMap<number, number>): number {
  let isExpected = true;
  let at = skipSpace(code, from);
  while (at < code.length) {
    const character = code[at] ?? '';
    if (character === '{' && !isExpected) return at;
    if (character === ';' || character === ')' || character === '}' || character === '=') return at;
    const isBracket = character === '{' || character === '(' || character === '[';
    const word = /^\w+/.exec(code.slice(at, at + 40))?.[0] ?? character;
    isExpected = !isBracket && /^([|&<,:?]|keyof|typeof|is|extends|readonly|asserts)$/.test(word);
    at = skipSpace(code, isBracket ? (closeOf.get(at) ?? at) + 1 : at + word.length);
    // The arrow of a function type belongs to the type only after a parameter list inside it.
    if (character === '(' && code.startsWith('=>', at)) {
      at = skipSpace(code, at + 2);
      isExpected = true;
    }
  }
  return at;
}

function skipSpace(code: string, from: number): number {
  let at = from;
  while (/\s/.test(code[at] ?? 'x')) at += 1;
  return at;
}

/** Every opening bracket's place with that of its partner. */
function matching(code: string): Map<number, number> {
  const partner: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };
  const open: number[] = [];
  const pairs = new Map<number, number>();
  for (let at = 0; at < code.length; at += 1) {
    const character = code[at] ?? '';
    if ('([{'.includes(character)) open.push(at);
    else if (partner[character] !== undefined && code[open.at(-1) ?? -1] === partner[character]) {
      pairs.set(open.pop() ?? 0, at);
    }
  }
  return pairs;
}
