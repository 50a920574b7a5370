import { IntegrityFault } from '#base/errors';
import { newSalts } from '#platform/random';
import { openCheckpoint, signCheckpoint } from '#proof/checkpoint';
import { formatEntry, formatMissing } from '#proof/log-entry';
import { emptyRoot, hashBytes, isSame, leafHash } from '#proof/merkle';
import { hashesOf, levelsOf, rootOf, tilesOf, tileWidth } from '#proof/tiles';
import type { Ctx } from '../ctx.ts';
import type { SigningKey } from '../signing-key.ts';
import { verifiersOf } from './refuse-foreign-log.ts';
import { type LogSource, readRows, type SourceRow } from './sources.ts';
import * as store from './store.ts';

export interface SealingParts {
  readonly sources: readonly LogSource[];
  readonly signingKey: SigningKey;
}

export type Sealed =
  /** Nothing waited, or another worker is sealing. */
  | { readonly kind: 'idle' }
  | { readonly kind: 'sealed'; readonly checkpoint: store.CheckpointRow; readonly count: number };

/** Enough to keep up with a thousand rows a second, few enough to take well under a second. */
export const batchRows = 4096;

/**
 * Gives the rows that wait longest their positions, adds their hashes to the tree and signs its new state. Costs by
 * the number of rows and the width of a tile, not by the size of the tree. One worker at a time; the others are idle.
 * @throws IntegrityFault when the stored tree is not the one that was signed last
 */
export async function sealBatch(ctx: Ctx, parts: SealingParts, limit = batchRows): Promise<Sealed> {
  const { db } = ctx.tx;
  if (!(await store.lockLog(db))) return { kind: 'idle' };
  const rows = await store.withoutPosition(db, await store.takePending(db, limit));
  if (rows.length === 0) return { kind: 'idle' };

  const last = await store.newestCheckpoint(db);
  if (last !== undefined && openCheckpoint(last.note, verifiersOf(parts.signingKey)).kind === 'bad')
    throw new IntegrityFault('audit-log:key', foreignKeySentence);
  const oldSize = last?.size ?? 0;
  const edge = await readEdge(ctx, oldSize);
  const isAsSigned = await rootOfEdge(edge, oldSize).then(
    (root) => isSame(root, last?.root ?? emptyRoot),
    () => false,
  );
  if (!isAsSigned)
    throw new IntegrityFault(
      'audit-log:tree',
      'The hashes of the audit log are not those that were signed last. Run "firstlight audit verify" and keep what it says.',
    );

  const { entries, leaves } = await hashRows(ctx, parts.sources, rows, oldSize);
  await store.insertEntries(db, entries);
  await store.upsertTiles(db, grow(edge, leaves));

  const size = oldSize + rows.length;
  const root = await rootOfEdge(edge, size);
  const { signingKey } = parts;
  const note = signCheckpoint({ origin: signingKey.name, size, root }, signingKey.verifier, signingKey.sign);
  const checkpoint = { size, root, note, signedAt: ctx.now };
  await store.insertCheckpoint(db, checkpoint);
  return { kind: 'sealed', checkpoint, count: rows.length };
}

const foreignKeySentence =
  'The audit log in this database is signed by a key that this machine does not hold. Give every machine of the bureau the same signing key file.';

async function hashRows(
  ctx: Ctx,
  sources: readonly LogSource[],
  rows: readonly store.PendingRow[],
  firstPosition: number,
): Promise<{ entries: store.EntryRow[]; leaves: Buffer[] }> {
  const found = new Map<string, ReadonlyMap<string, SourceRow>>();
  for (const source of sources) {
    const ids = rows.filter((row) => row.source === source.name).map((row) => row.rowId);
    found.set(source.name, await readRows(ctx.tx.db, source, ids));
  }
  const salts = newSalts(rows.length);
  const entries: store.EntryRow[] = [];
  const leaves: Buffer[] = [];
  for (const [index, { source, rowId }] of rows.entries()) {
    const salt = salts.subarray(index * 16, (index + 1) * 16);
    const ofSource = found.get(source);
    if (ofSource === undefined) throw new Error(`nobody says what the rows of ${source} are`);
    const row = ofSource.get(rowId);
    // A row that went before it was sealed keeps its place, so that its absence is sealed.
    const entry =
      row === undefined ? formatMissing(source, rowId, salt) : formatEntry({ source, id: rowId, row }, salt);
    entries.push({ position: firstPosition + index, source, rowId, salt });
    leaves.push(leafHash(entry));
  }
  return { entries, leaves };
}

/** The last tile of every level, as far as it has grown. */
type Edge = { tile: number; hashes: Buffer }[];

async function readEdge(ctx: Ctx, size: number): Promise<Edge> {
  const edge: Edge = [];
  for (const level of levelsOf(Math.max(size, 1))) {
    const { full, partial } = tilesOf(level, size);
    const hashes = partial === 0 ? Buffer.alloc(0) : await store.tileReader(ctx.tx.db)(level, full, partial);
    edge.push({ tile: full, hashes: Buffer.from(hashes) });
  }
  return edge;
}

/** Throws a RangeError when a hash that the root needs is not there. */
async function rootOfEdge(edge: Edge, size: number): Promise<Buffer> {
  const [root = emptyRoot] = await hashesOf([{ start: 0, end: size }], size, async (level, tile) => {
    const last = edge[level];
    return last?.tile === tile ? last.hashes : Buffer.alloc(0);
  });
  return root;
}

/** Adds the leaves to the edge and gives every tile that changed. */
function grow(edge: Edge, leaves: readonly Buffer[]): store.TileRow[] {
  const changed: store.TileRow[] = [];
  const tileBytes = tileWidth * hashBytes;
  let added = Buffer.concat(leaves);
  for (let level = 0; added.length > 0; level += 1) {
    const last = edge[level] ?? { tile: 0, hashes: Buffer.alloc(0) };
    let { tile } = last;
    let rest = Buffer.concat([last.hashes, added]);
    const roots: Buffer[] = [];
    while (rest.length >= tileBytes) {
      const hashes = rest.subarray(0, tileBytes);
      changed.push({ level, tile, hashes });
      roots.push(rootOf(hashes));
      rest = rest.subarray(tileBytes);
      tile += 1;
    }
    if (rest.length > 0) changed.push({ level, tile, hashes: rest });
    edge[level] = { tile, hashes: rest };
    added = Buffer.concat(roots);
  }
  return changed;
}
