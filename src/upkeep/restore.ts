import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '#platform/log';
import { type Database, migrate, openDatabase, startEmbedded } from '#platform/postgres';
import { readPrivate, replacePrivate } from '#platform/private-file';
import { sha256Hex } from '#platform/random';
import { type BackupFolder, backupIds, lockFolder, partLabel, readAbout } from './backup-folder.ts';
import type { BackupKeys } from './backup-key.ts';
import { isMissing, sizeOf } from './durable-copy.ts';
import { readPart, readPartText } from './envelope.ts';
import type { UnfinishedJob } from './export-tables.ts';
import { importTables } from './import-tables.ts';
import { type Manifest, readManifest } from './manifest.ts';
import type { Report } from './progress.ts';
import { restoreCluster, type Until } from './restore-cluster.ts';

export interface RestorePlan {
  readonly folder: BackupFolder;
  readonly keys: BackupKeys;
  readonly backupKeyFile: string;
  readonly dataFolder: string;
  /** Undefined: the built-in database, in the data folder. */
  readonly databaseUrl: string | undefined;
  /** A backup by its name, at its own moment; absent takes the newest. */
  readonly backupId: string | undefined;
  /** A moment that the archived log reaches, or its end; absent is the moment of the backup. */
  readonly until: Until | undefined;
  /** Where each key file goes, by the name it has in a backup. */
  readonly keyFiles: Readonly<Record<string, string>>;
  readonly log: Logger;
  readonly report: Report;
}

/** A database that is back, and what it came from. */
export interface RestoredDatabase {
  readonly manifest: Manifest;
  /** Whether the log was replayed, so that the database may be newer than the manifest. */
  readonly isReplayed: boolean;
  readonly db: Database;
  /** To be enqueued again; empty where the queue came back with the cluster. */
  readonly jobs: readonly UnfinishedJob[];
  readonly stop: () => Promise<void>;
}

const progressFile = 'restoring.json';

/** Whether a restore into this folder was begun and did not come to its end: nothing may start on it. */
export async function isHalfRestored(dataFolder: string): Promise<boolean> {
  return (await readPrivate(join(dataFolder, progressFile))) !== undefined;
}

/** @throws Error that says how to end a restore that was begun and cut off. */
export async function refuseHalfRestored(dataFolder: string): Promise<void> {
  if (!(await isHalfRestored(dataFolder))) return;
  throw new Error(
    `a restore into ${dataFolder} was begun and did not end. Repeat the same "firstlight restore", or empty the folder.`,
  );
}

/** The folder may be started from now on. */
export async function releaseFolder(dataFolder: string): Promise<void> {
  await rm(join(dataFolder, progressFile), { force: true });
}

/**
 * Brings keys and database back onto an empty machine. What was interrupted goes on when it is called again with the
 * same backup and moment.
 * @throws Error with one clear sentence when the folder is not empty, the key is not the one, or the backup is damaged.
 */
export async function restoreDatabase(plan: RestorePlan): Promise<RestoredDatabase> {
  const { folder, keys, dataFolder, databaseUrl } = plan;
  const unlock = await lockFolder(folder);
  try {
    const manifest = await chooseBackup(plan);
    const { until } = plan;
    if (until !== undefined && databaseUrl !== undefined) {
      throw new Error(
        'A point in time can be restored into the built-in database only. Leave out --at, or use the tools of the server that DATABASE_URL names.',
      );
    }
    await takeFolder(plan, manifest);
    await restoreKeys(plan, manifest);
    if (manifest.bureau.isDemonstration) await writeFile(join(dataFolder, 'demonstration'), '');
    const keyId = (await readAbout(folder, manifest.id))?.keyId ?? keys.current.id;
    if (until !== undefined && manifest.cluster !== undefined) {
      const { id, cluster: facts } = manifest;
      const embedded = await restoreCluster({
        ...{ folder, keys, keyFile: plan.backupKeyFile, id, keyId, facts, until },
        ...{ dataFolder, log: plan.log, report: plan.report },
      });
      const db = openDatabase(embedded.url);
      await migrate(db);
      return { manifest, isReplayed: true, db, jobs: [], stop: () => db.close().then(embedded.stop) };
    }
    return await restoreTables(plan, manifest, keyId);
  } finally {
    await unlock();
  }
}

async function restoreTables(
  plan: RestorePlan,
  manifest: Manifest,
  keyId: string,
): Promise<RestoredDatabase> {
  const { folder, keys, dataFolder, databaseUrl, report } = plan;
  if (databaseUrl === undefined) await rm(join(dataFolder, 'postgres'), { recursive: true, force: true });
  const embedded = databaseUrl === undefined ? await startEmbedded(dataFolder, plan.log) : undefined;
  const db = openDatabase(databaseUrl ?? embedded?.url ?? '');
  const stop = async (): Promise<void> => {
    await db.close();
    await embedded?.stop();
  };
  try {
    const part = readPart(
      folder.part(manifest.id, 'tables'),
      keys.byId(keyId),
      partLabel(manifest.id, 'tables'),
    );
    const client = await db.pool.connect();
    let isSound = false;
    try {
      const migrateTo = async (names: readonly string[]): Promise<void> => {
        await migrate(db, { upTo: names.at(-1) ?? '' });
      };
      const tail = await importTables(client, part, migrateTo, report);
      isSound = true;
      await migrate(db);
      return { manifest, isReplayed: false, db, jobs: tail.jobs, stop };
    } finally {
      client.release(!isSound);
    }
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The one that was named; else the newest that reaches the moment; else the newest. */
async function chooseBackup(plan: RestorePlan): Promise<Manifest> {
  const { folder, keys, backupId, until } = plan;
  if (backupId !== undefined) return await readManifest(folder, keys, backupId);
  for (const id of (await backupIds(folder)).toReversed()) {
    if ((await sizeOf(folder.part(id, 'manifest'))) === undefined) continue;
    const manifest = await readManifest(folder, keys, id);
    if (until === undefined) return manifest;
    if (manifest.cluster === undefined) continue;
    if (until === 'latest' || until.getTime() >= Date.parse(manifest.cluster.stoppedAt)) return manifest;
  }
  throw new Error(
    until === undefined
      ? `There is no complete backup in ${folder.path}.`
      : `No backup in ${folder.path} holds the built-in database from before that moment with its log. "firstlight backup list" shows from when on a point in time can be reached.`,
  );
}

/** An empty folder, but for keys that somebody put there; or one that the same restore was begun in. */
async function takeFolder(plan: RestorePlan, manifest: Manifest): Promise<void> {
  const { dataFolder, databaseUrl, until } = plan;
  const wanted = JSON.stringify({
    backup: manifest.id,
    until: until instanceof Date ? until.toISOString() : (until ?? null),
    database: databaseUrl === undefined ? null : sha256Hex(databaseUrl),
  });
  const path = join(dataFolder, progressFile);
  const standing = await readPrivate(path);
  if (standing !== undefined) {
    if (standing.trim() === wanted) return;
    throw new Error(
      `Another restore into ${dataFolder} was begun and did not end: ${standing.trim()}. Repeat that one, or name an empty folder with --to.`,
    );
  }
  const names = (await namesIn(dataFolder)).filter((name) => name !== 'keys');
  if (names.length > 0) {
    throw new Error(
      `${dataFolder} is not empty (${names.slice(0, 3).join(', ')}). A restore never writes over anything: name an empty folder with --to.`,
    );
  }
  if (databaseUrl !== undefined) await refuseFullDatabase(databaseUrl);
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  await replacePrivate(path, `${wanted}\n`);
}

async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function refuseFullDatabase(url: string): Promise<void> {
  const db = openDatabase(url, { max: 1 });
  try {
    const { rows } = await db.pool.query<{ tables: string }>(
      `select count(*)::text as tables from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind = 'r' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`,
    );
    if (rows[0]?.tables !== '0') {
      throw new Error(
        'The database that DATABASE_URL names holds tables already. Make an empty one and name that.',
      );
    }
  } finally {
    await db.close();
  }
}

/** Keys that stand there already must be the ones of the backup. */
async function restoreKeys(plan: RestorePlan, manifest: Manifest): Promise<void> {
  const { folder, keys, keyFiles } = plan;
  if (manifest.keys.length === 0) {
    for (const path of Object.values(keyFiles)) {
      if ((await stat(path).catch(() => undefined)) !== undefined) continue;
      throw new Error(
        `This backup was made without keys, and ${path} is not there. Put the copy that was kept apart there, readable by its owner only, then repeat this.`,
      );
    }
    return;
  }
  const about = await readAbout(folder, manifest.id);
  const text = await readPartText(
    folder.part(manifest.id, 'keys'),
    keys.byId(about?.keyId ?? ''),
    partLabel(manifest.id, 'keys'),
  );
  for (const [name, content] of Object.entries(JSON.parse(text) as Record<string, string>)) {
    const path = keyFiles[name];
    if (path === undefined)
      throw new Error(`The backup holds a key file ${name} that this release does not know.`);
    const standing = await readPrivate(path);
    if (standing !== undefined && standing !== content) {
      throw new Error(`${path} is there and is not the one of the backup. Move it away, then repeat this.`);
    }
    await replacePrivate(path, content);
  }
}
