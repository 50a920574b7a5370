import { hashBytes } from './merkle.ts';
import {
  formatNote,
  openNote,
  parseNote,
  type SignedNote,
  type VerifiedSignature,
  type VerifierKey,
} from './note.ts';
import { bad, fromBase64, fromDecimal, ok, type Parsed } from './parsed.ts';

/** The signed state of a log (https://c2sp.org/tlog-checkpoint): its name, how many entries, and the root over them. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

export interface OpenedCheckpoint extends Checkpoint {
  readonly note: SignedNote;
  readonly signatures: readonly VerifiedSignature[];
}

/** What is signed. */
export function formatCheckpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`;
}

/** @param sign Ed25519 with the private half of `key` */
export function signCheckpoint(
  checkpoint: Checkpoint,
  key: VerifierKey,
  sign: (data: Uint8Array) => Buffer,
): string {
  const text = formatCheckpointText(checkpoint);
  const signature = sign(Buffer.from(text));
  return formatNote({ text, signatures: [{ name: key.name, keyHash: key.keyHash, signature }] });
}

/** Reads a checkpoint without looking at its signatures. Lines after the third are taken and mean nothing here. */
export function parseCheckpoint(note: string): Parsed<Checkpoint & { readonly note: SignedNote }> {
  const parsed = parseNote(note);
  if (parsed.kind === 'bad') return parsed;
  const [origin = '', sizeText = '', rootText = '', ...more] = parsed.value.text.slice(0, -1).split('\n');
  const size = fromDecimal(sizeText);
  const root = fromBase64(rootText);
  if (origin === '' || size === undefined || root?.length !== hashBytes || more.includes(''))
    return bad('The text is not a checkpoint: its name, its size and its root, one a line.');
  return ok({ origin, size, root, note: parsed.value });
}

/** Reads a checkpoint that one of the log's keys signed under the log's own name. */
export function openCheckpoint(note: string, keys: readonly VerifierKey[]): Parsed<OpenedCheckpoint> {
  const parsed = parseCheckpoint(note);
  if (parsed.kind === 'bad') return parsed;
  const opened = openNote(parsed.value.note, keys);
  if (opened.kind === 'bad') return opened;
  if (!opened.value.some(({ key }) => key.name === parsed.value.origin))
    return bad(
      `The checkpoint is of the log ${parsed.value.origin}, which none of the given keys belongs to.`,
    );
  return ok({ ...parsed.value, signatures: opened.value });
}
