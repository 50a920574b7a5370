import { type OpenedCheckpoint, openCheckpoint } from './checkpoint.ts';
import { hashBytes, isSame, leafHash, rootFromInclusion } from './merkle.ts';
import type { VerifierKey } from './note.ts';
import { bad, fromBase64, fromDecimal, ok, type Parsed } from './parsed.ts';

/** An entry's proof that can be checked offline (https://c2sp.org/tlog-proof). */
export interface TlogProof {
  /** Here: the entry itself, as its leaf is hashed. The format gives it no meaning and no protection. */
  readonly extra?: Buffer;
  readonly index: number;
  readonly hashes: readonly Buffer[];
  /** The signed checkpoint, as the log gave it. */
  readonly checkpoint: string;
}

const head = 'c2sp.org/tlog-proof@v1';
/** A path from leaf to root is never longer than the bits of a size. */
const mostHashes = 63;

export function formatProof({ extra, index, hashes, checkpoint }: TlogProof): string {
  const lines = [
    head,
    ...(extra === undefined ? [] : [`extra ${extra.toString('base64')}`]),
    `index ${index}`,
    ...hashes.map((hash) => hash.toString('base64')),
  ];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

export function parseProof(text: string): Parsed<TlogProof> {
  const split = text.indexOf('\n\n');
  const lines = split < 0 ? [] : text.slice(0, split).split('\n');
  if (lines.shift() !== head) return bad(`A proof begins with the line ${head}.`);
  const extraText = lines[0]?.startsWith('extra ') === true ? lines.shift()?.slice(6) : undefined;
  const extra = extraText === undefined ? undefined : fromBase64(extraText);
  if (extraText !== undefined && extra === undefined)
    return bad('The extra data of the proof is not Base64.');
  const index = fromDecimal(/^index (\d+)$/.exec(lines.shift() ?? '')?.[1] ?? '');
  if (index === undefined) return bad('The proof does not say at which index its entry stands.');
  const hashes = parseHashes(lines);
  if (hashes === undefined) return bad('A line of the proof is not a SHA-256 hash in Base64.');
  const checkpoint = text.slice(split + 2);
  return ok({ index, hashes, checkpoint, ...(extra === undefined ? {} : { extra }) });
}

/** One hash a line; undefined when a line is none, or when there are more than any tree needs. */
export function parseHashes(lines: readonly string[]): Buffer[] | undefined {
  const hashes = lines.map(fromBase64);
  const isGood = hashes.length <= mostHashes && hashes.every((hash) => hash?.length === hashBytes);
  return isGood ? hashes.filter((hash) => hash !== undefined) : undefined;
}

/** Whether the entry stands at its index in the log that signed. */
export function verifyProof(
  proof: TlogProof,
  entry: Uint8Array,
  keys: readonly VerifierKey[],
): Parsed<OpenedCheckpoint> {
  const checkpoint = openCheckpoint(proof.checkpoint, keys);
  if (checkpoint.kind === 'bad') return checkpoint;
  const { size, root } = checkpoint.value;
  const found = rootFromInclusion(leafHash(entry), proof.index, size, proof.hashes);
  if (found === undefined || !isSame(found, root))
    return bad(`The entry does not stand at index ${proof.index} of the log that was signed.`);
  return checkpoint;
}
