import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compareMigrations, migrate } from '#platform/postgres';
import { type ListedBackup, type UpgradeFacts, upgradeReport } from '#upkeep';
import { closeAtEnd, testDatabase } from '../harness/database.ts';

const migrations = fileURLToPath(new URL('../../migrations/', import.meta.url));
const now = new Date('2026-11-24T12:00:00Z');

function backupOf(snapshotAt: string): ListedBackup {
  const manifest = { id: 'x', database: { snapshotAt } } as unknown as NonNullable<ListedBackup['manifest']>;
  return { id: 'x', startedAt: snapshotAt, state: 'complete', manifest };
}

const settled: UpgradeFacts = {
  version: '1.2.3',
  configFaults: [],
  postgres: { kind: 'built-in', cluster: '18', brought: '18' },
  migrations: { applied: 12, pending: [], unknown: [], edited: [] },
  databaseBytes: 5e9,
  freeBytes: 20e9,
  backups: [backupOf('2026-11-24T03:00:00Z')],
  now,
};
const pending = { name: '0013-more.sql', what: 'More of it.', isBreaking: false };
const withPending = { applied: 12, pending: [pending], unknown: [], edited: [] };

function actsOf(facts: Partial<UpgradeFacts>): readonly string[] {
  const { items, isFine } = upgradeReport({ ...settled, ...facts });
  const acts = items.filter(({ state }) => state === 'act').map(({ sentence }) => sentence);
  assert.equal(isFine, acts.length === 0);
  return acts;
}

describe('what an upgrade would change', () => {
  test('is nothing where nothing changes', () => {
    assert.deepEqual(actsOf({}), []);
    assert.deepEqual(actsOf({ backups: undefined }), [], 'a start that changes nothing needs no backup');
  });

  test('is told migration by migration, and wants a fresh backup', () => {
    const { items, isFine } = upgradeReport({ ...settled, migrations: withPending });
    assert.equal(isFine, true);
    assert.match(
      items.find(({ subject }) => subject === 'migrations')?.sentence ?? '',
      /^0013-more.sql will run: More of it. Processes of the release before it can go on/,
    );
    const breaking = { ...withPending, pending: [{ ...pending, isBreaking: true }] };
    const told = upgradeReport({ ...settled, migrations: breaking }).items.map(({ sentence }) => sentence);
    assert.ok(told.some((sentence) => /Stop every process/.test(sentence)));
    assert.match(actsOf({ migrations: withPending, backups: undefined })[0] ?? '', /No folder for backups/);
    assert.match(actsOf({ migrations: withPending, backups: [] })[0] ?? '', /no complete backup/);
    const old = [backupOf('2026-11-22T12:00:00Z')];
    assert.match(actsOf({ migrations: withPending, backups: old })[0] ?? '', /is 48 hours old/);
  });

  test('is refused where it cannot work, each with what to do', () => {
    const postgres = { kind: 'built-in', cluster: '17', brought: '18' } as const;
    assert.match(
      actsOf({ postgres, migrations: undefined })[0] ?? '',
      /is PostgreSQL 17.*firstlight restore/s,
    );
    const server = { kind: 'server', version: '16.4', needed: 18 } as const;
    assert.match(actsOf({ postgres: server })[0] ?? '', /Upgrade the server first/);
    const unknown = { ...withPending, pending: [], unknown: ['0099-later.sql'] };
    assert.match(actsOf({ migrations: unknown })[0] ?? '', /0099-later.sql .* a newer one/);
    assert.match(actsOf({ migrations: withPending, freeBytes: 9e9 })[0] ?? '', /10.0 GB may be needed/);
    assert.deepEqual(actsOf({ configFaults: ['FIRSTLIGHT_OLD means nothing to Firstlight.'] }), [
      'FIRSTLIGHT_OLD means nothing to Firstlight.',
    ]);
  });

  test('is read from the database and the files of the release, which stay as they are', async () => {
    const db = await testDatabase();
    const folder = await mkdtemp(join(tmpdir(), 'firstlight-migrations-'));
    closeAtEnd(async () => await rm(folder, { recursive: true, force: true }));
    await cp(migrations, folder, { recursive: true });
    const names = (await readdir(folder)).sort();
    assert.deepEqual(await compareMigrations(db, { folder }), {
      applied: names.length,
      pending: [],
      unknown: [],
      edited: [],
    });
    const [first = ''] = names;
    await writeFile(join(folder, '9000-later.sql'), '-- Takes a table away.\n-- breaking: yes\nselect 1;\n');
    await writeFile(join(folder, first), `${await readFile(join(folder, first), 'utf8')}\n-- edited\n`);
    await rm(join(folder, names.at(-1) ?? ''));
    const standing = await compareMigrations(db, { folder });
    assert.deepEqual(standing.pending, [
      { name: '9000-later.sql', what: 'Takes a table away.', isBreaking: true },
    ]);
    assert.deepEqual(standing.unknown, [names.at(-1)]);
    assert.deepEqual(standing.edited, [first]);
    await assert.rejects(migrate(db, { folder }), /is not in this release|was edited/);
  });
});
