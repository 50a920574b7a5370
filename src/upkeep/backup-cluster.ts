import { createReadStream } from 'node:fs';
import { opendir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { createGzip } from 'node:zlib';
import type pg from 'pg';
import { pack } from 'tar-stream';
import type { CopyCluster } from './back-up.ts';
import { type BackupFolder, partLabel } from './backup-folder.ts';
import type { BackupKeys } from './backup-key.ts';
import { isMissing } from './durable-copy.ts';
import { writePart } from './envelope.ts';
import type { Report } from './progress.ts';

/**
 * Folders whose content a copy of a running cluster leaves out, and files that a new start makes (PostgreSQL 18
 * manual, 25.3.4 "Making a Base Backup Using the Low Level API", "Backing Up The Data Directory").
 */
const emptiedFolders = new Set([
  ...[
    'pg_wal',
    'pg_replslot',
    'pg_dynshmem',
    'pg_notify',
    'pg_serial',
    'pg_snapshots',
    'pg_stat_tmp',
    'pg_subtrans',
  ],
  ...['pg_wal/archive_status', 'pg_wal/summaries'],
]);
const skippedFiles =
  /^(postmaster\.(pid|opts)|backup_label|tablespace_map|backup_manifest|pg_internal\.init\.\d+)$|pgsql_tmp/;

export interface ClusterPlace {
  readonly cluster: string;
  readonly archiveId: string;
  readonly major: string;
}

/**
 * Copies the files of the built-in database while it runs. Files may be torn or grow meanwhile; the log from the
 * start to the stop of the copy, which the archive then has, makes them whole.
 */
export function clusterCopier(
  place: ClusterPlace,
  folder: BackupFolder,
  keys: BackupKeys,
  report: Report,
): CopyCluster {
  return async (pool, id) => {
    const client = await pool.connect();
    let isSound = false;
    try {
      const startedAt = await timeOf(client);
      const started = await client.query<{ wal: string }>(
        'select pg_walfile_name(pg_backup_start($1, fast => true)) as wal',
        [`firstlight ${id}`],
      );
      const archive = pack();
      const zipped = createGzip({ level: 1 });
      let stopped: Stopped | undefined;
      const fill = async (): Promise<void> => {
        await addFiles(archive, place.cluster, report);
        stopped = await stopBackup(client);
        await addText(archive, 'backup_label', stopped.label);
        if (stopped.map !== '') await addText(archive, 'tablespace_map', stopped.map);
        archive.finalize();
      };
      fill().catch((error: unknown) =>
        archive.destroy(error instanceof Error ? error : new Error(String(error))),
      );
      archive.on('error', (error: Error) => zipped.destroy(error));
      archive.pipe(zipped);
      const path = folder.part(id, 'cluster');
      const part = await writePart(path, keys.current, partLabel(id, 'cluster'), zipped);
      if (stopped === undefined) throw new Error('the copy of the cluster ended before its end');
      isSound = true;
      const { archiveId, major } = place;
      const startWal = started.rows[0]?.wal ?? '';
      return {
        part,
        facts: { archiveId, major, startWal, stopWal: stopped.wal, startedAt, stoppedAt: stopped.at },
      };
    } finally {
      // A connection that goes away ends the copy for PostgreSQL, too.
      client.release(!isSound);
    }
  };
}

interface Stopped {
  readonly label: string;
  readonly map: string;
  readonly wal: string;
  readonly at: string;
}

/** Waits until the log up to here is in the archive: without it the copy is worth nothing. */
async function stopBackup(client: pg.ClientBase): Promise<Stopped> {
  const { rows } = await client.query<{ label: string; map: string; wal: string }>(
    `select labelfile as label, spcmapfile as map, pg_walfile_name(lsn) as wal
     from pg_backup_stop(wait_for_archive => true)`,
  );
  const [stopped] = rows;
  if (stopped === undefined) throw new Error('PostgreSQL did not say how the copy ended');
  return { ...stopped, at: await timeOf(client) };
}

async function timeOf(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ at: Date }>('select clock_timestamp() as at');
  return rows[0]?.at.toISOString() ?? '';
}

type Pack = ReturnType<typeof pack>;

async function addFiles(archive: Pack, cluster: string, report: Report): Promise<void> {
  let done = 0;
  for await (const found of filesBelow(cluster, cluster)) {
    if (found.isFolder) {
      await addFolder(archive, found.name);
      continue;
    }
    done += await addFile(archive, join(cluster, found.name), found.name);
    report({ phase: 'cluster', done, unit: 'bytes' });
  }
}

async function* filesBelow(
  root: string,
  folder: string,
): AsyncGenerator<{ readonly name: string; readonly isFolder: boolean }> {
  for await (const entry of await opendir(folder)) {
    const path = join(folder, entry.name);
    const name = relative(root, path);
    if (entry.isDirectory()) {
      yield { name, isFolder: true };
      yield* filesBelow(root, path);
    } else if (entry.isFile() && !skippedFiles.test(entry.name) && !isInEmptied(name)) {
      yield { name, isFolder: false };
    }
  }
}

function isInEmptied(name: string): boolean {
  return emptiedFolders.has(name.split('/').slice(0, -1).join('/'));
}

async function addFolder(archive: Pack, name: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    archive.entry({ name, type: 'directory', mode: 0o700 }, (error) => (error ? reject(error) : resolve()));
  });
}

/** Exactly as many bytes as the file had when it was opened: what comes later is in the log. */
async function addFile(archive: Pack, path: string, name: string): Promise<number> {
  const size = await stat(path).then(
    (facts) => facts.size,
    (error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    },
  );
  if (size === undefined) return 0;
  await new Promise<void>((resolve, reject) => {
    const entry = archive.entry({ name, size, mode: 0o600 }, (error) => (error ? reject(error) : resolve()));
    fillEntry(entry, path, size).catch(reject);
  });
  return size;
}

async function fillEntry(entry: NodeJS.WritableStream, path: string, size: number): Promise<void> {
  let left = size;
  const put = async (chunk: Buffer): Promise<void> => {
    left -= chunk.byteLength;
    if (!entry.write(chunk)) await new Promise<void>((resolve) => entry.once('drain', resolve));
  };
  if (size > 0) {
    try {
      for await (const chunk of createReadStream(path, { end: size - 1, highWaterMark: 256 * 1024 }))
        await put(chunk as Buffer);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  // Cut short or removed meanwhile: the log says what became of it.
  while (left > 0) await put(Buffer.alloc(Math.min(left, 64 * 1024)));
  entry.end();
}

async function addText(archive: Pack, name: string, text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    archive.entry({ name, mode: 0o600 }, text, (error) => (error ? reject(error) : resolve()));
  });
}
