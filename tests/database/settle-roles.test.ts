import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { installQueues } from '#platform/jobs';
import { createLog } from '#platform/log';
import {
  compareRoles,
  type Database,
  migrate,
  openDatabase,
  processRoles,
  roleNamesIn,
} from '#platform/postgres';
import { tableGrants } from '../../src/access/table-grants.ts';
import { settleRoles } from '../../src/database-roles.ts';
import { rolesByHand } from '../../src/database-roles-command.ts';
import { closeAtEnd, type TestDatabase, testDatabase } from '../harness/database.ts';

/** An existing PostgreSQL, where the bureau's owner is not its administrator. */
const now = new Date('2026-11-24T12:00:00Z');
const unset = { roleUrls: undefined, isOneRole: false };
const opened: Database[] = [];
let administrator: TestDatabase | undefined;
const made = { roles: [] as string[], databases: [] as string[] };

closeAtEnd(async () => {
  for (const one of opened) await one.close();
  for (const name of made.databases) await administrator?.pool.query(`drop database ${name} with (force)`);
  for (const name of made.roles) await administrator?.pool.query(`drop role if exists ${name}`);
});

/** A database of its own that belongs to a role of its own, migrated by that role. */
async function ownedDatabase(name: string, attributes: string): Promise<Database> {
  administrator ??= await testDatabase();
  const unique = `${name}_${process.pid}`;
  await administrator.pool.query(`create role ${unique}_owner login ${attributes}`);
  await administrator.pool.query(`create database ${unique} owner ${unique}_owner`);
  made.databases.push(unique);
  made.roles.push(`${unique}_owner`, ...Object.values(roleNamesIn(unique, {})));
  const url = Object.assign(new URL(administrator.url), {
    username: `${unique}_owner`,
    pathname: `/${unique}`,
  });
  const db = openDatabase(url.href, { canExitWhenIdle: true });
  opened.push(db);
  await migrate(db);
  await installQueues(db.url, [], createLog('silent', 'test'));
  return db;
}

async function nameOf(db: Database): Promise<string> {
  const { rows } = await db.pool.query<{ name: string }>('select current_database() as name');
  return rows[0]?.name ?? '';
}

async function assertSettled(db: Database, urls: Readonly<Record<string, string>>): Promise<void> {
  const names = roleNamesIn(await nameOf(db), urls);
  const { differences, unlisted } = await compareRoles(db, tableGrants, names);
  assert.deepEqual([differences, unlisted], [[], []]);
  for (const role of processRoles) {
    const one = openDatabase(urls[role] ?? '', { canExitWhenIdle: true });
    const { rows } = await one.pool.query('select current_user as name');
    assert.deepEqual(rows, [{ name: names[role] }]);
    await one.close();
  }
}

describe('settling the roles of a bureau', () => {
  test('an owner that may make roles makes them and grants what the register says, once', async () => {
    const db = await ownedDatabase('makes', 'createrole');
    const first = await settleRoles(db, unset, now);
    assert.equal(first.warning, undefined);
    assert.ok(first.changes.length > 200, `only ${first.changes.length} changes`);
    await assertSettled(db, first.urls);
    const second = await settleRoles(db, unset, now);
    assert.deepEqual([second.changes, second.urls], [[], first.urls]);
  });

  test('two machines that start at once agree', async () => {
    const db = await ownedDatabase('twice', 'createrole');
    const other = openDatabase(db.url, { canExitWhenIdle: true });
    opened.push(other);
    const [one, two] = await Promise.all([settleRoles(db, unset, now), settleRoles(other, unset, now)]);
    assert.deepEqual(one.urls, two.urls);
    await assertSettled(db, one.urls);
  });

  test('an owner that may not is refused with what to do, unless everything is to be one role', async () => {
    const db = await ownedDatabase('plain', '');
    await assert.rejects(settleRoles(db, unset, now), (error: Error) => {
      assert.match(error.message, /^the database user plain_\d+_owner may not make roles/);
      assert.match(error.message, /database-roles/);
      assert.match(error.message, /FIRSTLIGHT_ONE_DATABASE_ROLE=yes/);
      return true;
    });
    const settled = await settleRoles(db, { ...unset, isOneRole: true }, now);
    assert.match(settled.warning ?? '', /does not keep services, staff and audit apart/);
    assert.deepEqual(new Set(Object.values(settled.urls)), new Set([db.url]));
  });

  test('roles that were made by hand, as the command prints, are granted the same', async () => {
    const db = await ownedDatabase('hand', '');
    const text = rolesByHand(db.url);
    const statements = text.split('\n').filter((line) => !/^(--|\\)/.test(line) && line !== '');
    assert.ok(statements.length >= 14, text);
    const asAdministrator = Object.assign(new URL(administrator?.url ?? ''), {
      pathname: new URL(db.url).pathname,
    });
    const one = openDatabase(asAdministrator.href, { canExitWhenIdle: true });
    await one.pool.query(statements.join('\n')).finally(() => one.close());
    const settings = Object.fromEntries(
      [...text.matchAll(/FIRSTLIGHT_([A-Z]+)_DATABASE_URL=(\S+)/g)].map(([, role = '', url = '']) => [
        role.toLowerCase(),
        url,
      ]),
    ) as Record<(typeof processRoles)[number], string>;
    assert.deepEqual(Object.keys(settings), [...processRoles]);
    assert.equal((await settleRoles(db, { ...unset, roleUrls: settings }, now)).warning, undefined);
    await assertSettled(db, settings);
    const gone = { ...settings, worker: settings.worker.replace('_worker:', '_nobody:') };
    await assert.rejects(
      settleRoles(db, { ...unset, roleUrls: gone }, now),
      /has no role hand_\d+_nobody, which FIRSTLIGHT_WORKER_DATABASE_URL names/,
    );
  });
});
