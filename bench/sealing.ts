import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startBureau } from '../demo/bureau.ts';
import { readJson } from '../demo/folder.ts';
import { type Benchmark, environmentFor, type Figure, median, withFolder } from './benchmark.ts';
import { openSenders, pictureOf200kB, rateOf, sendCycle } from './intake.ts';

/**
 * Full intake cycles while the audit log is being sealed, beside the same while sealing is paused: the bench holds
 * the lock that a worker takes to seal. The two take turns, and what a pause left over is sealed before the next.
 */
export const sealing: Benchmark = {
  summary: 'full intake cycles with the audit log being sealed, beside the same with sealing paused',
  defaults: { clients: 8, rounds: 5, seconds: 8 },
  measure: async ({ clients = 8, rounds = 5, seconds = 8 }, note) =>
    await withFolder(async (folder) => {
      const bureau = await startBureau(folder, environmentFor(folder));
      try {
        const address = await readJson<{ databaseUrl: string }>(join(folder, 'bureau.json'));
        if (address === undefined) throw new Error('the bureau left no bureau.json');
        const client = new pg.Client({ connectionString: address.databaseUrl });
        await client.connect();
        const senders = await openSenders(bureau, clients);
        try {
          return await takeTurns(client, senders, { rounds, seconds }, note);
        } finally {
          for (const sender of senders) sender.close();
          await client.end();
        }
      } finally {
        await bureau.stop();
      }
    }),
};

/** The key under which `src/access/audit-log/store.ts` takes its lock. */
const sealingLock = 0x6c6f67;

async function takeTurns(
  client: pg.Client,
  senders: Awaited<ReturnType<typeof openSenders>>,
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
  note: (line: string) => void,
): Promise<Figure[]> {
  const picture = await pictureOf200kB();
  let serial = 0;
  const cycle = async (sender: number) => await sendCycle(senders[sender], picture, ++serial);
  await rateOf(senders.length, 2, cycle);
  const [on, paused, rows]: [number[], number[], number[]] = [[], [], []];
  for (let round = 1; round <= rounds; round += 1) {
    await client.query('select pg_advisory_lock($1)', [sealingLock]);
    paused.push((await rateOf(senders.length, seconds, cycle)).rate);
    await client.query('select pg_advisory_unlock($1)', [sealingLock]);
    await untilSealed(client);
    const before = await sizeOf(client);
    const { rate } = await rateOf(senders.length, seconds, cycle);
    on.push(rate);
    rows.push(((await sizeOf(client)) - before) / seconds);
    note(
      `round ${round}: ${rate.toFixed(1)} cycles/s sealing ${rows.at(-1)?.toFixed(0)} rows/s, ${paused.at(-1)?.toFixed(1)} cycles/s paused`,
    );
    await untilSealed(client);
  }
  const ratios = on.map((rate, round) => rate / (paused[round] ?? Number.NaN));
  return [
    { name: 'cycles with sealing', value: median(on), unit: 'a second' },
    { name: 'cycles with sealing paused', value: median(paused), unit: 'a second' },
    { name: 'rows sealed meanwhile', value: median(rows), unit: 'a second' },
    { name: 'sealing / paused', value: median(ratios), unit: '', aim: { kind: 'at-least', value: 0.85 } },
  ];
}

const longestWaitMs = 120_000;

async function untilSealed(client: pg.Client): Promise<void> {
  const startedMs = performance.now();
  for (;;) {
    const { rows } = await client.query<{ count: number }>(
      'select count(*)::int as count from access.log_pending',
    );
    if (rows[0]?.count === 0) return;
    if (performance.now() - startedMs > longestWaitMs)
      throw new Error('the worker does not keep up with sealing');
    await sleep(200);
  }
}

async function sizeOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ size: number }>(
    'select coalesce(max(size), 0)::float8 as size from access.log_checkpoint',
  );
  const size = rows[0]?.size ?? 0;
  if (size === 0) throw new Error('nothing was sealed, so there is nothing to compare');
  return size;
}
