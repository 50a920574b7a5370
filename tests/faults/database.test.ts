import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { BureauUnderTrial } from '../trial/bureau-under-trial.ts';
import type { Service } from '../trial/journeys.ts';
import { Ledger } from '../trial/ledger.ts';
import { addServices, type Outcome, reckon, underLoad } from '../trial/load.ts';
import { type FaultyDatabase, startBureauOn, startFaultyDatabase } from './faults-build.ts';

/** PostgreSQL that goes away, stops answering, answers late, or takes nobody in: nothing is lost, nobody is misled. */
const ledger = new Ledger();
let database: FaultyDatabase;
let bureau: BureauUnderTrial;
let services: readonly Service[];
let first = 0;

before(async () => {
  database = await startFaultyDatabase();
  bureau = await startBureauOn(database);
  services = await addServices(bureau, ledger);
});

after(async () => {
  await database.signal('SIGCONT');
});

/** Sends reports while the database is in trouble, and gives what is wrong afterwards. */
async function storm(count: number, trouble: () => Promise<void>): Promise<Outcome> {
  const load = { seed: 5, services, ledger, first, count, inFlight: Math.min(count, 30) };
  first += count;
  const outcome = await underLoad(
    bureau,
    load,
    trouble,
    async (senders) => await reckon(bureau, senders, ledger),
  );
  assert.deepEqual(Object.fromEntries(ledger.faults), {}, 'answers that no sender should see');
  return outcome;
}

function assertKept({ lost, doubled, untidy }: Outcome): void {
  assert.deepEqual({ lost, doubled, untidy }, { lost: [], doubled: [], untidy: [] });
}

async function readiness(): Promise<{ status: number; reasons: readonly string[]; ms: number }> {
  const startedMs = performance.now();
  const reply = await fetch(`${bureau.url}/health/ready`);
  const { reasons } = (await reply.json()) as { reasons: string[] };
  return { status: reply.status, reasons, ms: performance.now() - startedMs };
}

describe('a database', () => {
  test('whose connections break again and again: every report arrives, once, and nobody is told that it was their fault', async () => {
    let broken = 0;
    const outcome = await storm(60, async () => {
      for (let times = 0; times < 6; times += 1) {
        await sleep(250);
        broken += database.proxy.reset();
      }
    });
    assert.ok(broken > 10, `only ${broken} connections were open`);
    assertKept(outcome);
  });

  test('that stops answering: readiness says so within seconds, liveness does not mind, work goes on afterwards', async () => {
    const outcome = await storm(30, async () => {
      await sleep(300);
      await database.signal('SIGSTOP');
      try {
        await sleep(500);
        const said = await readiness();
        assert.equal(said.status, 503);
        assert.match(said.reasons.join(' '), /database/i);
        assert.ok(said.ms < 5_000, `readiness took ${said.ms} ms`);
        assert.equal((await fetch(`${bureau.url}/health/live`)).status, 200);
      } finally {
        await database.signal('SIGCONT');
      }
    });
    assertKept(outcome);
    assert.equal((await readiness()).status, 200);
  });

  test('that answers late: everything takes longer and nothing else happens', async () => {
    database.proxy.delayMs = 40;
    try {
      assertKept(await storm(12, async () => {}));
    } finally {
      database.proxy.delayMs = 0;
    }
  });

  test('that takes nobody in: senders are told to come back, in the words of their protocol, and then they can', async () => {
    const taken = await takeAllConnections(database.directUrl);
    try {
      // The bureau's own connections break while others have taken all there are.
      database.proxy.reset();
      await sleep(700);
      const [service] = services;
      const pair = Buffer.from(`${service?.username}:${service?.password}`).toString('base64');
      const headers = { authorization: `Basic ${pair}` };
      let reply = await fetch(`${bureau.url}/ispws/status`, { headers });
      // A connection that the bureau gives up is taken a moment later: until then it may still be answered.
      for (let turn = 0; reply.status !== 503 && turn < 40; turn += 1) {
        database.proxy.reset();
        await sleep(100);
        reply = await fetch(`${bureau.url}/ispws/status`, { headers });
      }
      const text = await reply.text();
      assert.equal(reply.status, 503, text);
      assert.ok(Number(reply.headers.get('retry-after')) >= 1);
      assert.match(text, /<responseCode>1000</);
      assert.equal((await readiness()).status, 503);
    } finally {
      await release(taken);
    }
    assertKept(await storm(6, async () => {}));
  });
});

const takers = new WeakMap<pg.Client[], NodeJS.Timeout>();

async function release(taken: pg.Client[]): Promise<void> {
  clearInterval(takers.get(taken));
  await sleep(100);
  await Promise.all(taken.map(async (client) => await client.end()));
}

/** Takes every connection that there is, those that the bureau gives up meanwhile included, until they are released. */
async function takeAllConnections(url: string): Promise<pg.Client[]> {
  const taken: pg.Client[] = [];
  const takeOne = async (): Promise<boolean> => {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    try {
      await client.connect();
    } catch (error) {
      assert.match(String(error), /too many clients|remaining connection slots/);
      return false;
    }
    taken.push(client);
    return true;
  };
  while (await takeOne());
  const more = setInterval(() => void takeOne(), 5);
  takers.set(taken, more);
  return taken;
}
