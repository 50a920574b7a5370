import assert from 'node:assert/strict';
import { before, beforeEach, describe, test } from 'node:test';
import { createJobRunner, done, type JobDefinition } from '#access';
import { IntegrityFault } from '#base/errors';
import { jobsFor } from '#pipeline';
import { settableClock } from '#platform/clock';
import { type Delivery, installQueues, type JobQueue, openQueue } from '#platform/jobs';
import { createLog } from '#platform/log';
import type { Tx } from '#platform/transaction';
import { inTransaction } from '#platform/unit-of-work';
import { closeAtEnd, type TestDatabase, testDatabase } from '../harness/database.ts';

const log = createLog('silent', 'test');
const clock = settableClock(new Date('2026-11-24T12:00:00Z'));
let db: TestDatabase;
let queue: JobQueue;
let behaviour: () => ReturnType<JobDefinition['run']>;
const definition: JobDefinition = { name: 'try-something', run: async () => await behaviour() };

const run = async <T>(work: (tx: Tx) => Promise<T>): Promise<T> =>
  await inTransaction(db.kysely, async () => {}, work);
const runner = () => createJobRunner([definition], { db: db.kysely, clock, log, inTransaction: run });
const delivery = (overrides: Partial<Delivery> = {}): Delivery => ({
  name: 'try-something',
  subject: '1000001',
  attempt: 1,
  isLast: false,
  isDead: false,
  ...overrides,
});
const openItems = async () =>
  await db.kysely.selectFrom('platform.attention').selectAll().where('resolved_at', 'is', null).execute();

before(async () => {
  db = await testDatabase();
  await installQueues(db.url, [definition], log);
  queue = await openQueue(db.url, 'sender', log);
  closeAtEnd(queue.stop);
});
beforeEach(async () => {
  await db.kysely.deleteFrom('platform.attention').execute();
});

describe('what becomes of a job', () => {
  test('one that throws is retried, and needs attention only after the last attempt; success closes the item', async () => {
    behaviour = async () => {
      throw new Error('the store is away');
    };
    await assert.rejects(runner()(delivery()), /the store is away/);
    assert.deepEqual(await openItems(), []);
    await runner()(delivery({ attempt: 6, isLast: true }));
    const [item] = await openItems();
    assert.equal(item?.reason, 'Error: the store is away');
    assert.equal(item?.attempts, 6);
    behaviour = async () => done;
    await runner()(delivery());
    assert.deepEqual(await openItems(), []);
  });

  test('one that fails for good, or finds evidence that does not match, needs attention at once', async () => {
    behaviour = async () => ({ kind: 'failed', reason: 'The file is of no known kind.' });
    await runner()(delivery());
    assert.equal((await openItems())[0]?.reason, 'The file is of no known kind.');
    behaviour = async () => {
      throw new IntegrityFault('seal:ab', 'The seal does not match.');
    };
    await runner()(delivery({ subject: '1000002' }));
    const reasons = (await openItems()).map((item) => item.reason);
    assert.ok(reasons.includes('IntegrityFault: The seal does not match.'));
  });

  test('failing twice keeps one open item that counts its attempts', async () => {
    behaviour = async () => ({ kind: 'failed', reason: 'Still not.' });
    await runner()(delivery());
    await runner()(delivery());
    const items = await openItems();
    assert.equal(items.length, 1);
    assert.equal(items[0]?.attempts, 2);
  });

  test('one whose worker was killed at every attempt, or that this version does not know, needs attention', async () => {
    await runner()(delivery({ isDead: true, isLast: false }));
    await runner()(delivery({ name: 'gone-job' }));
    assert.deepEqual((await openItems()).map((item) => item.job).sort(), ['gone-job', 'try-something']);
  });

  test('what it did is undone when it throws, and leaves an audit row when it is done', async () => {
    const rows = async () =>
      await db.kysely.selectFrom('access.audit').selectAll().where('action', '=', 'try-something').execute();
    const earlier = (await rows()).length;
    behaviour = async () => {
      throw new Error('half way');
    };
    await assert.rejects(runner()(delivery()));
    assert.equal((await rows()).length, earlier);
    behaviour = async () => done;
    await runner()(delivery());
    assert.equal((await rows()).length, earlier + 1);
  });
});

describe('the queue', () => {
  test('a job exists exactly if the transaction that enqueued it commits', async () => {
    const send = async (subject: string, fate: 'commit' | 'roll back') => {
      await run(async (tx) => {
        await queue.enqueue(tx, [{ name: definition.name, subject }]);
        if (fate === 'roll back') throw new Error('changed my mind');
      }).catch(() => {});
    };
    await send('1', 'commit');
    await send('2', 'roll back');
    const seen: string[] = [];
    const ran = await queue.drain([definition.name], async (one) => {
      seen.push(one.subject);
    });
    assert.deepEqual(seen, ['1']);
    assert.equal(ran, 1);
  });

  test('a worker wakes at once and runs what was enqueued by another process\u2019s connection', async () => {
    const worker = await openQueue(db.url, 'worker', log);
    const seen = new Set<string>();
    let wake: () => void = () => {};
    const all = new Promise<void>((resolve) => {
      wake = resolve;
    });
    await worker.work(
      [definition.name],
      async (one) => {
        seen.add(one.subject);
        if (seen.size === 20) wake();
      },
      4,
    );
    await run(async (tx) => {
      const jobs = Array.from({ length: 20 }, (_, n) => ({ name: definition.name, subject: String(n) }));
      await queue.enqueue(tx, jobs);
    });
    await all;
    await worker.stop();
    assert.equal(seen.size, 20);
  });
});

describe('the pipeline', () => {
  test('a filed report is assessed; an event that nobody owns is a bug, not a silence', () => {
    assert.deepEqual(jobsFor([{ name: 'report.filed', subject: '7' }]), [
      { name: 'assess-report', subject: '7' },
    ]);
    assert.throws(() => jobsFor([{ name: 'report.imagined', subject: '7' }]), /no stage owns/);
  });
});
