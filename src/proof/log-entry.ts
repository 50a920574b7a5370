import { canonicalJson, type Json } from './canonical-json.ts';
import { sha256 } from './merkle.ts';
import { bad, ok, type Parsed } from './parsed.ts';
import { longestEntry } from './tiles.ts';

/**
 * One row of the audit or of custody as the audit log holds it: canonical JSON in UTF-8 with the members `id`, `row`,
 * `salt` and `source`. The salt is 16 random bytes, so the hash of an entry says nothing about it to whoever does not
 * hold it. A row that is longer than a bundle takes is held as `rowSha256` instead of `row`.
 */
export interface LogEntry {
  /** Which list the row is of, as `audit` or `custody`. */
  readonly source: string;
  /** The row's number within its list. */
  readonly id: string;
  readonly row: { readonly [name: string]: Json | undefined };
}

export function formatEntry(entry: LogEntry, salt: Uint8Array): Buffer {
  const { source, id, row } = entry;
  const common = { id, salt: Buffer.from(salt).toString('hex'), source };
  const whole = Buffer.from(canonicalJson({ ...common, row }));
  if (whole.length <= longestEntry) return whole;
  const rowSha256 = sha256(Buffer.from(canonicalJson(row))).toString('hex');
  return Buffer.from(canonicalJson({ ...common, rowSha256 }));
}

/**
 * Stands where a row is gone and names it. In an export it hashes to nothing that was sealed; a row that went before
 * it could be sealed is sealed as this.
 */
export function formatMissing(source: string, id: string, salt: Uint8Array): Buffer {
  return Buffer.from(canonicalJson({ id, isMissing: true, salt: Buffer.from(salt).toString('hex'), source }));
}

export interface ReadEntry {
  readonly source: string;
  readonly id: string;
  readonly isMissing: boolean;
  readonly row?: Readonly<Record<string, unknown>>;
}

export function parseEntry(bytes: Uint8Array): Parsed<ReadEntry> {
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return bad('The entry is not JSON.');
  }
  if (!isRecord(read) || typeof read.source !== 'string' || typeof read.id !== 'string')
    return bad('The entry does not say which row it is.');
  const { source, id, row } = read;
  return ok({ source, id, isMissing: read.isMissing === true, ...(isRecord(row) ? { row } : {}) });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
