import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CredentialReply } from '#contract/administration';
import { checkReceipt, readKeys } from '#proof/receipt';
import { provideConsole } from '../harness/console.ts';
import { firstlight, type RunningBureau, startProcess } from '../harness/process.ts';
import { descendantsOf } from '../harness/process-list.ts';

/**
 * Large files through a real bureau: what a killed server had is found again, and no byte that came in stands readable
 * on the disk, neither in the evidence nor in the database, at no time.
 */
const mebibyte = 1024 * 1024;
const marker = `marker-${randomBytes(24).toString('hex')}`;
const sizeBytes = 96 * mebibyte;

let folder: string;
let data: string;
let bureau: RunningBureau;
let authorization: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firstlight-large-'));
  data = join(folder, 'data');
  await provideConsole(data);
  bureau = await startProcess({
    FIRSTLIGHT_DATA: data,
    PORT: '0',
    FIRSTLIGHT_LOG: 'silent',
    TMPDIR: folder,
  });
  const added = await firstlight(data, 'provider', 'add', 'Harbour Chat', '--environment', 'sandbox');
  const { username, password } = added as CredentialReply;
  authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
});
after(async () => {
  bureau.signal('SIGTERM');
  await bureau.exited;
  await rm(folder, { recursive: true, force: true });
});

/** The marker every four kilobytes, and noise between. */
const block = Buffer.concat([Buffer.from(marker), randomBytes(4096 - marker.length)]);
function* blocks(fromByte: number, toByte: number): Generator<Buffer> {
  for (let at = fromByte; at < toByte; ) {
    const within = at % block.length;
    const piece = block.subarray(within, Math.min(block.length, within + toByte - at));
    at += piece.length;
    yield piece;
  }
}
const sha256 = (() => {
  const hash = createHash('sha256');
  for (const piece of blocks(0, sizeBytes)) hash.update(piece);
  return hash.digest('hex');
})();

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly json: () => Record<string, unknown>;
}

async function ask(
  method: string,
  path: string,
  headers: Record<string, string>,
  body: Iterable<Buffer> = [],
  /** Told after each megabyte. */
  onSent: (bytes: number) => Promise<void> | void = () => undefined,
): Promise<Answer> {
  const sent = request(`${bureau.url}${path}`, { method, headers: { authorization, ...headers } });
  const answered = new Promise<Answer>((resolve, reject) => {
    sent.on('error', reject);
    sent.on('response', async (answer) => {
      const text = Buffer.concat(await answer.toArray()).toString();
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, json: () => JSON.parse(text) });
    });
  });
  answered.catch(() => undefined);
  const paced = async function* () {
    let bytes = 0;
    for (const piece of body) {
      yield piece;
      bytes += piece.length;
      if (bytes % mebibyte < piece.length) await onSent(bytes);
    }
  };
  await pipeline(Readable.from(paced()), sent).catch(() => undefined);
  return await answered;
}

async function openReport(): Promise<string> {
  const body = JSON.stringify({
    profile: 'cybertip',
    synthetic: true,
    incident: { type: 'Online Enticement of Children for Sexual Acts', occurredAt: '2026-03-01T10:00:00Z' },
    reporter: { name: 'Rowan Example', email: 'trust@harbour-chat.example' },
    parties: [],
    narrative: 'Invented.',
  });
  const opened = await ask('POST', '/v1/reports', { 'content-type': 'application/json' }, [
    Buffer.from(body),
  ]);
  assert.equal(opened.status, 201);
  return String(opened.json().reportId);
}

/** Files under the bureau's folder that hold the marker. */
async function filesWithMarker(): Promise<string> {
  return await new Promise((resolve, reject) => {
    execFile('grep', ['-rlaF', marker, folder], (error, stdout) => {
      // Status 1 says that nothing was found; 2 that a file went while it was read, beside what was found.
      if (error !== null && error.code !== 1 && error.code !== 2) reject(error);
      else resolve(stdout);
    });
  });
}

async function fileAndCheck(reportId: string): Promise<void> {
  let filed = await ask('POST', `/v1/reports/${reportId}/filing`, {});
  for (let attempt = 0; filed.status === 503 && attempt < 120; attempt += 1) {
    await sleep(500);
    filed = await ask('POST', `/v1/reports/${reportId}/filing`, {});
  }
  assert.equal(filed.status, 200, JSON.stringify(filed.json()));
  const keys = readKeys(await (await fetch(`${bureau.url}/v1/keys`)).text());
  assert.ok(keys.kind === 'ok');
  const receipt = checkReceipt(String(filed.json().receipt), keys.value);
  assert.ok(receipt.kind === 'ok');
  assert.deepEqual(
    receipt.value.facts.files.map((file) => [file.sizeBytes, file.sha256]),
    [[sizeBytes, sha256]],
  );
}

test('what stands readable in the folder is found', async () => {
  const control = join(folder, 'control');
  await writeFile(control, Buffer.concat([randomBytes(100_000), Buffer.from(marker), randomBytes(1000)]));
  assert.equal((await filesWithMarker()).trim(), control);
  await rm(control);
  assert.equal(await filesWithMarker(), '');
});

describe('a large file', { skip: process.platform === 'linux' ? false : 'reads /proc' }, () => {
  test('of a form leaves nothing readable on the disk', { timeout: 200_000 }, async () => {
    const reportId = await openReport();
    const boundary = 'boundary-of-the-test';
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n`;
    const form = function* () {
      yield Buffer.from(head);
      yield* blocks(0, sizeBytes);
      yield Buffer.from(`\r\n--${boundary}--\r\n`);
    };
    let looked = 0;
    const added = await ask(
      'POST',
      `/v1/reports/${reportId}/files`,
      { 'content-type': `multipart/form-data; boundary=${boundary}` },
      form(),
      async (bytes) => {
        if (bytes < (looked + 1) * 30 * mebibyte) return;
        looked += 1;
        assert.equal(await filesWithMarker(), '', 'while it comes in');
      },
    );
    assert.equal(added.status, 201);
    assert.equal(looked, 3);
    assert.equal(added.json().sha256, sha256);
    assert.equal(await filesWithMarker(), '', 'afterwards');
    await fileAndCheck(reportId);
  });

  test('that is resumed survives the kill of the server, and leaves nothing readable on the disk', {
    timeout: 300_000,
  }, async () => {
    const reportId = await openReport();
    const tus = { 'tus-resumable': '1.0.0' };
    const begun = await ask('POST', `/v1/reports/${reportId}/uploads`, {
      ...tus,
      'upload-length': String(sizeBytes),
    });
    assert.equal(begun.status, 201);
    const path = new URL(String(begun.headers.location)).pathname;
    const send = async (offset: number, onSent?: (bytes: number) => Promise<void>) =>
      await ask(
        'PATCH',
        path,
        {
          ...tus,
          'content-type': 'application/offset+octet-stream',
          'upload-offset': String(offset),
          'content-length': String(sizeBytes - offset),
        },
        blocks(offset, sizeBytes),
        onSent,
      );
    let isKilled = false;
    await assert.rejects(
      send(0, async (bytes) => {
        if (isKilled || bytes < 80 * mebibyte) return;
        assert.equal(await filesWithMarker(), '', 'while it comes in');
        const server = (await descendantsOf(bureau.pid)).find(({ command }) => command.includes('server.ts'));
        assert.ok(server);
        process.kill(server.pid, 'SIGKILL');
        isKilled = true;
        await sleep(200);
      }),
    );
    assert.ok(isKilled);
    const offset = await untilAnswered(path, tus);
    assert.ok(
      offset >= 64 * mebibyte - mebibyte && offset < sizeBytes,
      `${offset / mebibyte} MiB were durable`,
    );
    assert.equal((await send(offset)).status, 204);
    assert.equal(await filesWithMarker(), '', 'in parts');
    await fileAndCheck(reportId);
    assert.equal(await filesWithMarker(), '', 'sealed');
  });
});

/** The server is started again by itself, at the same address. */
async function untilAnswered(path: string, tus: Record<string, string>): Promise<number> {
  for (let attempt = 0; attempt < 120; attempt += 1) {
    const head = await ask('HEAD', path, tus).catch(() => undefined);
    if (head?.status === 200) return Number(head.headers['upload-offset']);
    await sleep(250);
  }
  return assert.fail('the server did not come back');
}
