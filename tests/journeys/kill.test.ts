import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { provideConsole } from '../harness/console.ts';
import { startAndEnd, startProcess } from '../harness/process.ts';
import { processesNaming } from '../harness/process-list.ts';
import { runTrial } from '../trial/run-trial.ts';

/** Acknowledged means durable, and every start either works or says in one sentence what to do. */
const folders: string[] = [];

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'firstlight-kill-'));
  folders.push(folder);
  const data = join(folder, 'data');
  await provideConsole(data);
  return data;
}

after(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

const seedVariable = 'TEST_SEED';

describe('a bureau that is killed', () => {
  test('keeps every acknowledged report and file, and does every work once', async (t) => {
    const dataFolder = await newFolder();
    const seed = Number(process.env[seedVariable] ?? Date.now() % 1_000_000_000);
    t.diagnostic(`the same again: ${seedVariable}=${seed} npm test -- tests/journeys/kill`);
    const tally = await runTrial({
      seed,
      inFlight: 200,
      reportsPerRound: 200,
      answersBetween: [80, 160],
      dataFolder,
      environment: { FIRSTLIGHT_LOG: 'error' },
      goesOn: () => false,
      note: (line) => t.diagnostic(line),
      trace: () => {},
    });
    const { lost, doubled, untidy, faults, loggedFaults, acknowledged, kills } = tally;
    assert.deepEqual(
      { lost, doubled, untidy, faults, loggedFaults },
      { lost: [], doubled: [], untidy: [], faults: {}, loggedFaults: {} },
    );
    assert.equal(acknowledged.reports, 200);
    assert.ok(acknowledged.files > 100, `only ${acknowledged.files} files`);
    assert.ok(tally.verifiedSeals > 50, `only ${tally.verifiedSeals} seals`);
    const killed = Object.values(kills).reduce((sum, count) => sum + count, 0);
    assert.ok(killed >= 5, `only ${killed} kills`);
  });
});

/** No process of the bureau on this folder is left: its parts end when their parent does. */
async function untilGone(data: string): Promise<void> {
  let left = await processesNaming(data);
  for (let attempt = 0; left.length > 0 && attempt < 100; attempt += 1) {
    await sleep(100);
    left = await processesNaming(data);
  }
  assert.deepEqual(left, []);
}

describe('a bureau whose npm is stopped', () => {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    test(`ends when npm gets ${signal}`, async () => {
      const data = await newFolder();
      const npm = await startProcess({ FIRSTLIGHT_DATA: data, PORT: '0', FIRSTLIGHT_LOG: 'silent' }, 'npm');
      assert.ok((await processesNaming(data)).length > 0, 'nothing names the folder while it runs');
      npm.signal(signal);
      await npm.exited;
      await untilGone(data);
    });
  }
});

describe('a start that cannot work', () => {
  test('a taken port is one clear sentence and leaves nothing running', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const data = await newFolder();
    const ended = await startAndEnd({ FIRSTLIGHT_DATA: data, PORT: String(port) });
    taken.close();
    assert.equal(ended.status, 1);
    assert.match(ended.error, new RegExp(`Port ${port} on 127.0.0.1 is taken`));
    assert.doesNotMatch(ended.error, /\bat .*\.ts:\d+/, 'a stack trace is no sentence');
    await untilGone(data);
  });

  test('a configuration with five mistakes names all five', async () => {
    const ended = await startAndEnd({
      FIRSTLIGHT_DATA: '/',
      PORT: '99999',
      FIRSTLIGHT_LOG: 'loud',
      FIRSTLIGHT_SESSION_HOURS: 'many',
      FIRSTLIGHT_PUBLIC_URL: 'nowhere',
    });
    assert.equal(ended.status, 2);
    for (const name of [
      'FIRSTLIGHT_DATA',
      'PORT',
      'FIRSTLIGHT_LOG',
      'FIRSTLIGHT_SESSION_HOURS',
      'FIRSTLIGHT_PUBLIC_URL',
    ]) {
      assert.match(ended.error, new RegExp(name));
    }
    assert.equal(ended.out, '');
  });

  test('a second bureau on the same folder is refused and the first goes on', async () => {
    const data = await newFolder();
    const environment = { FIRSTLIGHT_DATA: data, PORT: '0', FIRSTLIGHT_LOG: 'silent' };
    const first = await startProcess(environment);
    const second = await startAndEnd(environment);
    assert.equal(second.status, 1);
    assert.match(second.error, /already runs/);
    assert.equal((await fetch(`${first.url}/health/ready`)).status, 200);
    first.signal('SIGINT');
    assert.equal(await first.exited, 0);
  });
});
