import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { processesNaming } from '../harness/process-list.ts';

/** The invented day from the first command to the last process gone, as somebody who tries it runs it. */
const root = fileURLToPath(new URL('../../', import.meta.url));
const folders: string[] = [];

after(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'firstlight-demo-'));
  folders.push(folder);
  return join(folder, 'data');
}

async function demo(data: string, ...args: readonly string[]) {
  const child = spawn(process.execPath, ['demo/run.ts', ...args], {
    cwd: root,
    env: {
      PATH: process.env.PATH ?? '',
      TMPDIR: process.env.TMPDIR ?? '/tmp',
      FIRSTLIGHT_DATA: data,
      PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let error = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    error += chunk.toString();
  });
  const [status] = (await once(child, 'exit')) as [number | null];
  return { status, out, error };
}

interface Result {
  readonly ok: boolean;
  readonly day: number;
  readonly sent: { readonly reports: number; readonly filed: number; readonly retracted: number };
  readonly bureau: { readonly reports: number; readonly assessed: number; readonly needAttention: number };
}

describe('the invented day', () => {
  test('goes the whole way, goes on with the same data, and leaves nothing running', async () => {
    const data = await newFolder();
    const first = await demo(data, '--reports', '25', '--exit', '--json');
    assert.equal(first.status, 0, first.error);
    const day = JSON.parse(first.out) as Result;
    assert.ok(day.ok);
    assert.equal(day.sent.reports, 25);
    assert.equal(day.bureau.reports, day.sent.filed);
    assert.equal(day.bureau.assessed, day.sent.filed);
    assert.equal(day.sent.filed + day.sent.retracted, 25);
    const second = await demo(data, '--reports', '20', '--exit', '--json');
    assert.equal(second.status, 0, second.error);
    assert.equal((JSON.parse(second.out) as Result).day, 2);
    assert.deepEqual(await processesNaming(data), []);
  });

  test('never touches a folder that is not a demonstration', async () => {
    const data = await newFolder();
    await mkdir(join(data, 'evidence'), { recursive: true });
    await writeFile(join(data, 'evidence', 'kept'), 'kept');
    for (const args of [['--exit'], ['--fresh', '--exit']]) {
      const refused = await demo(data, '--reports', '20', ...args);
      assert.equal(refused.status, 1);
      assert.match(refused.error, /FIRSTLIGHT_DATA/);
    }
  });
});
