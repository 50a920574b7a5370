import type { AuditStrays } from '#contract/audit-log';
import { formatEntry, formatMissing } from '#proof/log-entry';
import { hashBytes } from '#proof/merkle';
import { formatNote, parseNote, parseSignatureLines } from '#proof/note';
import { tarEnd, tarFile } from '#proof/tar';
import { formatBundle, formatTilePath, levelsOf, tilesOf, tileWidth } from '#proof/tiles';
import type { Ctx } from '../ctx.ts';
import { type LogSource, readRows, type SourceRow } from './sources.ts';
import * as store from './store.ts';
import { findStrays } from './strays.ts';

/** Runs a deed in one committed transaction; the caller says as whom. */
type RunDeed = <T>(work: (ctx: Ctx) => Promise<T>) => Promise<T>;

export interface ExportParts {
  readonly sources: readonly LogSource[];
  readonly verifierKeys: readonly string[];
  /** Verifier keys of the witnesses that are asked. */
  readonly witnessKeys: readonly string[];
}

/** So many bundles are read in one transaction. */
const bundlesAtOnce = 16;

/**
 * The log as files in a tar, in the order in which they can be checked while they arrive: keys and checkpoint, then
 * every bundle of entries with its tile of hashes, higher tiles as soon as they are full, and last what stands in
 * the lists and not in the log. Entries are written from the rows as they are now, hashes as they were sealed.
 */
export async function* exportLog(
  run: RunDeed,
  parts: ExportParts,
  checkpoint: store.CheckpointRow,
  fromBundle: number,
): AsyncGenerator<Buffer> {
  const { size } = checkpoint;
  yield tarFile('verifier-keys', Buffer.from(linesOf(parts.verifierKeys)));
  yield tarFile('witness-keys', Buffer.from(linesOf(parts.witnessKeys)));
  const cosigned = await run(async (ctx) => await withCosignatures(ctx, checkpoint));
  yield tarFile('checkpoint', Buffer.from(cosigned));
  const { full, partial } = tilesOf(0, size);
  const bundles = full + (partial > 0 ? 1 : 0);
  for (let first = fromBundle; first < bundles; first += bundlesAtOnce) {
    const count = Math.min(bundlesAtOnce, bundles - first);
    for (const file of await run(async (ctx) => await readBundles(ctx, parts.sources, size, first, count)))
      yield tarFile(file.name, file.bytes);
    for (const level of levelsOf(size).slice(1)) {
      const tiles = await run(
        async (ctx) => await tilesFilledBy(ctx, level, size, { first, end: first + count }),
      );
      for (const file of tiles) yield tarFile(file.name, file.bytes);
    }
  }
  const strays = await run(async (ctx) => await findStrays(ctx, parts.sources));
  yield tarFile('strays.json', Buffer.from(JSON.stringify(strays satisfies AuditStrays)));
  yield tarEnd();
}

/** The checkpoint with what witnesses signed besides. */
export async function withCosignatures(ctx: Ctx, checkpoint: store.CheckpointRow): Promise<string> {
  const note = parseNote(checkpoint.note);
  if (note.kind === 'bad') return checkpoint.note;
  const lines = await store.cosignatureLines(ctx.tx.db, checkpoint.size);
  const more = lines.flatMap((line) => {
    const parsed = parseSignatureLines(line);
    return parsed.kind === 'ok' ? parsed.value : [];
  });
  return formatNote({ ...note.value, signatures: [...note.value.signatures, ...more] });
}

interface ExportFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Bundles of entries, each followed by its tile of hashes. */
export async function readBundles(
  ctx: Ctx,
  sources: readonly LogSource[],
  size: number,
  first: number,
  count: number,
): Promise<ExportFile[]> {
  const start = first * tileWidth;
  const end = Math.min(size, (first + count) * tileWidth);
  const entries = await entriesOf(ctx, sources, start, end);
  const tiles = await store.tilesBetween(ctx.tx.db, 0, first, count);
  return Array.from({ length: count }, (_, nth) => {
    const index = first + nth;
    const width = Math.min(tileWidth, size - index * tileWidth);
    const name = { index, width };
    const bundle = formatBundle(entries.slice(nth * tileWidth, nth * tileWidth + width));
    const hashes = (tiles.get(index) ?? Buffer.alloc(0)).subarray(0, width * hashBytes);
    return [
      { name: formatTilePath({ kind: 'entries', ...name }), bytes: bundle },
      { name: formatTilePath({ kind: 0, ...name }), bytes: hashes },
    ];
  }).flat();
}

/** The entries as their rows read now; one whose row or position is gone says so and hashes to nothing sealed. */
async function entriesOf(
  ctx: Ctx,
  sources: readonly LogSource[],
  start: number,
  end: number,
): Promise<Buffer[]> {
  const { db } = ctx.tx;
  const known = new Map(
    (await store.entriesBetween(db, start, end - start)).map((row) => [row.position, row]),
  );
  const rows = new Map<string, ReadonlyMap<string, SourceRow>>();
  for (const source of sources) {
    const ids = [...known.values()].filter((row) => row.source === source.name).map((row) => row.rowId);
    rows.set(source.name, await readRows(db, source, ids));
  }
  return Array.from({ length: end - start }, (_, nth) => {
    const entry = known.get(start + nth);
    if (entry === undefined) return Buffer.alloc(0);
    const { source, rowId: id, salt } = entry;
    const row = rows.get(source)?.get(id);
    return row === undefined ? formatMissing(source, id, salt) : formatEntry({ source, id, row }, salt);
  });
}

/** The tiles of a level whose last hash comes from these bundles, and the partial one when they are the last. */
async function tilesFilledBy(
  ctx: Ctx,
  level: number,
  size: number,
  bundles: { readonly first: number; readonly end: number },
): Promise<ExportFile[]> {
  const { full, partial } = tilesOf(level, size);
  const perTile = tileWidth ** level;
  const isLast = bundles.end * tileWidth >= size;
  const first = Math.floor(bundles.first / perTile);
  const end = Math.min(Math.floor(bundles.end / perTile), full);
  const wanted = isLast && partial > 0 ? end + 1 : end;
  if (wanted <= first) return [];
  const tiles = await store.tilesBetween(ctx.tx.db, level, first, wanted - first);
  return Array.from({ length: wanted - first }, (_, nth) => {
    const index = first + nth;
    const width = index < full ? tileWidth : partial;
    const hashes = (tiles.get(index) ?? Buffer.alloc(0)).subarray(0, width * hashBytes);
    return { name: formatTilePath({ kind: level, index, width }), bytes: hashes };
  });
}

function linesOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
