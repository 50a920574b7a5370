import { type BackupFolder, backupIds, readAbout } from './backup-folder.ts';
import type { BackupKeys } from './backup-key.ts';
import { sizeOf } from './durable-copy.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { archivedWal } from './wal-archive.ts';

/** One backup as a list shows it. */
export interface ListedBackup {
  readonly id: string;
  readonly startedAt: string | undefined;
  readonly state: 'complete' | 'incomplete' | 'unreadable';
  /** Why it cannot be read; what another key or the disk has to do with it. */
  readonly reason?: string;
  readonly manifest?: Manifest;
  /** Moments that can be reached from it, when its log is kept. */
  readonly reach?: { readonly from: string; readonly to: string };
}

/** Every backup that was begun, the newest first. Needs no bureau; without the right key only names and times show. */
export async function listBackups(
  folder: BackupFolder,
  keys: BackupKeys | undefined,
): Promise<readonly ListedBackup[]> {
  const listed: ListedBackup[] = [];
  for (const id of (await backupIds(folder)).toReversed()) {
    const startedAt = (await readAbout(folder, id))?.startedAt;
    if ((await sizeOf(folder.part(id, 'manifest'))) === undefined) {
      listed.push({ id, startedAt, state: 'incomplete' });
      continue;
    }
    try {
      if (keys === undefined) throw new Error('The backup key is not here.');
      const manifest = await readManifest(folder, keys, id);
      const reach = await reachOf(folder, manifest);
      listed.push({ id, startedAt, state: 'complete', manifest, ...(reach === undefined ? {} : { reach }) });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      listed.push({ id, startedAt, state: 'unreadable', reason });
    }
  }
  return listed;
}

/** The log reaches about as far as its last piece was archived; the gap of a missing piece ends it. */
async function reachOf(
  folder: BackupFolder,
  { cluster }: Manifest,
): Promise<{ readonly from: string; readonly to: string } | undefined> {
  if (cluster === undefined) return undefined;
  const pieces = await archivedWal(folder, cluster.archiveId);
  const last = pieces.filter(({ name }) => name.length === 24 && name >= cluster.stopWal).at(-1);
  if (last === undefined) return undefined;
  return { from: cluster.stoppedAt, to: last.at.toISOString() };
}
