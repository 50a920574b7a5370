import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomOf } from '../../demo/day/random.ts';
import { newFolder, startFaultyDatabase } from '../faults/faults-build.ts';
import { provideConsole } from '../harness/console.ts';
import { closeAtEnd } from '../harness/database.ts';
import { startAndEnd } from '../harness/process.ts';
import { startTcpProxy } from '../harness/tcp-proxy.ts';
import { Ledger } from '../trial/ledger.ts';
import { addServices, reckon, underLoad } from '../trial/load.ts';
import { PartProcess } from '../trial/part-process.ts';

/** Two servers and two workers on one PostgreSQL and one store, behind one address: any of them may go at any time. */
describe('a bureau on several machines', () => {
  test('loses nothing and does nothing twice whichever machine dies', async (t) => {
    const seed = Number(process.env.TEST_SEED ?? Date.now() % 1_000_000_000);
    t.diagnostic(`the same again: TEST_SEED=${seed}`);
    const database = await startFaultyDatabase();
    const dataFolder = join(await newFolder('machines'), 'data');
    await provideConsole(dataFolder);
    const environment = {
      FIRSTLIGHT_DATA: dataFolder,
      DATABASE_URL: database.directUrl,
      FIRSTLIGHT_LOG: 'error',
    };
    const machines = (['server', 'server', 'worker', 'worker'] as const).map(
      (part) => new PartProcess(part, environment),
    );
    closeAtEnd(async () => void (await Promise.all(machines.map(async (machine) => await machine.stop()))));
    // All at once on an empty database: one prepares, the others find everything made.
    await Promise.all(machines.map(async (machine) => await machine.start()));

    let turn = 0;
    const balancer = await startTcpProxy(() => {
      const ports = machines.flatMap(({ port }) => (port === undefined ? [] : [port]));
      const port = ports[turn++ % Math.max(1, ports.length)];
      return port === undefined ? undefined : { port };
    });
    closeAtEnd(async () => await balancer.close());

    const ledger = new Ledger();
    const bureau = {
      url: `http://127.0.0.1:${balancer.port}`,
      dataFolder,
      adminToken: async () => (await readFile(join(dataFolder, 'admin-token'), 'utf8')).trim(),
      databaseUrl: async () => database.directUrl,
    };
    const services = await addServices(bureau, ledger);
    const random = randomOf(seed, 'machines');
    let kills = 0;
    const outcome = await underLoad(
      bureau,
      { seed, services, ledger, first: 0, count: 150, inFlight: 60 },
      async (isOver) => {
        const order = machines
          .map((machine) => ({ machine, at: random.unit() }))
          .sort((one, other) => one.at - other.at);
        for (const { machine } of order) {
          await Promise.race([
            ledger.untilAnswer(ledger.answers + random.whole(40, 110)),
            whenAborted(isOver),
          ]);
          await machine.kill();
          kills += 1;
          await sleep(random.whole(0, 300));
          await machine.start();
        }
      },
      async (senders) => await reckon(bureau, senders, ledger),
    );
    const { lost, doubled, untidy } = outcome;
    assert.deepEqual({ lost, doubled, untidy }, { lost: [], doubled: [], untidy: [] });
    assert.deepEqual(Object.fromEntries(ledger.faults), {});
    assert.equal(ledger.acknowledgedReports, 150);
    assert.equal(kills, machines.length);
    assert.ok(outcome.verifiedSeals > 50);
  });

  test('is no use without a PostgreSQL that all reach, and says so', async () => {
    const ended = await startAndEnd({ FIRSTLIGHT_DATA: join(await newFolder('alone'), 'data') }, 'server');
    assert.equal(ended.status, 1);
    assert.match(ended.error, /a server alone needs a PostgreSQL .* Set DATABASE_URL/);
  });
});

async function whenAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
}
