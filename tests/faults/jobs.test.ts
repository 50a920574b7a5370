import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Delivery } from '#platform/jobs';
import { randomOf } from '../../demo/day/random.ts';
import { startTestBureau, type TestBureau } from '../harness/bureau.ts';
import { sendersOf, sendReport } from '../trial/journeys.ts';
import { Ledger } from '../trial/ledger.ts';
import { emptyReckoning, rules, withDatabase } from '../trial/reckoning.ts';

/** Jobs that come twice, in any order, at the same time, and late: the same end as when each comes once. */
const seed = 11;
const reports = 40;

async function sendTo(bureau: TestBureau): Promise<void> {
  const services = [await bureau.addService('Harbour Chat'), await bureau.addService('Quayside Photos')];
  const ledger = new Ledger();
  const senders = sendersOf(services, () => bureau.url, ledger, 4);
  for (let index = 0; index < reports; index += 1) await sendReport({ seed, ledger, senders }, index);
  for (const sender of senders) sender.close();
  assert.equal(ledger.unanswered + ledger.refused, 0);
}

/** Every job that waits, as it would be delivered. */
async function waiting(bureau: TestBureau): Promise<Delivery[]> {
  const { rows } = await bureau.db.pool.query<{ name: string; subject: string }>(
    "select name, data->>'subject' as subject from pgboss.job where state = 'created' and name not like '\\_\\_pgboss%' order by created_on, id",
  );
  return rows.map(({ name, subject }) => ({ name, subject, attempt: 1, isLast: false, isDead: false }));
}

/** What a bureau came to, in numbers that do not depend on ids or times. */
async function endOf(bureau: TestBureau): Promise<Record<string, unknown>> {
  const count = async (sql: string) => (await bureau.db.pool.query(sql)).rows as unknown;
  return {
    // Whether a file of a retracted report is looked at before its bytes go depends on the order, as it may.
    audit: await count(
      "select action, outcome, count(*)::int from access.audit where action <> 'fingerprint-file' group by 1, 2 order by 1, 2",
    ),
    custody: await count(
      "select act, count(*)::int from vault.custody where act <> 'read' group by 1 order by 1",
    ),
    line: await count(
      'select state, urgency, count(*)::int from assess.line_entry group by 1, 2 order by 1, 2',
    ),
    assessments: await count(
      'select urgency, completeness, count(*)::int from assess.assessment group by 1, 2 order by 1, 2',
    ),
    seals: await count(
      'select location is null as "isGone", count(*)::int from vault.seal group by 1 order by 1',
    ),
    attention: await count('select count(*)::int from platform.attention where resolved_at is null'),
  };
}

async function brokenRules(bureau: TestBureau): Promise<unknown> {
  const found = emptyReckoning();
  await withDatabase(bureau.db.url, async (client) => {
    for (const { kind, says, sql } of rules) {
      for (const { what } of (await client.query<{ what: string }>(sql)).rows)
        found[kind].push(`${what} ${says}`);
    }
  });
  return found;
}

test('jobs that are delivered twice, shuffled, four at a time and again later change nothing more', async () => {
  const usual = await startTestBureau();
  await sendTo(usual);
  await usual.drain();
  const expected = await endOf(usual);
  assert.deepEqual(await brokenRules(usual), emptyReckoning());

  const odd = await startTestBureau();
  await sendTo(odd);
  const random = randomOf(seed, 'deliveries');
  for (let round = 0; round < 3; round += 1) {
    const jobs = await waiting(odd);
    assert.ok(round > 0 || jobs.length > reports / 2, `only ${jobs.length} jobs wait`);
    const deliveries = [...jobs, ...jobs]
      .map((delivery) => ({ delivery, order: random.unit() }))
      .sort((one, other) => one.order - other.order)
      .map(({ delivery }) => delivery);
    const worker = async () => {
      for (let next = deliveries.shift(); next !== undefined; next = deliveries.shift())
        await odd.app.runDelivery(next);
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
  }
  // The queue itself has handed out nothing so far: all of it comes once more, in order, late.
  odd.clock.advance(3_600_000);
  await odd.drain();
  assert.deepEqual(await endOf(odd), expected);
  assert.deepEqual(await brokenRules(odd), emptyReckoning());
});
