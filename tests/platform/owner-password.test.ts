import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import pg from 'pg';
import { createLog } from '#platform/log';
import {
  applyGrants,
  ensureRoles,
  migrate,
  openDatabase,
  roleNamesFor,
  startEmbedded,
} from '#platform/postgres';
import { isSqlState } from '#platform/postgres-errors';
import { tableGrants } from '../../src/access/table-grants.ts';

const silent = createLog('silent', 'test');
const temporary = await mkdtemp(join(tmpdir(), 'pw-'));
after(async () => await rm(temporary, { recursive: true, force: true, maxRetries: 5 }));

/** Undefined where this address gets in, PostgreSQL's refusal where it does not. */
async function refusalOf(url: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  try {
    await client.connect();
    return undefined;
  } catch (error) {
    return error;
  } finally {
    await client.end().catch(() => {});
  }
}

function changed(url: string, change: { readonly username?: string; readonly password?: string }): string {
  return Object.assign(new URL(url), change).href;
}

const isRefused = (error: unknown) => isSqlState(error, 'invalidPassword', 'invalidAuthorization');

describe('the built-in PostgreSQL lets in', () => {
  test('its owner and each role with their own password, and nobody with another or none', async () => {
    const folder = await mkdtemp(join(temporary, 'a-'));
    const embedded = await startEmbedded(folder, silent);
    const db = openDatabase(embedded.url);
    try {
      await migrate(db);
      const names = roleNamesFor('firstlight');
      const urls = await ensureRoles(db, names, new Date());
      await applyGrants(db, tableGrants, names);
      for (const url of [embedded.url, ...Object.values(urls)]) {
        assert.equal(await refusalOf(url), undefined);
        for (const password of ['', 'guessed', new URL(urls.worker).password].filter(
          (one) => one !== new URL(url).password,
        )) {
          const error = await refusalOf(changed(url, { password }));
          assert.ok(error instanceof Error, `${new URL(url).username} got in with another password`);
          assert.ok(
            isRefused(error) || /password must be a string|no password|SASL/.test(error.message),
            error.message,
          );
        }
      }
      // The desk knows its own address only: with another name in it, it is nobody.
      assert.ok(isRefused(await refusalOf(changed(urls.desk, { username: 'firstlight' }))));
      assert.deepEqual(await ensureRoles(db, names, new Date()), urls, 'the same at the next start');
      await db.pool.query(`alter role firstlight_desk password 'changed by hand'`);
      assert.ok(isRefused(await refusalOf(urls.desk)));
      await ensureRoles(db, names, new Date());
      assert.equal(await refusalOf(urls.desk), undefined, 'put right');
      await db.pool.query('alter role firstlight_desk bypassrls');
      await assert.rejects(
        ensureRoles(db, names, new Date()),
        /firstlight_desk has more rights than the register/,
      );
    } finally {
      await db.close();
      await embedded.stop();
    }
  });

  test('whoever holds the file beside the cluster: a copy of the cluster alone takes the new one', async () => {
    const folder = await mkdtemp(join(temporary, 'b-'));
    const first = await startEmbedded(folder, silent);
    await first.stop();
    const file = join(folder, 'postgres', 'owner-password');
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const before = await readFile(file, 'utf8');
    await rm(file);
    const second = await startEmbedded(folder, silent);
    try {
      assert.notEqual(await readFile(file, 'utf8'), before);
      assert.equal(await refusalOf(second.url), undefined);
      assert.ok(isRefused(await refusalOf(first.url)), 'the old one is worth nothing');
      assert.doesNotMatch(await readFile(join(folder, 'postgres', 'access.conf'), 'utf8'), /trust/);
    } finally {
      await second.stop();
    }
  });

  test('after a start that was cut off while the password was being settled', async () => {
    const folder = await mkdtemp(join(temporary, 'c-'));
    await (await startEmbedded(folder, silent)).stop();
    await writeFile(join(folder, 'postgres', 'access.conf'), 'local all all trust\n');
    const again = await startEmbedded(folder, silent);
    try {
      const error = await refusalOf(changed(again.url, { password: 'guessed' }));
      assert.ok(isRefused(error), 'who may connect is written anew at every start');
    } finally {
      await again.stop();
    }
  });
});
