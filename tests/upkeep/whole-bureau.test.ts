import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type {
  BackupExtractReply,
  BackupListReply,
  BackupReply,
  BackupVerifyReply,
  RestoreReply,
} from '#contract/upkeep';
import { provideConsole } from '../harness/console.ts';
import { closeAtEnd } from '../harness/database.ts';
import { firstlight, type RunningBureau, startAndEnd, startProcess } from '../harness/process.ts';

const repository = fileURLToPath(new URL('../../', import.meta.url));

let root: string;
let data: string;
let environment: Readonly<Record<string, string>>;
let bureau: RunningBureau;
let authorization: string;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'fl-whole-'));
  closeAtEnd(async () => await rm(root, { recursive: true, force: true, maxRetries: 5 }));
  data = join(root, 'data');
  await provideConsole(data);
  environment = {
    FIRSTLIGHT_DATA: data,
    FIRSTLIGHT_BACKUP_FOLDER: join(root, 'backups'),
    FIRSTLIGHT_BACKUP_KEY_FILE: join(root, 'safe', 'backup.key'),
    PORT: '0',
    FIRSTLIGHT_LOG: 'silent',
  };
  bureau = await startProcess(environment);
  const credential = (await firstlight(data, 'provider', 'add', 'Harbour Chat')) as {
    username: string;
    password: string;
  };
  authorization = `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString('base64')}`;
});

/** Files one report with one file; gives its number. */
async function fileReport(url = bureau.url): Promise<string> {
  const call = async (name: string, body: string | FormData, type?: string): Promise<string> => {
    const reply = await fetch(`${url}/ispws/${name}`, {
      method: 'POST',
      headers: { authorization, ...(type === undefined ? {} : { 'content-type': type }) },
      body,
    });
    const text = await reply.text();
    assert.equal(reply.status, 200, text);
    return text;
  };
  const xml =
    '<report><incidentSummary><incidentType>Child Sex Tourism</incidentType>' +
    '<incidentDateTime>2026-01-01T00:00:00Z</incidentDateTime></incidentSummary><reporter><reportingPerson>' +
    '<email>desk@harbour-chat.example</email></reportingPerson></reporter></report>';
  const id = /<reportId>(\d+)</.exec(await call('submit', xml, 'text/xml; charset=utf-8'))?.[1] ?? '';
  const form = new FormData();
  form.set('id', id);
  form.set('file', new Blob([randomBytes(30_000)]), 'picture.bin');
  await call('upload', form);
  assert.match(await call('finish', `id=${id}`, 'application/x-www-form-urlencoded'), /<responseCode>0</);
  return id;
}

interface Ended {
  readonly status: number | null;
  readonly document: unknown;
  readonly error: string;
}

/** The command line as an administrator types it. */
async function type(words: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const child = spawn(process.execPath, ['cli/firstlight.ts', ...words, '--json'], {
    cwd: repository,
    env: { PATH: process.env.PATH ?? '', TMPDIR: process.env.TMPDIR ?? '/tmp', ...environment, ...more },
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
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, document: out === '' ? undefined : JSON.parse(out), error };
}

async function done<T>(words: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<T> {
  const ended = await type(words, more);
  assert.equal(ended.status, 0, `${words.join(' ')}: ${ended.error} ${JSON.stringify(ended.document)}`);
  return ended.document as T;
}

async function reportsIn(url: string, folder: string): Promise<readonly string[]> {
  const { items } = (await firstlight(folder, 'report', 'list', '--limit', '100', '--url', url)) as {
    items: readonly { reportId: string }[];
  };
  return items.map(({ reportId }) => reportId);
}

/** Starts the restored bureau, looks at it, stops it. */
async function lookInto<T>(folder: string, look: (url: string) => Promise<T>): Promise<T> {
  const restored = await startProcess({ FIRSTLIGHT_DATA: folder, PORT: '0', FIRSTLIGHT_LOG: 'silent' });
  try {
    return await look(restored.url);
  } finally {
    restored.signal('SIGINT');
    await restored.exited;
  }
}

describe('a bureau that is backed up while it takes reports', () => {
  const filed: string[] = [];

  test('is restored into an empty folder with everything verified', async () => {
    for (let n = 0; n < 5; n += 1) filed.push(await fileReport());
    let isRunning = true;
    const sender = (async () => {
      while (isRunning) filed.push(await fileReport());
    })();
    const backup = await done<BackupReply>(['backup']);
    const atBackup = filed.length;
    isRunning = false;
    await sender;
    assert.ok(backup.isArchived);
    assert.deepEqual([...backup.manifest.keys].sort(), ['digest.key', 'evidence.key', 'signing.key']);
    assert.deepEqual((await done<BackupVerifyReply>(['backup', 'verify'])).damaged, []);

    const target = join(root, 'restored');
    const restored = await done<RestoreReply>(['restore', '--to', target, '--backup', backup.manifest.id]);
    assert.deepEqual(restored.damaged, []);
    assert.deepEqual(restored.audit.faults, []);
    assert.deepEqual(restored.differences, []);
    assert.equal(restored.evidence.files, backup.manifest.evidence.files);
    assert.equal(restored.verifiedFiles, backup.manifest.evidence.files);
    assert.ok(restored.audit.entries > 0, 'the audit log holds something');
    await provideConsole(target);
    await lookInto(target, async (url) => {
      const there = await reportsIn(url, target);
      for (const id of filed.slice(0, 5)) assert.ok(there.includes(id), `report ${id} is back`);
      assert.ok(there.length <= atBackup + 1);
      const next = await fileReport(url);
      assert.ok(Number(next) >= Number(restored.nextReportId), 'no number comes twice');
      const verified = (await firstlight(target, 'verify')) as { damaged: unknown[] };
      assert.deepEqual(verified.damaged, []);
    });
  });

  test('that was killed half way counts for nothing, and the next goes on', async () => {
    for (let n = 0; n < 5; n += 1) filed.push(await fileReport());
    const child = spawn(process.execPath, ['src/admin.ts', 'backup', '{}'], {
      cwd: repository,
      env: { PATH: process.env.PATH ?? '', ...environment },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    // The first line says that it has begun to copy.
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const { items } = await done<BackupListReply>(['backup', 'list']);
    assert.deepEqual(
      items.map(({ state }) => state),
      ['incomplete', 'complete'],
    );
    const again = await done<BackupReply>(['backup']);
    const listed = await done<BackupListReply>(['backup', 'list']);
    assert.deepEqual(
      listed.items.map(({ state }) => state),
      ['complete', 'complete'],
    );
    assert.equal(listed.items[0]?.id, again.manifest.id);
    assert.deepEqual((await done<BackupVerifyReply>(['backup', 'verify'])).damaged, []);
  });

  test('comes back as it was between two reports', async () => {
    const first = await fileReport();
    const between = new Date(Date.now() + 5).toISOString();
    await sleep(100);
    const second = await fileReport();
    // The log goes to the archive within a minute by itself; here a later backup asks for it.
    await done<BackupReply>(['backup']);
    const target = join(root, 'between');
    const restored = await done<RestoreReply>(['restore', '--to', target, '--at', between]);
    assert.deepEqual([restored.damaged, restored.audit.faults], [[], []]);
    await provideConsole(target);
    const there = await lookInto(target, async (url) => await reportsIn(url, target));
    assert.ok(there.includes(first));
    assert.ok(!there.includes(second));
  });

  test('gives back one file that its disk has damaged', async () => {
    const store = join(data, 'evidence');
    const [name = ''] = (await readdir(store, { recursive: true })).filter((path) =>
      /[0-9a-f]{64}-[0-9a-f]{32}$/.test(path),
    );
    const bytes = await readFile(join(store, name));
    bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1;
    await writeFile(join(store, name), bytes);
    const sha256 = /([0-9a-f]{64})-/.exec(name)?.[1] ?? '';
    const found = await type(['verify']);
    assert.equal(found.status, 1);
    const out = join(root, 'copy.sealed');
    const taken = await done<BackupExtractReply>(['backup', 'extract', sha256, '--out', out]);
    assert.equal(taken.file, out);
    await done(['vault', 'restore-file', sha256, out]);
    assert.deepEqual((await done<{ damaged: unknown[] }>(['verify'])).damaged, []);
    const none = await type(['backup', 'extract', 'ab'.repeat(32), '--out', join(root, 'none')]);
    assert.equal(none.status, 1);
    assert.match(none.error, /None of the \d+ backups/);
  });

  test('is not restored with another key, nor over anything, nor started half restored', async () => {
    const other = join(root, 'other');
    await cp(join(root, 'safe', 'backup.key'), join(other, 'backup.key'));
    const text = await readFile(join(other, 'backup.key'), 'utf8');
    const id = '00000000-0000-4000-8000-000000000000';
    const key = randomBytes(32).toString('base64');
    const [wrongId, wrongKey] = [
      text.replace(/"id": "[^"]+"/, `"id": "${id}"`),
      text.replace(/"key": "[^"]+"/, `"key": "${key}"`),
    ];
    await writeFile(join(other, 'backup.key'), wrongId, { mode: 0o600 });
    const refused = await type(['restore', '--to', join(root, 'wrong'), '--key', join(other, 'backup.key')]);
    assert.equal(refused.status, 1);
    assert.match(refused.error, /made under the backup key .* holds only 00000000/);
    await writeFile(join(other, 'backup.key'), wrongKey, { mode: 0o600 });
    const broken = await type(['restore', '--to', join(root, 'wrong'), '--key', join(other, 'backup.key')]);
    assert.match(broken.error, /manifest cannot be read.*the backup key is not the one/);
    const full = await type(['restore', '--to', data]);
    assert.match(full.error, /is not empty/);

    const half = join(root, 'half');
    await provideConsole(half);
    await writeFile(join(half, 'restoring.json'), '{"backup":"x"}');
    const started = await startAndEnd({ FIRSTLIGHT_DATA: half, PORT: '0' });
    assert.equal(started.status, 1);
    assert.match(started.error, /a restore into .* was begun and did not end/);
  });
});
