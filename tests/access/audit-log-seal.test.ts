import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { recordAudit } from '#access';
import { openCheckpoint } from '#proof/checkpoint';
import { formatEntry } from '#proof/log-entry';
import { GrowingTree, isSame, leafHash } from '#proof/merkle';
import { verifierKeyOf } from '#proof/note';
import { rootOf } from '#proof/tiles';
import { openAnchor, standingOf } from '../../src/access/audit-log/anchor.ts';
import { sealBatch } from '../../src/access/audit-log/seal-batch.ts';
import { auditSource, readRows } from '../../src/access/audit-log/sources.ts';
import { entriesBetween, newestCheckpoint } from '../../src/access/audit-log/store.ts';
import { openSigningKey, type SigningKey } from '../../src/access/signing-key.ts';
import { closeAtEnd, type TestDatabase, testCtx, testDatabase } from '../harness/database.ts';

let folder: string;
let signingKey: SigningKey;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firstlight-log-'));
  closeAtEnd(async () => await rm(folder, { recursive: true, force: true }));
  signingKey = await openSigningKey(join(folder, 'keys', 'signing.key'), { create: true });
});

const actor = { kind: 'system', id: 'test', name: 'test' } as const;
const now = new Date('2026-11-24T12:00:00.123Z');

async function write(db: TestDatabase, count: number, subject = 'report:1000001'): Promise<void> {
  await testCtx(db).run(async ({ tx }) => {
    for (let index = 0; index < count; index += 1)
      await recordAudit(tx, { at: now, actor, action: 'read-brief', outcome: 'done', subject });
  });
}

async function seal(db: TestDatabase, limit?: number) {
  return await testCtx(db).run(
    async (ctx) => await sealBatch(ctx, { sources: [auditSource], signingKey }, limit),
  );
}

/** Computes the whole tree anew from the rows and compares it with the newest signed checkpoint. */
async function assertSealed(db: TestDatabase, size: number): Promise<void> {
  const checkpoint = await newestCheckpoint(db.kysely);
  assert.equal(checkpoint?.size, size);
  const opened = openCheckpoint(checkpoint?.note ?? '', [
    verifierKeyOf(signingKey.name, signingKey.publicKey),
  ]);
  assert.equal(opened.kind, 'ok');
  const entries = await entriesBetween(db.kysely, 0, size);
  assert.deepEqual(
    entries.map((entry) => entry.position),
    Array.from({ length: size }, (_, index) => index),
  );
  const rows = await readRows(
    db.kysely,
    auditSource,
    entries.map((entry) => entry.rowId),
  );
  const tree = new GrowingTree();
  for (const { source, rowId, salt } of entries)
    tree.add(leafHash(formatEntry({ source, id: rowId, row: rows.get(rowId) ?? {} }, salt)));
  assert.ok(isSame(tree.root(), checkpoint?.root ?? Buffer.alloc(0)), `the root over ${size}`);
}

describe('sealing the audit', () => {
  it('gives every row a position and signs the tree over them, batch by batch', async () => {
    const db = await testDatabase();
    assert.deepEqual(await seal(db), { kind: 'idle' });
    let size = 0;
    for (const count of [1, 2, 253, 1, 300, 700]) {
      await write(db, count);
      const sealed = await seal(db);
      size += count;
      assert.equal(sealed.kind === 'sealed' ? sealed.count : 0, count);
      await assertSealed(db, size);
    }
    assert.deepEqual(await seal(db), { kind: 'idle' });
    const tiles = await sql<{ level: number; tile: string; bytes: number }>`
      select level, tile, octet_length(hashes) as bytes from access.log_tile order by level, tile`.execute(
      db.kysely,
    );
    assert.deepEqual(
      tiles.rows.map(({ level, tile, bytes }) => [level, Number(tile), bytes / 32]),
      [...[0, 1, 2, 3].map((tile) => [0, tile, 256]), [0, 4, 1257 - 1024], [1, 0, 4]],
    );
    const { rows } = await sql<{ hashes: Buffer }>`
      select hashes from access.log_tile where level = 0 and tile = 3`.execute(db.kysely);
    const above = await sql<{ hashes: Buffer }>`
      select hashes from access.log_tile where level = 1`.execute(db.kysely);
    const roots = above.rows[0]?.hashes ?? Buffer.alloc(0);
    assert.ok(isSame(rootOf(rows[0]?.hashes ?? Buffer.alloc(0)), roots.subarray(96)));
  });

  it('writes an entry that anyone can hash from what it says', async () => {
    const db = await testDatabase();
    await testCtx(db).run(async ({ tx }) => {
      await recordAudit(tx, {
        at: now,
        actor,
        action: 'decide-report',
        outcome: 'done',
        why: 'näher',
        request: { requestId: 'r', remoteAddress: '2001:db8::7', headers: {}, baseUrl: '' },
        details: { count: 3, isLast: false },
      });
    });
    await seal(db);
    const [entry] = await entriesBetween(db.kysely, 0, 1);
    const rows = await readRows(db.kysely, auditSource, [entry?.rowId ?? '']);
    const salt = entry?.salt ?? Buffer.alloc(0);
    const text = formatEntry({ source: 'audit', id: '1', row: rows.get('1') ?? {} }, salt).toString();
    assert.equal(
      text,
      `{"id":"1","row":{"action":"decide-report","actor_id":"test","actor_kind":"system","actor_name":"test","at":"2026-11-24T12:00:00.123000Z","details":{"count":3,"isLast":false},"outcome":"done","remote_address":"2001:db8::7","request_id":"r","why":"näher"},"salt":"${salt.toString('hex')}","source":"audit"}`,
    );
    await assertSealed(db, 1);
  });

  it('never passes over a row that commits late, whatever its number', async () => {
    const db = await testDatabase();
    const slow = await db.pool.connect();
    const slower = await db.pool.connect();
    const insert = `insert into access.audit (at, actor_kind, actor_id, actor_name, action, outcome)
      values (now(), 'system', 't', 't', 'slow', 'done') returning id`;
    await slow.query('begin');
    await slow.query(insert);
    await slower.query('begin');
    await slower.query(insert);
    await write(db, 3);
    await seal(db);
    await assertSealed(db, 3);
    await slower.query('commit');
    await write(db, 1);
    await seal(db);
    await assertSealed(db, 5);
    // A number that is never used leaves no hole.
    await db.pool
      .query(`do $$ begin insert into access.audit (at, actor_kind, actor_id, actor_name, action, outcome)
      values (now(), 'system', 't', 't', 'undone', 'done'); raise exception 'undone'; end $$`)
      .catch(() => {});
    await slow.query('commit');
    slow.release();
    slower.release();
    await seal(db);
    await assertSealed(db, 6);
    const order = (await entriesBetween(db.kysely, 0, 6)).map((entry) => Number(entry.rowId));
    assert.deepEqual(order, [3, 4, 5, 2, 6, 1]);
  });

  it('goes on while many writers and several workers are at work at once', async () => {
    const db = await testDatabase();
    let isWriting = true;
    const writers = Array.from({ length: 6 }, async (_, writer) => {
      for (let turn = 0; turn < 12; turn += 1) {
        const undone = (writer + turn) % 5 === 0;
        await testCtx(db)
          .run(async ({ tx }) => {
            await recordAudit(tx, {
              at: now,
              actor,
              action: 'write',
              outcome: 'done',
              subject: `report:${writer}`,
            });
            await sql`select pg_sleep(${((writer * 7 + turn * 3) % 9) / 1000})`.execute(tx.db);
            await recordAudit(tx, {
              at: now,
              actor,
              action: 'write',
              outcome: 'done',
              subject: `report:${writer}`,
            });
            if (undone) throw new Error('undone');
          })
          .catch((error: unknown) => assert.match(String(error), /undone/));
      }
    });
    const workers = Array.from({ length: 3 }, async () => {
      let turns = 0;
      while (isWriting) {
        await seal(db, 10);
        turns += 1;
      }
      return turns;
    });
    await Promise.all(writers);
    isWriting = false;
    await Promise.all(workers);
    while ((await seal(db)).kind === 'sealed');
    const { rows } = await sql<{ count: number }>`select count(*)::int as count from access.audit`.execute(
      db.kysely,
    );
    assert.ok((rows[0]?.count ?? 0) > 100);
    await assertSealed(db, rows[0]?.count ?? 0);
  });

  it('refuses to sign over a tree that is not the one it signed', async () => {
    const db = await testDatabase();
    await write(db, 10);
    await seal(db);
    await db.pool.query(`begin; set local session_replication_role = replica;
      update access.log_tile set hashes = overlay(hashes placing '\\x00'::bytea from 3 for 1); commit`);
    await write(db, 1);
    await assert.rejects(seal(db), { name: 'IntegrityFault' });
  });

  it('keeps what it wrote from being changed, by its own roles and by mistake', async () => {
    const db = await testDatabase();
    await write(db, 3);
    await seal(db);
    for (const statement of [
      'update access.log_entry set row_id = 9',
      'delete from access.log_entry',
      'truncate access.log_checkpoint cascade',
      "update access.log_checkpoint set note = 'x'",
      'delete from access.log_tile',
      'update access.log_tile set hashes = substring(hashes from 1 for 32)',
      "update access.log_tile set hashes = overlay(hashes placing '\\x00'::bytea from 3 for 1)",
    ])
      await assert.rejects(db.pool.query(statement), /append-only|restrict/, statement);
  });

  it('knows a database that was set back, and one that was rewritten', async () => {
    const [db, other] = [await testDatabase(), await testDatabase()];
    await write(db, 300);
    const sealed = await seal(db);
    const anchor = openAnchor(join(folder, 'anchor'));
    assert.equal(await anchor.read(), undefined);
    await anchor.write(sealed.kind === 'sealed' ? sealed.checkpoint.note : '');
    assert.deepEqual(await standingOf(db.kysely, await anchor.read()), { kind: 'continues' });
    await write(db, 300);
    await seal(db);
    assert.deepEqual(await standingOf(db.kysely, await anchor.read()), { kind: 'continues' });
    await write(other, 20);
    await seal(other);
    assert.deepEqual(await standingOf(other.kysely, await anchor.read()), {
      kind: 'set-back',
      size: 20,
      seen: 300,
    });
    await write(other, 400);
    await seal(other);
    assert.deepEqual(await standingOf(other.kysely, await anchor.read()), {
      kind: 'rewritten',
      size: 420,
      seen: 300,
    });
  });
});
