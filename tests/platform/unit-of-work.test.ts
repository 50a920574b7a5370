import assert from 'node:assert/strict';
import { before, beforeEach, describe, it } from 'node:test';
import { sql } from 'kysely';
import { constraintOf, isSqlState } from '#platform/postgres-errors';
import type { RecordedEvent, Tx } from '#platform/transaction';
import { inTransaction } from '#platform/unit-of-work';
import { type TestDatabase, testCtx, testDatabase } from '../harness/database.ts';

let db: TestDatabase;

before(async () => {
  db = await testDatabase();
  await db.pool.query('create table note (id int primary key, text text not null)');
});

beforeEach(() => db.pool.query('delete from note'));

const nothing = async () => {};

async function addNote(tx: Tx, id: number): Promise<void> {
  await sql`insert into note values (${id}, 'text')`.execute(tx.db);
}

async function noteIds(): Promise<number[]> {
  const { rows } = await db.pool.query<{ id: number }>('select id from note order by id');
  return rows.map((row) => row.id);
}

describe('a unit of work', () => {
  it('hands what was recorded to the same transaction, in order, before the commit', async () => {
    const seen: RecordedEvent[] = [];
    const result = await inTransaction(
      db.kysely,
      async (tx, events) => {
        seen.push(...events);
        await addNote(tx, 2);
        assert.deepEqual(await noteIds(), []);
      },
      async (tx) => {
        await addNote(tx, 1);
        tx.record({ name: 'note.added', subject: '1' });
        tx.record({ name: 'note.read', subject: '1' });
        return 'result';
      },
    );
    assert.equal(result, 'result');
    assert.deepEqual(seen, [
      { name: 'note.added', subject: '1' },
      { name: 'note.read', subject: '1' },
    ]);
    assert.deepEqual(await noteIds(), [1, 2]);
  });

  it('rolls back when the work throws, and enqueues nothing', async () => {
    let committing = 0;
    const onCommitting = async () => {
      committing += 1;
    };
    const work = async (tx: Tx) => {
      await addNote(tx, 1);
      throw new Error('no');
    };
    await assert.rejects(inTransaction(db.kysely, onCommitting, work), /^Error: no$/);
    assert.equal(committing, 0);
    assert.deepEqual(await noteIds(), []);
  });

  it('rolls the work back when enqueuing throws', async () => {
    const refuse = async () => {
      throw new Error('queue is down');
    };
    await assert.rejects(
      inTransaction(db.kysely, refuse, (tx) => addNote(tx, 1)),
      /queue is down/,
    );
    assert.deepEqual(await noteIds(), []);
  });
});

describe('colliding units of work', () => {
  it('runs again after a deadlock, without what the failed attempt recorded', async () => {
    await db.pool.query("insert into note values (1, ''), (2, '')");
    let arrived = 0;
    let attempts = 0;
    const seen: string[] = [];
    const both = Promise.withResolvers<void>();
    const lockBoth = (first: number, second: number) => async (tx: Tx) => {
      attempts += 1;
      tx.record({ name: 'note.locked', subject: `${first}` });
      await sql`update note set text = text || '+' where id = ${first}`.execute(tx.db);
      arrived += 1;
      if (arrived === 2) both.resolve();
      await both.promise;
      await sql`update note set text = text || '+' where id = ${second}`.execute(tx.db);
    };
    const collect = async (_: Tx, events: readonly RecordedEvent[]) => {
      seen.push(...events.map((event) => event.subject));
    };
    await Promise.all([
      inTransaction(db.kysely, collect, lockBoth(1, 2)),
      inTransaction(db.kysely, collect, lockBoth(2, 1)),
    ]);
    assert.equal(attempts, 3);
    assert.deepEqual(seen.sort(), ['1', '2']);
    const { rows } = await db.pool.query('select text from note');
    assert.deepEqual(rows, [{ text: '++' }, { text: '++' }]);
  });

  it('gives up after three collisions', async () => {
    let attempts = 0;
    const collide = async (tx: Tx) => {
      attempts += 1;
      await sql`do $$ begin raise exception 'collision' using errcode = 'serialization_failure'; end $$`.execute(
        tx.db,
      );
    };
    await assert.rejects(inTransaction(db.kysely, nothing, collide), (error) =>
      isSqlState(error, 'serializationFailure'),
    );
    assert.equal(attempts, 3);
  });

  it('does not repeat what fails for another reason, and tells which', async () => {
    let attempts = 0;
    const work = async (tx: Tx) => {
      attempts += 1;
      await addNote(tx, 1);
      await addNote(tx, 1);
    };
    await assert.rejects(inTransaction(db.kysely, nothing, work), (error) => {
      assert.equal(isSqlState(error, 'uniqueViolation'), true);
      assert.equal(isSqlState(error, 'checkViolation', 'deadlockDetected'), false);
      assert.equal(constraintOf(error), 'note_pkey');
      return true;
    });
    assert.equal(attempts, 1);
  });
});

describe('the test context', () => {
  it('commits each run and keeps the events of committed runs only', async () => {
    const context = testCtx(db);
    await context.run(async (ctx) => {
      await addNote(ctx.tx, 1);
      ctx.tx.record({ name: 'note.added', subject: '1' });
    });
    const failing = context.run(async (ctx) => {
      ctx.tx.record({ name: 'note.added', subject: '2' });
      throw new Error('no');
    });
    await assert.rejects(failing, /no/);
    assert.deepEqual(context.events, [{ name: 'note.added', subject: '1' }]);
    assert.deepEqual(await noteIds(), [1]);
  });

  it('gives each database its own contents', async () => {
    const other = await testDatabase();
    await db.kysely
      .insertInto('platform.bureau')
      .values({ name: 'Test', is_demonstration: true, created_at: new Date() })
      .execute();
    assert.deepEqual(await other.kysely.selectFrom('platform.bureau').selectAll().execute(), []);
    await other.drop();
  });
});
