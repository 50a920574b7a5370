import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { migrate, openDatabase } from '#platform/postgres';
import { type TestDatabase, testDatabase } from '../harness/database.ts';

let folder: string;
let db: TestDatabase;

/** The template's own migrations would be missing from `folder`: they are forgotten for these tests. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  db = await testDatabase();
  await db.pool.query('delete from public.platform_migration');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
  await db.drop();
});

const write = (name: string, sql: string) => writeFile(join(folder, name), sql);

async function tablesLike(pattern: string): Promise<string[]> {
  const { rows } = await db.pool.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public' and tablename like $1 order by 1",
    [pattern],
  );
  return rows.map((row) => row.name);
}

describe('migrations', () => {
  it('go forward once, in the order of their numbers', async () => {
    await write('0002-second.sql', 'alter table step_one add column more text; create table step_two ();');
    await write('0001-first.sql', 'create table step_one ();');
    assert.deepEqual(await migrate(db, { folder }), { applied: ['0001-first.sql', '0002-second.sql'] });
    assert.deepEqual(await migrate(db, { folder }), { applied: [] });
    await write('0003-third.sql', 'create table step_three ();');
    assert.deepEqual(await migrate(db, { folder }), { applied: ['0003-third.sql'] });
    assert.deepEqual(await tablesLike('step_%'), ['step_one', 'step_three', 'step_two']);
  });

  it('are this repository’s by default, and leave nothing to do after themselves', async () => {
    const fresh = await testDatabase();
    assert.deepEqual(await migrate(fresh), { applied: [] });
    const { rows } = await fresh.pool.query(
      'select name, length(sha256) as digits from platform_migration order by name',
    );
    assert.ok(rows.length >= 5);
    assert.ok(rows.every((row) => row.digits === 64));
  });
});

describe('migrations that rewrite history', () => {
  it('are refused by the name of the edited file', async () => {
    await write('0001-first.sql', 'create table step_one ();');
    await migrate(db, { folder });
    await write('0001-first.sql', 'create table step_one (); -- better');
    await assert.rejects(
      migrate(db, { folder }),
      /migrations\/0001-first\.sql was edited after it was applied/,
    );
  });

  it('are refused where the database is ahead of the release', async () => {
    await write('0001-first.sql', 'create table step_one ();');
    await write('0002-second.sql', 'create table step_two ();');
    await migrate(db, { folder });
    await rm(join(folder, '0002-second.sql'));
    await assert.rejects(
      migrate(db, { folder }),
      /migrations\/0002-second\.sql was applied .* but is not in this release/,
    );
  });

  it('are refused where a file was slipped in before an applied one', async () => {
    await write('0002-second.sql', 'create table step_two ();');
    await migrate(db, { folder });
    await write('0001-first.sql', 'create table step_one ();');
    await assert.rejects(
      migrate(db, { folder }),
      /migrations\/0001-first\.sql comes before 0002-second\.sql/,
    );
  });
});

describe('faulty migrations and races', () => {
  for (const name of ['1-short.sql', '0001_underscore.sql', '0001-Upper.sql']) {
    it(`the name ${name} is refused`, async () => {
      await write(name, 'select 1');
      await assert.rejects(migrate(db, { folder }), /the name must look like 0001-what-it-does\.sql/);
    });
  }

  it('one number twice is refused', async () => {
    await write('0001-first.sql', 'select 1');
    await write('0001-other.sql', 'select 1');
    await assert.rejects(migrate(db, { folder }), /0001-other\.sql: the number 0001 is taken/);
  });

  it('a file that failed leaves no trace, and those before it stay', async () => {
    await write('0001-first.sql', 'create table step_one ();');
    await write('0002-broken.sql', 'create table step_two (); select nonsense;');
    await assert.rejects(
      migrate(db, { folder }),
      /0002-broken\.sql failed and was rolled back: column "nonsense"/,
    );
    assert.deepEqual(await tablesLike('step_%'), ['step_one']);
    await write('0002-broken.sql', 'create table step_two ();');
    assert.deepEqual(await migrate(db, { folder }), { applied: ['0002-broken.sql'] });
  });

  it('each is applied once when several processes race', async () => {
    await write('0001-first.sql', 'select pg_sleep(0.2); create table step_one ();');
    await write('0002-second.sql', 'create table step_two ();');
    const others = [1, 2, 3, 4].map(() => openDatabase(db.url, { max: 1 }));
    const results = await Promise.all(others.map((other) => migrate(other, { folder })));
    await Promise.all(others.map((other) => other.close()));
    assert.deepEqual(results.flatMap((result) => result.applied).sort(), [
      '0001-first.sql',
      '0002-second.sql',
    ]);
  });
});
