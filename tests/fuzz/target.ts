import type { Random } from '../../demo/day/random.ts';

/** One parser of bytes from outside, ready to be given anything. */
export interface Target {
  /** Kebab-case, as `--target` takes it. */
  readonly name: string;
  readonly what: string;
  /** Inputs to begin with, most of them good. */
  readonly seeds: readonly (Buffer | string)[];
  /** Words that the format is made of. */
  readonly words: readonly string[];
  /** Makes an input that is good or nearly so, where there is a grammar to make it from. */
  readonly make?: (random: Random) => Buffer;
  /** Longer inputs are cut. */
  readonly mostBytes: number;
  /** Throws when the parser breaks its word: by an exception that it does not declare, or an outcome that cannot be. */
  readonly run: (input: Buffer) => void | Promise<void>;
}

/** For outcomes that must not be. Costs nothing but a comparison. */
export function must(holds: boolean, sentence: string): void {
  if (!holds) throw new Error(`broken word: ${sentence}`);
}

/** PostgreSQL's text and jsonb hold neither NUL nor half a surrogate pair. */
export function mustBeStorable(value: unknown): void {
  const json = JSON.stringify(value);
  must(!/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/.test(json), 'what is kept can be stored by the database');
}
