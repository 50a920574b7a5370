import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { provideConsole } from '../harness/console.ts';
import {
  descendantsOf,
  firstlight,
  processesNaming,
  type RunningBureau,
  startAndEnd,
  startProcess,
} from '../harness/process.ts';

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

interface Credential {
  readonly username: string;
  readonly password: string;
}

/** Sends one report with one file, as a client that tries again until it is answered; gives what was acknowledged. */
async function sendUntilFiled(base: () => string, credential: Credential, account: string): Promise<string> {
  const pair = Buffer.from(`${credential.username}:${credential.password}`).toString('base64');
  const call = async (name: string, body: string | FormData, type?: string): Promise<string> => {
    for (let attempt = 0; attempt < 200; attempt += 1) {
      const reply = await fetch(`${base()}/ispws/${name}`, {
        method: 'POST',
        headers: { authorization: `Basic ${pair}`, ...(type === undefined ? {} : { 'content-type': type }) },
        body,
      }).catch(() => undefined);
      if (reply?.status === 200) return await reply.text();
      if (reply !== undefined && reply.status < 500) throw new Error(`${name}: ${await reply.text()}`);
      await sleep(100);
    }
    throw new Error(`${name} was never answered`);
  };
  const xml =
    '<report><incidentSummary><incidentType>Child Sex Tourism</incidentType>' +
    '<incidentDateTime>2026-01-01T00:00:00Z</incidentDateTime></incidentSummary><reporter><reportingPerson>' +
    `<email>desk@harbour-chat.example</email></reportingPerson></reporter><personOrUserReported>` +
    `<espIdentifier>${account}</espIdentifier></personOrUserReported></report>`;
  const id = /<reportId>(\d+)</.exec(await call('submit', xml, 'text/xml; charset=utf-8'))?.[1] ?? '';
  const form = new FormData();
  form.set('id', id);
  form.set('file', new Blob([randomBytes(50_000)]), 'picture.bin');
  await call('upload', form);
  const done = await call('finish', `id=${id}`, 'application/x-www-form-urlencoded');
  // Filed by this call, or by an earlier one whose answer was lost.
  assert.match(done, /<responseCode>(0|5102)</);
  return id;
}

async function kill(bureau: RunningBureau, part: string): Promise<void> {
  const victim = (await descendantsOf(bureau.pid)).find((one) => one.command.includes(part));
  assert.ok(victim !== undefined, `no process ${part} runs`);
  process.kill(victim.pid, 'SIGKILL');
}

describe('a bureau that is killed', () => {
  test('keeps every acknowledged report and file, and takes up its work again', async () => {
    const data = await newFolder();
    const environment = { FIRSTLIGHT_DATA: data, PORT: '0', FIRSTLIGHT_LOG: 'silent' };
    const first = await startProcess(environment);
    const credential = (await firstlight(data, 'provider', 'add', 'Harbour Chat')) as Credential;
    let base = first.url;
    const acknowledged: string[] = [];
    const senders = Array.from({ length: 3 }, async (_, sender) => {
      for (let n = 0; n < 6; n += 1)
        acknowledged.push(await sendUntilFiled(() => base, credential, `u${sender}-${n}`));
    });
    const killer = (async () => {
      for (const part of ['server.ts', 'worker.ts', 'bin/postgres']) {
        await sleep(700);
        await kill(first, part);
      }
    })();
    await Promise.all([...senders, killer]);
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    await untilGone(data);
    const second = await startProcess(environment);
    base = second.url;
    assert.equal(acknowledged.length, 18);
    for (const id of acknowledged) {
      const report = (await untilAssessed(data, id)) as {
        reportState: string;
        fileCount: number;
        state?: string;
      };
      assert.deepEqual([report.reportState, report.fileCount, report.state], ['filed', 1, 'waiting'], id);
    }
    const verified = (await firstlight(data, 'verify')) as { checked: number; damaged: unknown[] };
    assert.deepEqual(verified.damaged, []);
    assert.ok(verified.checked >= 18, `only ${verified.checked} seals`);
    second.signal('SIGTERM');
    assert.equal(await second.exited, 0);
    await untilGone(data);
    assert.deepEqual(
      (await readdir(data)).filter((name) => name === 'bureau.json'),
      [],
    );
  });
});

/** A report's brief once its place in the line is settled. */
async function untilAssessed(data: string, id: string): Promise<unknown> {
  for (let attempt = 0; ; attempt += 1) {
    const report = (await firstlight(data, 'report', 'show', id)) as { state?: string };
    if (report.state !== undefined || attempt > 60) return report;
    await sleep(500);
  }
}

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
