import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import type { Logger } from '#platform/log';
import { type Embedded, openDatabase, startEmbedded } from '#platform/postgres';
import { type BackupFolder, partLabel } from './backup-folder.ts';
import type { BackupKeys } from './backup-key.ts';
import { copyDurably } from './durable-copy.ts';
import { readPart } from './envelope.ts';
import type { ClusterFacts } from './manifest.ts';
import type { Report } from './progress.ts';
import { restoreCommand } from './wal-archive.ts';

/** A moment, or the end of the archived log. */
export type Until = Date | 'latest';

export interface ClusterRestore {
  readonly folder: BackupFolder;
  readonly keys: BackupKeys;
  readonly keyFile: string;
  readonly id: string;
  readonly keyId: string;
  readonly facts: ClusterFacts;
  readonly until: Until;
  readonly dataFolder: string;
  readonly log: Logger;
  readonly report: Report;
}

/**
 * Unpacks the copy of a cluster into an empty data folder and lets PostgreSQL replay its log up to a moment. The
 * server that is given back takes writes.
 * @throws Error that says what to do when the log does not reach that moment, or when a piece of it is damaged.
 */
export async function restoreCluster(restore: ClusterRestore): Promise<Embedded> {
  const { dataFolder, log, until } = restore;
  const home = join(dataFolder, 'postgres');
  const cluster = join(home, 'cluster');
  await rm(home, { recursive: true, force: true });
  await unpack(restore, cluster);
  await writeFile(join(cluster, 'postgresql.auto.conf'), recoverySettings(restore), { mode: 0o600 });
  await writeFile(join(cluster, 'recovery.signal'), '', { mode: 0o600 });
  let embedded: Embedded;
  try {
    embedded = await startEmbedded(dataFolder, log);
  } catch (error) {
    throw explained(error, until);
  }
  try {
    await forgetRecovery(embedded);
    return embedded;
  } catch (error) {
    await embedded.stop();
    throw explained(error, until);
  }
}

async function unpack(restore: ClusterRestore, cluster: string): Promise<void> {
  const { folder, keys, id, keyId, report } = restore;
  await mkdir(cluster, { recursive: true, mode: 0o700 });
  const part = readPart(folder.part(id, 'cluster'), keys.byId(keyId), partLabel(id, 'cluster'));
  const unpacked = extract();
  pipeline(Readable.from(part, { objectMode: false }), createGunzip(), unpacked, () => undefined);
  let done = 0;
  for await (const entry of unpacked) {
    const { name, type, size } = entry.header;
    const path = join(cluster, name);
    if (normalize(name).startsWith('..') || !path.startsWith(cluster))
      throw new Error(`${name} leads elsewhere`);
    if (type === 'directory') {
      await mkdir(path, { recursive: true, mode: 0o700 });
      entry.resume();
      continue;
    }
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await copyDurably(path, entry as AsyncIterable<Uint8Array>);
    done += size ?? 0;
    report({ phase: 'database', done, unit: 'bytes' });
  }
}

/** Values in this file stand in single quotes; those inside are doubled, and so is what escapes. */
function recoverySettings({ folder, keyFile, facts, until }: ClusterRestore): string {
  const settings: Record<string, string> = {
    restore_command: restoreCommand(folder.path, keyFile, facts.archiveId),
    recovery_target_timeline: 'latest',
    // Nobody gets in before the replay has ended, so whoever gets in may write.
    hot_standby: 'off',
    ...(until === 'latest'
      ? {}
      : { recovery_target_time: inSettings(until), recovery_target_action: 'promote' }),
  };
  const quoted = (value: string) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${quoted(value)}\n`)
    .join('');
}

/** As PostgreSQL reads a moment in its settings, which do not take the `T` and `Z` of ISO 8601. */
function inSettings(moment: Date): string {
  return moment.toISOString().replace('T', ' ').replace('Z', '+00');
}

async function forgetRecovery(embedded: Embedded): Promise<void> {
  const db = openDatabase(embedded.url, { max: 1 });
  try {
    const { rows } = await db.pool.query<{ replaying: boolean }>('select pg_is_in_recovery() as replaying');
    if (rows[0]?.replaying === true) throw new Error('PostgreSQL let us in before it had replayed its log');
    await db.pool.query('alter system reset all');
  } finally {
    await db.close();
  }
}

function explained(error: unknown, until: Until): Error {
  const text = error instanceof Error ? error.message : String(error);
  if (text.includes('before configured recovery target was reached')) {
    const asked = until === 'latest' ? 'that moment' : until.toISOString();
    return new Error(
      `The archived log ends before ${asked}. Restore to an earlier moment, or to its end with --at latest.`,
      { cause: error },
    );
  }
  const fetching = /fetching failed: (.*)/.exec(text)?.[1];
  if (fetching !== undefined) {
    return new Error(
      `A piece of the archived log cannot be used: ${fetching} Restore to a moment before it, or bring the piece back.`,
      { cause: error },
    );
  }
  return error instanceof Error ? error : new Error(text);
}
