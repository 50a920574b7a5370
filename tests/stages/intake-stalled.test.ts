import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { test } from 'node:test';
import { startTestBureau } from '../harness/bureau.ts';
import { call, ispws, leftovers, multipart } from './intake-build.ts';

/** Senders that stall while a file comes in: the connection ends, and of the file nothing is left. */
const bureau = await startTestBureau({ bodyPace: { everyMs: 300, leastBytes: 1024 } });
const service = await bureau.addService('Harbour Chat');
const harbour = ispws(bureau, service);

/** Sends the head and the first bytes, then nothing or a drop at a time, until the server closes; gives how long. */
async function stall(
  path: string,
  method: string,
  headers: Record<string, string>,
  first: Uint8Array,
  drop: boolean,
): Promise<number> {
  const { hostname, port } = new URL(bureau.url);
  const beganMs = performance.now();
  await new Promise<void>((resolve) => {
    const socket = connect(Number(port), hostname);
    const all = { host: 'x', authorization: service.authorization, 'content-length': '10000000', ...headers };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
    socket.write(first);
    const timer = setInterval(() => drop && socket.write('x'), 50);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(timer);
      resolve();
    });
    socket.resume();
  });
  return performance.now() - beganMs;
}

async function untilSame(wanted: Awaited<ReturnType<typeof leftovers>>): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const now = await leftovers(bureau);
    if (now.onDisk === wanted.onDisk && now.incoming === wanted.incoming) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.deepEqual(await leftovers(bureau), wanted);
}

for (const [name, isDropping] of [
  ['stops', false],
  ['sends a byte now and then', true],
] as const) {
  test(`an upload whose sender ${name} ends, and nothing of it is left`, { timeout: 30_000 }, async () => {
    const reportId = await harbour.open();
    const before = await leftovers(bureau);
    const form = multipart([
      { name: 'id', value: reportId },
      { name: 'file', value: randomBytes(400_000), fileName: 'a.png' },
    ]);
    const begun = form.body.subarray(0, 300_000);
    const elapsed = [
      await stall('/ispws/upload', 'POST', form.headers, begun, isDropping),
      await stall(
        `/v1/reports/${reportId}/files`,
        'POST',
        { 'content-type': 'application/octet-stream' },
        begun,
        isDropping,
      ),
    ];
    assert.ok(
      elapsed.every((ms) => ms < 10_000),
      `${elapsed}`,
    );
    await untilSame(before);
    assert.equal((await harbour.upload(reportId, 'and then a good one')).code, 0);
  });
}

test('a resumable upload whose sender stops keeps what came and goes on from there', {
  timeout: 30_000,
}, async () => {
  const reportId = await harbour.open();
  const bytes = randomBytes(400_000);
  const tus = { 'tus-resumable': '1.0.0' };
  const asked = {
    authorization: service.authorization,
    headers: { ...tus, 'upload-length': String(bytes.length) },
  };
  const begun = await call(bureau, { method: 'POST', path: `/v1/reports/${reportId}/uploads`, ...asked });
  const path = new URL(String(begun.headers.location)).pathname;
  const type = { 'content-type': 'application/offset+octet-stream' };
  await stall(
    path,
    'PATCH',
    { ...tus, ...type, 'upload-offset': '0', 'content-length': String(bytes.length) },
    bytes.subarray(0, 300_000),
    false,
  );
  let offset = 0;
  for (let attempt = 0; attempt < 100 && offset === 0; attempt += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const head = await call(bureau, {
      method: 'HEAD',
      path,
      authorization: service.authorization,
      headers: tus,
    });
    offset = Number(head.headers['upload-offset']);
  }
  assert.equal(offset, 300_000);
  const rest = await call(bureau, {
    method: 'PATCH',
    path,
    authorization: service.authorization,
    headers: { ...tus, ...type, 'upload-offset': String(offset) },
    body: bytes.subarray(offset),
  });
  assert.equal(rest.status, 204, rest.text);
});
