import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '#platform/clock';
import { createLog } from '#platform/log';
import { type Database, type Embedded, migrate, openDatabase, startEmbedded } from '#platform/postgres';
import {
  archivingFor,
  type BackupFolder,
  type BackupKeys,
  backUp,
  clusterCopier,
  clusterPlaceOf,
  listBackups,
  openBackupFolder,
  openBackupKeys,
  restoreDatabase,
} from '#upkeep';
import { closeAtEnd } from '../harness/database.ts';

const log = createLog('silent', 'test');
const quiet = () => undefined;
let root: string;
let embedded: Embedded;
let db: Database;
let folder: BackupFolder;
let keys: BackupKeys;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'firstlight-pitr-'));
  const upkeep = { backupFolder: join(root, 'backups'), backupKeyFile: join(root, "it's a key") };
  const archiveCommand = await archivingFor(join(root, 'data'), upkeep);
  embedded = await startEmbedded(join(root, 'data'), log, { archiveCommand });
  db = openDatabase(embedded.url, { max: 4 });
  await migrate(db);
  folder = await openBackupFolder(upkeep.backupFolder);
  keys = await openBackupKeys(upkeep.backupKeyFile);
  closeAtEnd(async () => {
    await db.close();
    await embedded.stop();
    await rm(root, { recursive: true, force: true });
  });
});

const insertNote = `insert into access.audit (at, actor_kind, actor_id, actor_name, action, outcome, why)
  values (now(), 'system', 'test', 'test', 'note', 'done', $1)`;

async function note(text: string): Promise<Date> {
  await db.pool.query(insertNote, [text]);
  const { rows } = await db.pool.query<{ at: Date }>('select clock_timestamp() as at');
  return rows[0]?.at ?? new Date(0);
}

/** Until PostgreSQL has handed on everything that was written so far. */
async function untilArchived(): Promise<void> {
  const { rows } = await db.pool.query<{ name: string }>('select pg_walfile_name(pg_switch_wal()) as name');
  const name = rows[0]?.name ?? '';
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const { rows: found } = await db.pool.query<{ done: boolean }>(
      'select last_archived_wal >= $1 as done from pg_stat_archiver',
      [name],
    );
    if (found[0]?.done === true) return;
    await sleep(100);
  }
  throw new Error('the log was not archived');
}

async function makeBackup() {
  const copier = clusterCopier(await clusterPlaceOf(join(root, 'data')), folder, keys, quiet);
  return await backUp(
    {
      db,
      databaseKind: 'built-in',
      evidence: {
        size: async () => undefined,
        read: () => Promise.reject(new Error('there is no evidence')),
      },
      keys,
      clock: systemClock,
      report: quiet,
      version: '0.0.0-test',
      bureau: { name: 'Test bureau', isDemonstration: false },
      keyFiles: {},
      audit: async () => undefined,
    },
    folder,
    copier,
  );
}

async function restoredNotes(name: string, until: Date | 'latest' | undefined): Promise<readonly string[]> {
  const dataFolder = join(root, name);
  const restored = await restoreDatabase({
    ...{
      folder,
      keys,
      backupKeyFile: keys.current.path,
      dataFolder,
      databaseUrl: undefined,
      backupId: undefined,
    },
    ...{ until, keyFiles: {}, log, report: quiet },
  });
  try {
    const { rows } = await restored.db.pool.query<{ text: string }>(
      `select why as text from access.audit where action = 'note' order by why`,
    );
    // It takes writes again, and the next start needs no archive.
    await restored.db.pool.query(insertNote, ['after']);
    const { rows: settings } = await restored.db.pool.query<{ command: string }>(
      `select current_setting('restore_command') as command, current_setting('archive_mode') as mode`,
    );
    assert.equal((settings[0] as { mode?: string } | undefined)?.mode, 'off');
    return rows.map(({ text }) => text);
  } finally {
    await restored.stop();
  }
}

describe('a point in time', () => {
  let between: Date;
  test('lies between two reports', async () => {
    await note('1 before');
    const manifest = await makeBackup();
    assert.ok(manifest.cluster !== undefined);
    await note('2 first');
    between = await note('3 second');
    await sleep(50);
    await note('4 third');
    await untilArchived();
    assert.deepEqual(await restoredNotes('between', between), ['1 before', '2 first', '3 second']);
  });

  test('is the end of the log, or the backup itself', async () => {
    assert.deepEqual(await restoredNotes('latest', 'latest'), ['1 before', '2 first', '3 second', '4 third']);
    assert.deepEqual(await restoredNotes('itself', undefined), ['1 before']);
    const [listed] = await listBackups(folder, keys);
    assert.ok(Date.parse(listed?.reach?.to ?? '') >= between.getTime());
  });

  test('that the log does not reach is refused with a sentence', async () => {
    await assert.rejects(
      restoredNotes('late', new Date('2099-01-01T00:00:00Z')),
      /The archived log ends before 2099/,
    );
    await assert.rejects(restoredNotes('early', new Date('2020-01-01T00:00:00Z')), /from before that moment/);
  });

  test('is not passed by a damaged piece of the log', async () => {
    const path = folder.wal((await listBackups(folder, keys))[0]?.manifest?.cluster?.archiveId ?? '');
    const names = (await readdir(path)).filter((name) => /^[0-9A-F]{24}$/.test(name)).sort();
    const last = join(path, names.at(-1) ?? '');
    const sound = await readFile(last);
    const bytes = Buffer.from(sound);
    bytes[bytes.length - 30] = (bytes[bytes.length - 30] ?? 0) ^ 1;
    await writeFile(last, bytes);
    await assert.rejects(restoredNotes('damaged', 'latest'), /A piece of the archived log cannot be used/);
    await writeFile(last, sound);
  });

  test('leaves nothing of the log in the clear', async () => {
    await note('CLEAR-TEXT-MARK');
    await untilArchived();
    for (const entry of await readdir(folder.path, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const bytes = await readFile(join(entry.parentPath, entry.name));
      assert.equal(bytes.includes('CLEAR-TEXT-MARK'), false, entry.name);
    }
  });
});
