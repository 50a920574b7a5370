import { generateKeyPairSync, sign } from 'node:crypto';
import { signCheckpoint } from '#proof/checkpoint';
import { formatEntry } from '#proof/log-entry';
import { GrowingTree, hashBytes } from '#proof/merkle';
import { type VerifierKey, verifierKeyOf } from '#proof/note';
import { formatBundle, formatTilePath, leafHashesOf, levelsOf, rootOf, tileWidth } from '#proof/tiles';

/** An audit log that nobody wrote: invented rows, sealed and exported in memory as a bureau does it. */
export interface MadeLog {
  /** In the order in which an export is verified. */
  readonly files: readonly { readonly name: string; readonly bytes: Buffer }[];
  readonly checkpoint: string;
  readonly key: VerifierKey;
  readonly sign: (data: Uint8Array) => Buffer;
}

const acts = ['read-brief', 'list-line', 'take-report', 'decide-report', 'submit-report', 'sign-in'] as const;

function entryAt(position: number): Buffer {
  const salt = Buffer.alloc(16);
  salt.writeUInt32BE(position, 12);
  const row = {
    at: '2026-11-24T12:00:00.000000Z',
    actor_kind: 'staff',
    actor_id: '7d0c2a34-6a56-4a0e-9f0a-2f6f6f1c8a11',
    actor_name: 'Robin Example',
    action: acts[position % acts.length],
    outcome: 'done',
    subject: `report:${1_000_001 + (position % 5000)}`,
    why: 'task on the line',
    request_id: '1f2d3c4b-0000-4000-8000-000000000000',
    remote_address: '192.0.2.7',
    details: { count: position % 50 },
  };
  return formatEntry({ source: 'audit', id: String(position + 1), row }, salt);
}

export function makeLog(size: number): MadeLog {
  const pair = generateKeyPairSync('ed25519');
  const key = verifierKeyOf('firstlight/bench', pair.publicKey);
  const signWith = (data: Uint8Array) => sign(null, data, pair.privateKey);
  const files: { name: string; bytes: Buffer }[] = [];
  const tree = new GrowingTree();
  const above: Buffer[][] = [];
  const fill = (level: number, index: number, hashes: Buffer): void => {
    const width = hashes.length / hashBytes;
    files.push({ name: formatTilePath({ kind: level, index, width }), bytes: hashes });
    if (width < tileWidth) return;
    const next = above[level + 1] ?? [];
    above[level + 1] = next;
    next.push(rootOf(hashes));
    if (next.length % tileWidth === 0)
      fill(level + 1, next.length / tileWidth - 1, Buffer.concat(next.slice(-tileWidth)));
  };
  for (let first = 0; first < size; first += tileWidth) {
    const width = Math.min(tileWidth, size - first);
    const entries = Array.from({ length: width }, (_, place) => entryAt(first + place));
    const index = first / tileWidth;
    files.push({ name: formatTilePath({ kind: 'entries', index, width }), bytes: formatBundle(entries) });
    const hashes = leafHashesOf(entries);
    for (let at = 0; at < hashes.length; at += hashBytes) tree.add(hashes.subarray(at, at + hashBytes));
    fill(0, index, hashes);
  }
  for (const level of levelsOf(size).slice(1)) {
    const hashes = above[level] ?? [];
    const partial = hashes.slice(Math.floor(hashes.length / tileWidth) * tileWidth);
    const index = Math.floor(hashes.length / tileWidth);
    if (partial.length > 0)
      files.push({
        name: formatTilePath({ kind: level, index, width: partial.length }),
        bytes: Buffer.concat(partial),
      });
  }
  const checkpoint = signCheckpoint({ origin: key.name, size, root: tree.root() }, key, signWith);
  return { files, checkpoint, key, sign: signWith };
}
