import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createLog } from '#platform/log';
import { openDatabase } from '#platform/postgres';
import { isHalfRestored, restoreDatabase } from '#upkeep';
import { anUpkeep, type TestUpkeep } from './upkeep-build.ts';

const quiet = () => undefined;
let u: TestUpkeep;
before(async () => {
  u = await anUpkeep();
  for (let n = 0; n < 30; n += 1) await u.v.seal(randomBytes(1000 + n));
});
after(async () => await u.remove());

function planFor(dataFolder: string, overrides: Partial<Parameters<typeof restoreDatabase>[0]> = {}) {
  return {
    folder: u.folder,
    keys: u.keys,
    backupKeyFile: u.keyPath,
    dataFolder,
    databaseUrl: undefined,
    backupId: undefined,
    until: undefined,
    keyFiles: { 'evidence.key': join(dataFolder, 'keys', 'evidence.key') },
    log: createLog('silent', 'test'),
    report: quiet,
    ...overrides,
  };
}

/** Every row of every table, as text, in an order of its own. */
async function allRows(url: string): Promise<string> {
  const db = openDatabase(url, { max: 1 });
  const { rows: tables } = await db.pool.query<{ name: string }>(
    `select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name from pg_class c
     join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'pgboss') order by 1`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await db.pool.query<{ text: string }>(
      `select t::text as text from ${name} t order by 1`,
    );
    texts.push(
      name,
      ...rows.map(({ text }) => (name === 'public.platform_migration' ? (text.split(',')[0] ?? '') : text)),
    );
  }
  await db.close();
  return texts.join('\n');
}

describe('the tables of a backup', () => {
  test('come back row for row into an empty folder, and their sequences and triggers work on', async () => {
    const odd = 'a\tb\\c\n"d" \u2028 ü';
    await u.v.db.pool.query(
      `insert into access.audit (at, actor_kind, actor_id, actor_name, action, outcome, why, details)
       values (now(), 'system', 'test', 'test', 'a', 'done', $1, '{"x": [1, null, "é"]}')`,
      [odd],
    );
    const expected = await allRows(u.v.db.url);
    await u.backUp();
    const data = join(u.root, 'restored');
    const restored = await restoreDatabase(planFor(data));
    assert.equal(await isHalfRestored(data), true, 'nothing may start on it yet');
    const { db, manifest } = restored;
    assert.equal(await allRows(db.url), expected);
    assert.equal(manifest.database.tables['vault.seal'], 30);
    assert.ok((await readFile(join(data, 'keys', 'evidence.key'))).equals(await readFile(u.v.keyFile)));
    assert.equal((await stat(join(data, 'keys', 'evidence.key'))).mode & 0o777, 0o600);
    await assert.rejects(db.pool.query('delete from access.audit'), /append-only/);
    const { rows } = await db.pool.query<{ id: string }>(
      `insert into access.audit (at, actor_kind, actor_id, actor_name, action, outcome)
       values (now(), 'system', 'test', 'test', 'b', 'done') returning id`,
    );
    const { rows: most } = await u.v.db.pool.query<{ id: string }>('select max(id) as id from access.audit');
    assert.ok(Number(rows[0]?.id) > Number(most[0]?.id));
    await restored.stop();

    await t_again(data);
  });

  /** A restore that was cut off before its end is repeated on the same folder. */
  async function t_again(data: string): Promise<void> {
    const again = await restoreDatabase(planFor(data));
    const { rows } = await again.db.pool.query<{ n: string }>('select count(*) as n from vault.seal');
    assert.equal(rows[0]?.n, '30');
    await again.stop();
  }

  test('never go over anything', async () => {
    const data = join(u.root, 'full');
    await mkdir(data);
    await writeFile(join(data, 'something'), '');
    await assert.rejects(restoreDatabase(planFor(data)), /is not empty \(something\)/);
    assert.deepEqual(await readdir(data), ['something']);
    await assert.rejects(
      restoreDatabase(planFor(join(u.root, 'other'), { databaseUrl: u.v.db.url })),
      /holds tables already/,
    );
  });

  test('that were damaged bring nothing back and are named', async () => {
    const manifest = await u.backUp();
    const path = u.folder.part(manifest.id, 'tables');
    const sound = await readFile(path);
    const bytes = Buffer.from(sound);
    bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 1;
    await writeFile(path, bytes);
    const data = join(u.root, 'damaged');
    await assert.rejects(restoreDatabase(planFor(data)), (error) => {
      assert.ok(error instanceof Error);
      assert.match(error.message, /tables cannot be read/);
      return true;
    });
    await writeFile(path, sound);
    await rm(data, { recursive: true });
  });

  test('without the keys wait for the copy that was kept apart', async () => {
    const manifest = await u.backUp({ keyFiles: {} });
    const data = join(u.root, 'keyless');
    await assert.rejects(
      restoreDatabase(planFor(data, { backupId: manifest.id })),
      /made without keys, and .* is not there/,
    );
    await mkdir(join(data, 'keys'), { recursive: true });
    await writeFile(join(data, 'keys', 'evidence.key'), await readFile(u.v.keyFile), { mode: 0o600 });
    const restored = await restoreDatabase(planFor(data, { backupId: manifest.id }));
    await restored.stop();
  });
});
