import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BackupFolder, backupIds, lockFolder, readAbout } from './backup-folder.ts';
import type { BackupKeys } from './backup-key.ts';
import { placeIdOf, readCatalogue } from './catalogue.ts';
import { isMissing, sizeOf } from './durable-copy.ts';
import { readManifest } from './manifest.ts';
import type { Report } from './progress.ts';
import { pruneWal } from './wal-archive.ts';

export interface Pruned {
  readonly kept: readonly string[];
  readonly removedBackups: readonly string[];
  readonly removedFiles: number;
  readonly removedBytes: number;
  readonly removedWal: number;
}

/**
 * Keeps the newest complete backups and removes the others, then the evidence and the log that only those needed.
 * Every kept catalogue is read first: when one cannot be, nothing is removed.
 * @param keep at least 1
 */
export async function pruneBackups(
  folder: BackupFolder,
  keys: BackupKeys,
  keep: number,
  report: Report,
): Promise<Pruned> {
  const unlock = await lockFolder(folder);
  try {
    const ids = (await backupIds(folder)).toReversed();
    const complete: string[] = [];
    for (const id of ids) if ((await sizeOf(folder.part(id, 'manifest'))) !== undefined) complete.push(id);
    const kept = complete.slice(0, keep);
    if (kept.length === 0) {
      throw new Error(`There is no complete backup in ${folder.path}, so nothing was removed.`);
    }
    const needed = await neededBy(folder, keys, kept);
    const removedBackups = ids.filter((id) => !kept.includes(id));
    for (const id of removedBackups) {
      // Without its manifest it counts for nothing, should the rest be interrupted.
      await rm(folder.part(id, 'manifest'), { force: true });
      await rm(folder.backup(id), { recursive: true, force: true });
    }
    const evidence = await removeEvidence(folder, needed.placeIds, report);
    const removedWal = await pruneWal(folder, needed.oldestWal);
    return { kept, removedBackups, ...evidence, removedWal };
  } finally {
    await unlock();
  }
}

interface Needed {
  readonly placeIds: ReadonlySet<string>;
  /** By archive, the first piece of the log that a kept copy of a cluster needs. */
  readonly oldestWal: ReadonlyMap<string, string>;
}

async function neededBy(folder: BackupFolder, keys: BackupKeys, ids: readonly string[]): Promise<Needed> {
  const placeIds = new Set<string>();
  const oldestWal = new Map<string, string>();
  for (const id of ids) {
    const { cluster } = await readManifest(folder, keys, id);
    if (cluster !== undefined) {
      const known = oldestWal.get(cluster.archiveId);
      if (known === undefined || cluster.startWal < known) oldestWal.set(cluster.archiveId, cluster.startWal);
    }
    const about = await readAbout(folder, id);
    for await (const { place } of readCatalogue(folder, keys.byId(about?.keyId ?? ''), id))
      placeIds.add(compact(placeIdOf(place)));
  }
  return { placeIds, oldestWal };
}

/** Half the memory of hex: a bureau may have millions. */
function compact(placeId: string): string {
  return Buffer.from(placeId, 'hex').toString('latin1');
}

async function removeEvidence(
  folder: BackupFolder,
  needed: ReadonlySet<string>,
  report: Report,
): Promise<{ removedFiles: number; removedBytes: number }> {
  let removedFiles = 0;
  let removedBytes = 0;
  const root = join(folder.path, 'evidence');
  for (const part of await namesIn(root)) {
    for (const name of await namesIn(join(root, part))) {
      const isKnown = /^[0-9a-f]{32}$/.test(name);
      if (!isKnown && !name.endsWith('.draft')) continue;
      if (isKnown && needed.has(compact(name))) continue;
      const path = join(root, part, name);
      removedBytes += (await sizeOf(path)) ?? 0;
      await rm(path, { force: true });
      removedFiles += 1;
      report({ phase: 'prune', done: removedFiles, unit: 'files' });
    }
  }
  return { removedFiles, removedBytes };
}

async function namesIn(path: string): Promise<readonly string[]> {
  return await readdir(path).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
}
