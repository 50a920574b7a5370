import type { Readable } from 'node:stream';

/**
 * Where sealed bytes stand. Knows places and ciphertext, never plaintext, never a report. A place is made of an id
 * that is drawn before the bytes come and of their SHA-256 that is known only at the end; what a place is called is
 * the store's own affair, so that an object store that cannot rename may choose the final name at the start.
 *
 * Write once: `commit` fails when the place is taken, and nothing changes bytes that stand.
 */
export interface EvidenceStore {
  /** What seals name it by: `local`, or an object store's address, as `s3://bucket/prefix`. */
  readonly id: string;
  /** For people and error messages, for example the folder. */
  readonly name: string;
  /** What the half-written bytes of this id are called until `commit`. */
  temporaryPlace(id: string): string;
  /** What the bytes of this id will be called for good. */
  placeOf(id: string, sha256: string): string;
  write(id: string): Promise<StoreWriter>;
  /** Opens the bytes at once, so that a later `remove` cannot take them from a reader. Throws {@link MissingBytes}. */
  read(place: string): Promise<Readable>;
  /** Ciphertext bytes that stand at the place; undefined when there are none. */
  size(place: string): Promise<number | undefined>;
  /** Removes what stands there, half-written bytes of the same id included; durable when it resolves, no error when gone. */
  remove(place: string): Promise<void>;
  /** Throws, with what to do, when nothing can be written now. */
  checkWritable(): Promise<void>;
  /** Every place that holds something, half-written ones included. Slow on purpose: only a search for strays walks it. */
  list(): AsyncIterable<string>;
  /** Places whose writing began before this time and never came to a `commit`. */
  halfWritten(startedBefore: Date): AsyncIterable<string>;
  /** A short text that stands beside the evidence, under a name; undefined when there is none. Not write once. */
  readNote(name: string): Promise<string | undefined>;
  writeNote(name: string, text: string): Promise<void>;
}

export interface StoreWriter {
  /** Resolves when more may be written; keeps the chunk until then. */
  write(chunk: Uint8Array): Promise<void>;
  /** Makes the bytes durable and then visible at the place, in one step. */
  commit(place: string): Promise<void>;
  /** Removes what was written. */
  abort(): Promise<void>;
}

/** The store is there, the bytes are not. */
export class MissingBytes extends Error {
  override readonly name = 'MissingBytes';

  constructor(place: string, options?: ErrorOptions) {
    super(`nothing stands at ${place}`, options);
  }
}

const idAtTheEnd = /(?:^|[-/])([0-9a-f]{32})$/;

/** The id within a place. Every store ends its places with it, so that ciphertext stays bound to its place. */
export function idOfPlace(place: string): string {
  const id = idAtTheEnd.exec(place)?.[1];
  if (id === undefined) throw new Error('a place in the evidence store ends with its id');
  return id;
}
