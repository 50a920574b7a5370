import { bad, fromDecimal, ok, type Parsed } from './parsed.ts';
import { parseHashes } from './tlog-proof.ts';

/** The body of `add-checkpoint` (https://c2sp.org/tlog-witness): from which size on, the proof, and the checkpoint. */
export interface AddCheckpoint {
  readonly oldSize: number;
  readonly hashes: readonly Buffer[];
  readonly checkpoint: string;
}

export function formatAddCheckpoint({ oldSize, hashes, checkpoint }: AddCheckpoint): string {
  return `old ${oldSize}\n${hashes.map((hash) => `${hash.toString('base64')}\n`).join('')}\n${checkpoint}`;
}

export function parseAddCheckpoint(body: string): Parsed<AddCheckpoint> {
  const split = body.indexOf('\n\n');
  const [first = '', ...lines] = split < 0 ? [] : body.slice(0, split).split('\n');
  const oldSize = fromDecimal(/^old (\d+)$/.exec(first)?.[1] ?? '');
  const hashes = parseHashes(lines);
  if (oldSize === undefined || hashes === undefined)
    return bad('The request does not begin with an old size and the hashes of a consistency proof.');
  return ok({ oldSize, hashes, checkpoint: body.slice(split + 2) });
}

/** What a witness answers with 409: the size that it cosigned last (content type text/x.tlog.size). */
export function parseSizeAnswer(body: string): number | undefined {
  return body.endsWith('\n') ? fromDecimal(body.slice(0, -1)) : undefined;
}
