import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseCheckpoint } from '#proof/checkpoint';
import { formatTilePath, levelsOf, parseTilePath, tilesOf, tileWidth } from '#proof/tiles';

/** Files of an export besides the tiles. The checkpoint is written last: with it the export is whole. */
const singleFiles = new Set(['verifier-keys', 'witness-keys', 'strays.json']);
const checkpointFile = 'checkpoint';
/** Checkpoints of earlier exports into the same folder: the log must continue them. */
const earlierFolder = 'earlier';
/** What one request reads at once: tiles above a bundle come no later than so many bundles after it. */
const bundlesBack = 16;

export interface ExportFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/** How many bundles, from the first on, are whole in this folder and need not be fetched again. */
export function bundlesIn(folder: string): number {
  let index = 0;
  const isWhole = (kind: 'entries' | 0) =>
    existsSync(join(folder, formatTilePath({ kind, index, width: tileWidth })));
  while (isWhole('entries') && isWhole(0)) index += 1;
  return Math.max(0, index - bundlesBack);
}

/** Writes one file of an export; false for a name that no export has. */
export async function writeExportFile(folder: string, { name, bytes }: ExportFile): Promise<boolean> {
  if (parseTilePath(name) === undefined && !singleFiles.has(name)) return false;
  await writeWhole(join(folder, name), bytes);
  return true;
}

/** Ends an export: the checkpoint before it is kept beside it, and partial tiles that have grown since go. */
export async function finishExport(folder: string, checkpoint: string): Promise<void> {
  const old = await readFile(join(folder, checkpointFile), 'utf8').catch(() => undefined);
  const parsed = old === undefined ? undefined : parseCheckpoint(old);
  if (old !== undefined && old !== checkpoint && parsed?.kind === 'ok')
    await writeWhole(join(folder, earlierFolder, `${parsed.value.size}`), Buffer.from(old));
  await writeWhole(join(folder, checkpointFile), Buffer.from(checkpoint));
  const now = parseCheckpoint(checkpoint);
  if (parsed?.kind !== 'ok' || now.kind !== 'ok' || parsed.value.size === now.value.size) return;
  for (const file of partialTilesOf(parsed.value.size)) {
    if (!partialTilesOf(now.value.size).includes(file)) await rm(join(folder, file), { force: true });
  }
}

function partialTilesOf(size: number): string[] {
  return levelsOf(size).flatMap((level) => {
    const { full, partial } = tilesOf(level, size);
    if (partial === 0) return [];
    const name = { index: full, width: partial };
    const tile = formatTilePath({ kind: level, ...name });
    return level === 0 ? [tile, formatTilePath({ kind: 'entries', ...name })] : [tile];
  });
}

async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.part`;
  await writeFile(draft, bytes, { mode: 0o600 });
  await rename(draft, path);
}

export interface ExportHead {
  readonly checkpoint: string | undefined;
  readonly verifierKeys: readonly string[];
  readonly earlier: readonly string[];
}

export async function readHead(folder: string): Promise<ExportHead> {
  const read = async (name: string) => await readFile(join(folder, name), 'utf8').catch(() => undefined);
  const earlier = await readdir(join(folder, earlierFolder)).catch(() => []);
  return {
    checkpoint: await read(checkpointFile),
    verifierKeys: ((await read('verifier-keys')) ?? '').split('\n').filter((line) => line !== ''),
    earlier: await Promise.all(
      earlier
        .filter((name) => /^\d+$/.test(name))
        .sort((one, other) => Number(one) - Number(other))
        .map(async (name) => await readFile(join(folder, earlierFolder, name), 'utf8')),
    ),
  };
}

/** So many files are being read while one is being checked. */
const filesAhead = 32;

/** The files of an export of this size in the order in which they are verified; those that are not there are left out. */
export async function* readExport(folder: string, size: number): AsyncGenerator<ExportFile> {
  const waiting: Promise<ExportFile | undefined>[] = [];
  for (const name of namesOf(size)) {
    waiting.push(
      readFile(join(folder, name)).then(
        (bytes) => ({ name, bytes }),
        () => undefined,
      ),
    );
    if (waiting.length < filesAhead) continue;
    const file = await waiting.shift();
    if (file !== undefined) yield file;
  }
  for (const next of waiting) {
    const file = await next;
    if (file !== undefined) yield file;
  }
}

function* namesOf(size: number): Generator<string> {
  const { full, partial } = tilesOf(0, size);
  const bundles = full + (partial > 0 ? 1 : 0);
  for (let index = 0; index < bundles; index += 1) {
    const width = index < full ? tileWidth : partial;
    yield formatTilePath({ kind: 'entries', index, width });
    yield formatTilePath({ kind: 0, index, width });
    for (const level of levelsOf(size).slice(1)) {
      const perTile = tileWidth ** level;
      const tiles = tilesOf(level, size);
      const tile = Math.floor(index / perTile);
      if (tile < tiles.full && (index + 1) % perTile === 0)
        yield formatTilePath({ kind: level, index: tile, width: tileWidth });
      else if (index === bundles - 1 && tile === tiles.full && tiles.partial > 0)
        yield formatTilePath({ kind: level, index: tile, width: tiles.partial });
    }
  }
  yield 'strays.json';
}
