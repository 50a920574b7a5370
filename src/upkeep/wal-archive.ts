import { createReadStream } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { createGunzip, createGzip } from 'node:zlib';
import { createPrivate, readPrivate } from '#platform/private-file';
import { newUuid } from '#platform/random';
import { type BackupFolder, openBackupFolder } from './backup-folder.ts';
import { type BackupKeys, openBackupKeys } from './backup-key.ts';
import { copyDurably, isMissing, sizeOf } from './durable-copy.ts';
import { readPart, writePart } from './envelope.ts';

/**
 * The log of the built-in database, one encrypted file for each of PostgreSQL's, under the id of the cluster's archive.
 * A restored cluster begins an archive of its own, so that two that have the same past never write over each other.
 */

/** PostgreSQL's own names: segments, whole and as a promotion cut them, notes of base copies, histories of timelines. */
const walForm = /^([0-9A-F]{24}(\.[0-9A-F]{8}\.backup|\.partial)?|[0-9A-F]{8}\.history)$/;
const archiveIdForm = /^[0-9a-f-]{36}$/;

/** The archive that a data folder's cluster writes to; made when it is first asked for. */
export async function archiveIdOf(dataFolder: string): Promise<string> {
  const text = await createPrivate(join(dataFolder, 'postgres', 'archive-id'), `${newUuid()}\n`);
  const id = text.trim();
  if (!archiveIdForm.test(id))
    throw new Error(`${join(dataFolder, 'postgres', 'archive-id')} holds no id. Remove it.`);
  return id;
}

export async function hasArchive(dataFolder: string): Promise<boolean> {
  return (await readPrivate(join(dataFolder, 'postgres', 'archive-id'))) !== undefined;
}

/** How PostgreSQL calls the two programs: it puts the file's path for %p and its name for %f. */
export function archiveCommand(folder: string, keyFile: string, archiveId: string): string {
  return commandOf('archive-wal.ts', [folder, keyFile, archiveId], ['%p', '%f']);
}

export function restoreCommand(folder: string, keyFile: string, archiveId: string): string {
  return commandOf('fetch-wal.ts', [folder, keyFile, archiveId], ['%f', '%p']);
}

function commandOf(program: string, words: readonly string[], placeholders: readonly string[]): string {
  const path = fileURLToPath(new URL(`./${program}`, import.meta.url));
  const quoted = [process.execPath, path, ...words].map(
    (word) => `'${word.replaceAll('%', '%%').replaceAll("'", "'\\''")}'`,
  );
  return [...quoted, ...placeholders].join(' ');
}

/** Archives one file. A name that is taken must hold the same bytes, as after a crash between archiving and noting it. */
async function archiveWal(
  folder: BackupFolder,
  keys: BackupKeys,
  archiveId: string,
  path: string,
  name: string,
): Promise<void> {
  refuseOtherNames(name);
  const target = join(folder.wal(archiveId), name);
  if ((await sizeOf(target)) !== undefined) {
    if (await isSame(path, fetchWal(folder, keys, archiveId, name))) return;
    throw new Error(`${target} is there already and holds something else.`);
  }
  const zipped = createGzip({ level: 1 });
  pipeline(createReadStream(path), zipped, () => undefined);
  await writePart(target, keys.current, labelOf(archiveId, name), zipped);
}

/** The bytes of one archived file. @throws IntegrityFault when it is damaged */
async function* fetchWal(
  folder: BackupFolder,
  keys: BackupKeys,
  archiveId: string,
  name: string,
): AsyncGenerator<Buffer> {
  const clear = createGunzip();
  const sealed = readPart(join(folder.wal(archiveId), name), keys.any, labelOf(archiveId, name));
  let failure: unknown;
  pipeline(Readable.from(sealed, { objectMode: false }), clear, (error) => {
    failure = error;
  });
  try {
    yield* clear as AsyncIterable<Buffer>;
  } catch (error) {
    throw failure ?? error;
  }
}

function labelOf(archiveId: string, name: string): string {
  return `wal/${archiveId}/${name}`;
}

async function isSame(path: string, bytes: AsyncIterable<Buffer>): Promise<boolean> {
  const file = createReadStream(path);
  const there: Buffer[] = [];
  for await (const chunk of bytes) there.push(chunk);
  const here: Buffer[] = [];
  for await (const chunk of file) here.push(chunk as Buffer);
  return Buffer.concat(there).equals(Buffer.concat(here));
}

/** Segments by name with when they were archived, the oldest first. */
export async function archivedWal(
  folder: BackupFolder,
  archiveId: string,
): Promise<readonly { readonly name: string; readonly at: Date }[]> {
  const path = folder.wal(archiveId);
  const names = await readdir(path).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const found = names.filter((name) => walForm.test(name)).sort();
  return await Promise.all(found.map(async (name) => ({ name, at: (await stat(join(path, name))).mtime })));
}

/** Removes the segments that no kept copy of a cluster starts from any more; histories stay. */
export async function pruneWal(
  folder: BackupFolder,
  oldestKept: ReadonlyMap<string, string>,
): Promise<number> {
  const archives = await readdir(join(folder.path, 'wal')).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  let removed = 0;
  for (const archiveId of archives.filter((name) => archiveIdForm.test(name))) {
    const oldest = oldestKept.get(archiveId);
    // An archive without any kept copy cannot be replayed by anybody, but it may belong to a first copy under way.
    if (oldest === undefined) continue;
    for (const { name } of await archivedWal(folder, archiveId)) {
      // Compared without the timeline, which the first eight digits are.
      if (name.endsWith('.history') || name.slice(8, 24) >= oldest.slice(8)) continue;
      await rm(join(folder.wal(archiveId), name), { force: true });
      removed += 1;
    }
  }
  return removed;
}

function refuseOtherNames(name: string): void {
  if (!walForm.test(name)) throw new Error(`${name} is no name of a file of PostgreSQL's log.`);
}

/** Runs as PostgreSQL's archive_command: only status 0 lets PostgreSQL forget the segment. */
export async function runArchiveWal(words: readonly string[]): Promise<void> {
  const [folder = '', keyFile = '', archiveId = '', path = '', name = ''] = words;
  // Refuses a folder whose disk is not mounted.
  await archiveWal(await openBackupFolder(folder), await openBackupKeys(keyFile), archiveId, path, name);
}

/** Runs as PostgreSQL's restore_command. @returns false where the archive has no such file, which ends the replay */
export async function runFetchWal(words: readonly string[]): Promise<boolean> {
  const [folder = '', keyFile = '', archiveId = '', name = '', path = ''] = words;
  const backups = await openBackupFolder(folder);
  if (!walForm.test(name) || (await sizeOf(join(backups.wal(archiveId), name))) === undefined) return false;
  await copyDurably(`${path}.fetched`, fetchWal(backups, await openBackupKeys(keyFile), archiveId, name));
  await rename(`${path}.fetched`, path);
  return true;
}
