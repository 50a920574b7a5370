import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { UpkeepConfig } from '#platform/config-upkeep';
import type { ClusterPlace } from './backup-cluster.ts';
import { makeBackupFolder } from './backup-folder.ts';
import { openOrMakeBackupKeys } from './backup-key.ts';
import { archiveCommand, archiveIdOf, hasArchive } from './wal-archive.ts';

/**
 * What the built-in database needs to keep its log in the backup folder; undefined where none is configured. Folder
 * and key are made the first time. Later a folder that is not there, because its disk is not mounted, stops nobody:
 * the database keeps its log until it can hand it on.
 */
export async function archivingFor(dataFolder: string, config: UpkeepConfig): Promise<string | undefined> {
  const { backupFolder, backupKeyFile } = config;
  if (backupFolder === undefined) return undefined;
  if (!(await hasArchive(dataFolder))) {
    await makeBackupFolder(backupFolder);
    await openOrMakeBackupKeys(backupKeyFile);
  }
  return archiveCommand(backupFolder, backupKeyFile, await archiveIdOf(dataFolder));
}

/** What the built-in database of a data folder is, for copying it. */
export async function clusterPlaceOf(dataFolder: string): Promise<ClusterPlace> {
  const cluster = join(dataFolder, 'postgres', 'cluster');
  const major = (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim();
  return { cluster, archiveId: await archiveIdOf(dataFolder), major };
}
