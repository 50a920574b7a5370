import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { readPrivate, replacePrivate } from '#platform/private-file';
import { newPlaceId } from '#platform/random';
import { isMissing } from './durable-copy.ts';

/**
 * What a backup folder looks like:
 *
 *   firstlight-backup.json    says what the folder is, so that nobody prunes a folder of something else
 *   evidence/ab/<id>          sealed evidence as the vault has it, once, for all backups
 *   backups/<backup>/         about.json, then tables, evidence, keys and cluster, and last of all manifest
 *   wal/<archive>/            the built-in database's own log since its first cluster copy, for a point in time
 *   erasures/                 what was erased for good: never comes back, whichever backup is restored
 *
 * Everything but the two small JSON files is encrypted; evidence was encrypted before it came. A backup without a
 * manifest is not complete: it is never restored, and the next backup or prune takes it away.
 */
export interface BackupFolder {
  readonly path: string;
  readonly evidence: (placeId: string) => string;
  readonly backup: (id: string) => string;
  readonly part: (id: string, part: PartName) => string;
  readonly wal: (archiveId: string) => string;
  readonly erasures: string;
}

export type PartName =
  | 'about.json'
  | 'tables'
  | 'evidence'
  | 'evidence-before'
  | 'keys'
  | 'cluster'
  | 'manifest';

/** The only thing of a backup that is readable without the key. */
export interface About {
  readonly version: 1;
  readonly id: string;
  readonly keyId: string;
  readonly startedAt: string;
}

const markFile = 'firstlight-backup.json';
const idForm = /^\d{8}T\d{9}Z-[0-9a-f]{6}$/;

function backupFolderAt(path: string): BackupFolder {
  const backup = (id: string): string => {
    if (!idForm.test(id))
      throw new Error(`${id} is not the name of a backup. "firstlight backup list" shows them.`);
    return join(path, 'backups', id);
  };
  return {
    path,
    evidence: (placeId) => join(path, 'evidence', placeId.slice(0, 2), placeId),
    backup,
    part: (id, part) => join(backup(id), part),
    wal: (archiveId) => join(path, 'wal', archiveId),
    erasures: join(path, 'erasures'),
  };
}

/** What names a part inside its encryption. */
export function partLabel(id: string, part: PartName): string {
  return `${id}/${part}`;
}

/** Makes the folder, or takes one that is a backup folder already. @throws Error when it holds anything else */
export async function makeBackupFolder(path: string): Promise<BackupFolder> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if ((await readPrivate(join(path, markFile))) === undefined) {
    const names = await readdir(path);
    if (names.length > 0) {
      throw new Error(
        `${path} holds other things (${names.slice(0, 3).join(', ')}). Name an empty folder for backups with --to FOLDER.`,
      );
    }
    await replacePrivate(
      join(path, markFile),
      `${JSON.stringify({ version: 1, what: 'firstlight backups' })}\n`,
    );
  }
  return await openBackupFolder(path);
}

/** @throws Error that says what to do when it is not a backup folder. */
export async function openBackupFolder(path: string): Promise<BackupFolder> {
  const text = await readPrivate(join(path, markFile)).catch(() => undefined);
  if (text === undefined) {
    throw new Error(
      `There are no backups in ${path}. Name the folder with --to or --from FOLDER, or set FIRSTLIGHT_BACKUP_FOLDER; mount its disk first.`,
    );
  }
  return backupFolderAt(path);
}

/** Sorts by time. */
export function newBackupId(now: Date): string {
  const time = now.toISOString().replaceAll(/[-:.]/g, '');
  return `${time}-${newPlaceId().slice(0, 6)}`;
}

/** Names of every backup that was begun, the oldest first. */
export async function backupIds(folder: BackupFolder): Promise<readonly string[]> {
  const names = await readdir(join(folder.path, 'backups')).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  return names.filter((name) => idForm.test(name)).sort();
}

export async function readAbout(folder: BackupFolder, id: string): Promise<About | undefined> {
  const text = await readPrivate(folder.part(id, 'about.json'));
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as About;
  } catch {
    return undefined;
  }
}

/** Keeps a second writer out of the folder, also one on another machine; one that was killed is passed over here. */
export async function lockFolder(folder: BackupFolder): Promise<() => Promise<void>> {
  const path = join(folder.path, 'lock');
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      const handle = await open(path, 'wx', 0o600);
      await handle.writeFile(JSON.stringify({ host: hostname(), pid: process.pid }));
      await handle.close();
      return async () => await rm(path, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      const holder = await lockHolder(path);
      if (holder === 'gone') await rm(path, { force: true });
      else
        throw new Error(
          `${holder} is writing to ${folder.path}. Wait for it; if it is gone for good, remove ${path}.`,
        );
    }
  }
  throw new Error(`Another process is writing to ${folder.path}. Wait for it to end.`);
}

async function lockHolder(path: string): Promise<string> {
  try {
    const { host, pid } = JSON.parse(await readFile(path, 'utf8')) as { host: string; pid: number };
    if (host !== hostname()) return `Process ${pid} on ${host}`;
    return isRunning(pid) ? `Process ${pid}` : 'gone';
  } catch {
    return 'Another process';
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
