import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { readState, settleFolder, writeState } from './folder.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firstlight-demo-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('an empty folder becomes a demonstration, and stays one', async () => {
  await settleFolder(folder, false);
  await settleFolder(folder, false);
  assert.deepEqual((await readdir(folder)).sort(), ['demo', 'demonstration']);
});

test('a folder that holds something else is refused and left alone, with --fresh too', async () => {
  await writeFile(join(folder, 'evidence.key'), 'kept');
  for (const fresh of [false, true])
    await assert.rejects(settleFolder(folder, fresh), /is not a demonstration/);
  assert.deepEqual(await readdir(folder), ['evidence.key']);
});

test('--fresh deletes what a demonstration left', async () => {
  await settleFolder(folder, false);
  await writeFile(join(folder, 'old'), 'x');
  await settleFolder(folder, true);
  assert.deepEqual((await readdir(folder)).sort(), ['demo', 'demonstration']);
});

test('credentials are kept for their owner only', async () => {
  await settleFolder(folder, false);
  await writeState(folder, { day: 2, services: {} });
  assert.deepEqual(await readState(folder), { day: 2, services: {} });
  assert.equal((await stat(join(folder, 'demo', 'services.json'))).mode & 0o777, 0o600);
});
