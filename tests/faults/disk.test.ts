import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { provideConsole } from '../harness/console.ts';
import { closeAtEnd } from '../harness/database.ts';
import { BureauUnderTrial } from '../trial/bureau-under-trial.ts';
import { Ledger } from '../trial/ledger.ts';
import { addServices, type Outcome, reckon, underLoad } from '../trial/load.ts';
import { newFolder } from './faults-build.ts';

const run = promisify(execFile);

/** Small disks are mounted for the time of a test, which only root may do. */
const skip =
  process.platform !== 'linux'
    ? 'mounting a small disk is done on Linux only'
    : process.getuid?.() !== 0
      ? 'mounting a small disk needs root'
      : false;

async function mountSmallDisk(path: string, megabytes: number): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'tmpfs', path]);
  closeAtEnd(async () => void (await run('umount', ['--lazy', path]).catch(() => undefined)));
}

async function remount(path: string, options: string): Promise<void> {
  await run('mount', ['-o', `remount,${options}`, path]);
}

async function startBureau(
  data: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<BureauUnderTrial> {
  await provideConsole(data);
  const bureau = new BureauUnderTrial(data, { FIRSTLIGHT_LOG: 'error', ...environment });
  closeAtEnd(async () => void (await bureau.stop()));
  await bureau.start();
  return bureau;
}

async function storm(
  bureau: BureauUnderTrial,
  count: number,
  trouble: (ledger: Ledger) => Promise<void>,
): Promise<Outcome> {
  const ledger = new Ledger();
  const services = await addServices(bureau, ledger);
  const load = { seed: 21, services, ledger, first: 0, count, inFlight: 12 };
  const outcome = await underLoad(
    bureau,
    load,
    async () => await trouble(ledger),
    async (senders) => await reckon(bureau, senders, ledger),
  );
  assert.deepEqual(Object.fromEntries(ledger.faults), {}, 'answers that no sender should see');
  return outcome;
}

function assertKept({ lost, doubled, untidy }: Outcome): void {
  assert.deepEqual({ lost, doubled, untidy }, { lost: [], doubled: [], untidy: [] });
}

/** Fills a disk to its last byte, whoever else writes to it; gives the file that does. */
async function fill(path: string): Promise<string> {
  const filler = join(path, 'filler');
  const handle = await open(filler, 'w');
  const block = Buffer.alloc(256 * 1024);
  for (let size = block.length; size >= 512; ) {
    const isFull = await handle.write(block, 0, size).then(
      ({ bytesWritten }) => bytesWritten < size,
      () => true,
    );
    if (isFull) size >>= 1;
  }
  await handle.close();
  return filler;
}

async function untilRefused(ledger: Ledger): Promise<void> {
  const before = ledger.refused;
  for (let tries = 0; ledger.refused === before && tries < 300; tries += 1) await sleep(50);
  assert.ok(ledger.refused > before, 'nobody was asked to wait');
}

describe('a full disk', { skip }, () => {
  test('of the evidence: senders are asked to come back, and once there is room everything arrives', async () => {
    const data = join(await newFolder('full-store'), 'data');
    const store = join(data, 'evidence');
    await mountSmallDisk(store, 200);
    const bureau = await startBureau(data);
    const outcome = await storm(bureau, 40, async (ledger) => {
      await sleep(200);
      const filler = await fill(store);
      await untilRefused(ledger);
      assert.equal((await fetch(`${bureau.url}/health/live`)).status, 200);
      await rm(filler);
    });
    assertKept(outcome);
    assert.ok(outcome.verifiedSeals > 10);
  });

  test('of the evidence that turned read-only: the same', async () => {
    const data = join(await newFolder('read-only-store'), 'data');
    const store = join(data, 'evidence');
    await mountSmallDisk(store, 200);
    const bureau = await startBureau(data);
    const outcome = await storm(bureau, 40, async (ledger) => {
      await sleep(200);
      // Files that are being written keep a disk from turning read-only.
      for (let tries = 0; tries < 200; tries += 1) {
        if (
          await remount(store, 'ro').then(
            () => true,
            () => false,
          )
        )
          break;
        await sleep(20);
      }
      await untilRefused(ledger);
      const ready = await fetch(`${bureau.url}/health/ready`);
      assert.equal(ready.status, 503);
      assert.match(await ready.text(), /evidence store/);
      await remount(store, 'rw');
    });
    assertKept(outcome);
  });

  test('of the database and its log: it stops, comes back once there is room, and nothing acknowledged is missing', async () => {
    const data = join(await newFolder('full-wal'), 'data');
    const place = join(data, 'postgres');
    await mountSmallDisk(place, 400);
    const bureau = await startBureau(data);
    const outcome = await storm(bureau, 40, async (ledger) => {
      await sleep(200);
      const filler = await fill(place);
      await sleep(4_000);
      assert.equal((await fetch(`${bureau.url}/health/live`)).status, 200);
      const answers = ledger.answers;
      await rm(filler);
      await bureau.recover([]);
      await ledger.untilAnswer(answers + 1);
    });
    assertKept(outcome);
  });

  test('of temporary files: nobody notices, because nothing is ever put there', async () => {
    const folder = await newFolder('full-temp');
    const temporary = join(folder, 'tmp');
    await mountSmallDisk(temporary, 1);
    await fill(temporary);
    // Too long for a socket, so that the database's would have to lie there: not in this test.
    const bureau = await startBureau(join(folder, 'data'), { TMPDIR: temporary });
    assertKept(await storm(bureau, 10, async () => {}));
  });
});
