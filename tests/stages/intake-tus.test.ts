import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { sql } from 'kysely';
import { Upload } from 'tus-js-client';
import { openFile } from '#vault';
import { startTestBureau } from '../harness/bureau.ts';
import { testCtx } from '../harness/database.ts';
import { call, ispws, leftovers, type Reply } from './intake-build.ts';

const bureau = await startTestBureau({ now: new Date('2026-11-24T12:00:00Z') });
const service = await bureau.addService('Harbour Chat');
const stranger = await bureau.addService('Lantern Forum');
const harbour = ispws(bureau, service);
const mebibyte = 1024 * 1024;

const tus = { 'tus-resumable': '1.0.0' };
const bytesType = { 'content-type': 'application/offset+octet-stream' };

async function ask(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string | Uint8Array,
  by = service,
): Promise<Reply> {
  const asked = { method, path, authorization: by.authorization, headers: { ...tus, ...headers } };
  return await call(bureau, body === undefined ? asked : { ...asked, body });
}

/** Begins an upload; gives its path. */
async function begin(reportId: string, length: number | undefined, more: Record<string, string> = {}) {
  const size = length === undefined ? { 'upload-defer-length': '1' } : { 'upload-length': String(length) };
  const reply = await ask('POST', `/v1/reports/${reportId}/uploads`, { ...size, ...more });
  assert.equal(reply.status, 201, reply.text);
  return new URL(String(reply.headers.location)).pathname;
}

const patch = async (path: string, offset: number, body: Uint8Array, more: Record<string, string> = {}) =>
  await ask('PATCH', path, { ...bytesType, 'upload-offset': String(offset), ...more }, body);
const offsetOf = async (path: string) => Number((await ask('HEAD', path)).headers['upload-offset']);
const stateOf = async (path: string) => (await ask('GET', path)).json();
const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** What a court would be given: the bytes of a file, read back and verified. */
async function bytesOf(fileId: string): Promise<Buffer> {
  const stream = await testCtx(bureau.db).run(
    async (ctx) =>
      await openFile(ctx, bureau.vault, { fileId: fileId as never, why: 'test', onDamage: () => undefined }),
  );
  return Buffer.concat(await stream.toArray());
}

async function sendByClient(
  reportId: string,
  bytes: Buffer,
  options: { chunkSize?: number; uploadDataDuringCreation?: boolean } = {},
): Promise<string> {
  return await new Promise((resolve, reject) => {
    const upload = new Upload(bytes, {
      endpoint: `${bureau.url}/v1/reports/${reportId}/uploads`,
      headers: { authorization: service.authorization },
      metadata: { filename: 'holiday.png', filetype: 'image/png' },
      retryDelays: [10, 10],
      ...options,
      onError: reject,
      onSuccess: () => resolve(new URL(upload.url ?? '').pathname),
    });
    upload.start();
  });
}

async function runByClock(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await bureau.app.runDelivery({ name, subject: 'clock', attempt: 1, isLast: false, isDead: false });
  }
  await bureau.drain();
}

test('a client of the protocol sends a small file in one request, and it is in the report at once', async () => {
  const reportId = await harbour.open();
  const bytes = randomBytes(300_000);
  for (const uploadDataDuringCreation of [false, true]) {
    const path = await sendByClient(reportId, bytes, { uploadDataDuringCreation });
    const { state, file } = (await stateOf(path)) as { state: string; file: Record<string, unknown> };
    assert.equal(state, 'sealed');
    assert.deepEqual(file, {
      fileId: file.fileId,
      md5: createHash('md5').update(bytes).digest('hex'),
      sha1: createHash('sha1').update(bytes).digest('hex'),
      sha256: sha256Of(bytes),
      sizeBytes: bytes.length,
    });
  }
  const filed = await harbour.finish(reportId);
  assert.equal(filed.text.split('<fileId>').length - 1, 2);
  const { rows } = await sql<{ upload_name: string }>`
    select distinct upload_name from intake.report_file where report_id = ${reportId}`.execute(
    bureau.db.kysely,
  );
  assert.deepEqual(rows, [{ upload_name: 'holiday.png' }]);
});

test('many requests make one sealed file, and its report waits for it', async () => {
  const reportId = await harbour.open();
  const bytes = randomBytes(5 * mebibyte + 17);
  const path = await sendByClient(reportId, bytes, { chunkSize: mebibyte });
  assert.equal((await stateOf(path)).state, 'complete');
  const early = await ask('POST', `/v1/reports/${reportId}/filing`);
  assert.deepEqual([early.status, early.json().code], [503, 'intake.uploads-sealing']);
  assert.ok(Number(early.headers['retry-after']) > 0);
  const other = await harbour.finish(reportId);
  assert.deepEqual([other.status, other.code], [503, 1000]);
  await bureau.drain();
  const { state, file } = (await stateOf(path)) as {
    state: string;
    file: { fileId: string; sha256: string };
  };
  assert.equal(state, 'sealed');
  assert.equal(file.sha256, sha256Of(bytes));
  assert.ok((await bytesOf(file.fileId)).equals(bytes));
  const filed = await ask('POST', `/v1/reports/${reportId}/filing`);
  assert.equal(filed.status, 200, filed.text);
  // The parts are let go; only the sealed file stays.
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from vault.part`.execute(
    bureau.db.kysely,
  );
  assert.deepEqual(rows, [{ n: 0 }]);
});

test('a large file that comes in one go is sealed with its last byte, and its parts are let go', async () => {
  await runByClock('sweep-incoming');
  const before = await leftovers(bureau);
  const reportId = await harbour.open();
  const bytes = Buffer.concat(Array.from({ length: 35 }, () => randomBytes(mebibyte)));
  const path = await begin(reportId, bytes.length);
  assert.equal((await patch(path, 0, bytes)).status, 204);
  const { state, file } = (await stateOf(path)) as { state: string; file: { sha256: string } };
  assert.deepEqual([state, file.sha256], ['sealed', sha256Of(bytes)]);
  assert.equal((await harbour.finish(reportId)).code, 0);
  await runByClock('sweep-incoming');
  assert.deepEqual(await leftovers(bureau), { onDisk: before.onDisk + 1, incoming: before.incoming });
});

test('a sender that breaks off goes on where the durable bytes end', async () => {
  const reportId = await harbour.open();
  const bytes = randomBytes(3 * mebibyte);
  const path = await begin(reportId, bytes.length);
  await new Promise<void>((resolve) => {
    const sent = request(`${bureau.url}${path}`, {
      method: 'PATCH',
      headers: {
        ...tus,
        ...bytesType,
        'upload-offset': '0',
        'content-length': String(bytes.length),
        authorization: service.authorization,
      },
    });
    sent.on('error', () => resolve());
    sent.write(bytes.subarray(0, 2 * mebibyte), () => setTimeout(() => sent.destroy(), 200));
  });
  let offset = 0;
  for (let attempt = 0; attempt < 100 && offset === 0; attempt += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    offset = await offsetOf(path);
  }
  assert.ok(offset > 0 && offset <= 2 * mebibyte, `${offset}`);
  assert.equal((await patch(path, 0, bytes)).status, 409, 'not from the start');
  assert.equal((await patch(path, offset, bytes.subarray(offset))).status, 204);
  await bureau.drain();
  const { file } = (await stateOf(path)) as { file: { sha256: string } };
  assert.equal(file.sha256, sha256Of(bytes));
});

test('a part that was changed on the disk is never made a file; a person is told, and the sender may begin anew', async () => {
  await runByClock('sweep-incoming');
  const reportId = await harbour.open();
  const bytes = randomBytes(300_000);
  const path = await begin(reportId, bytes.length * 2);
  await patch(path, 0, bytes);
  const { rows } = await sql<{ location: string }>`select location from vault.part`.execute(bureau.db.kysely);
  assert.equal(rows.length, 1);
  const place = join(bureau.folder, 'evidence', rows[0]?.location ?? '');
  const stored = await readFile(place);
  stored[stored.length - 1000] = (stored.at(-1000) ?? 0) ^ 1;
  await writeFile(place, stored);
  await patch(path, bytes.length, bytes);
  await bureau.drain();
  assert.equal((await stateOf(path)).state, 'complete');
  const { rows: told } = await sql<{ job: string; subject: string; reason: string }>`
    select job, subject, reason from platform.attention where job = 'join-upload'`.execute(bureau.db.kysely);
  assert.deepEqual([told.length, told[0]?.subject], [1, path.split('/').at(-1)]);
  assert.match(told[0]?.reason ?? '', /changed since it came in/);
  assert.equal((await harbour.finish(reportId)).status, 503);
  assert.equal((await ask('DELETE', path)).status, 204);
  assert.equal((await patch(await begin(reportId, bytes.length), 0, bytes)).status, 204);
  assert.equal((await harbour.finish(reportId)).code, 0);
});

test('of two requests at once only one adds its bytes', async () => {
  const reportId = await harbour.open();
  const bytes = randomBytes(2 * mebibyte);
  const path = await begin(reportId, bytes.length * 2);
  const replies = await Promise.all([patch(path, 0, bytes), patch(path, 0, bytes), patch(path, 0, bytes)]);
  assert.deepEqual(replies.map((reply) => reply.status).sort(), [204, 409, 409]);
  assert.equal(await offsetOf(path), bytes.length);
  const { onDisk, incoming } = await leftovers(bureau);
  assert.ok(onDisk > 0 && incoming > 0);
  assert.equal((await patch(path, bytes.length, bytes)).status, 204);
  await bureau.drain();
  const { file } = (await stateOf(path)) as { file: { sha256: string } };
  assert.equal(file.sha256, sha256Of(Buffer.concat([bytes, bytes])));
});

test('a checksum that does not match keeps nothing of its request', async () => {
  const reportId = await harbour.open();
  const bytes = randomBytes(600_000);
  const path = await begin(reportId, bytes.length * 2);
  const checksum = (algorithm: string, of: Uint8Array) => ({
    'upload-checksum': `${algorithm} ${createHash(algorithm).update(of).digest('base64')}`,
  });
  const before = await leftovers(bureau);
  const wrong = await patch(path, 0, bytes, checksum('sha256', Buffer.from('other')));
  assert.deepEqual([wrong.status, wrong.json().code], [460, 'intake.upload-checksum']);
  assert.equal(await offsetOf(path), 0);
  assert.deepEqual(await leftovers(bureau), before);
  assert.equal((await patch(path, 0, bytes, { 'upload-checksum': 'crc32 AAAA' })).status, 400);
  assert.equal((await patch(path, 0, bytes, checksum('sha1', bytes))).status, 204);
  assert.equal((await patch(path, bytes.length, bytes, checksum('sha256', bytes))).status, 204);
  await bureau.drain();
  assert.equal((await stateOf(path)).state, 'sealed');
  const whole = await begin(reportId, bytes.length);
  assert.equal((await patch(whole, 0, bytes, checksum('sha1', Buffer.from('x')))).status, 460);
  assert.equal(await offsetOf(whole), 0);
});

test('the length may come late, and the override of a POST is a PATCH', async () => {
  const reportId = await harbour.open();
  const bytes = randomBytes(100_000);
  const path = await begin(reportId, undefined, { 'upload-metadata': 'filename YS5wbmc=,note' });
  const head = await ask('HEAD', path);
  assert.equal(head.headers['upload-defer-length'], '1');
  assert.equal(head.headers['upload-metadata'], 'filename YS5wbmc=,note');
  assert.equal(head.headers['cache-control'], 'no-store');
  assert.ok(Date.parse(String(head.headers['upload-expires'])) > Date.parse('2026-11-24T12:00:00Z'));
  const override = { ...bytesType, 'upload-offset': '0', 'x-http-method-override': 'PATCH' };
  assert.equal((await ask('POST', path, override, bytes)).status, 204);
  const last = await patch(path, bytes.length, bytes, { 'upload-length': String(bytes.length * 2) });
  assert.equal(last.status, 204);
  await bureau.drain();
  const { file } = (await stateOf(path)) as { file: { sha256: string } };
  assert.equal(file.sha256, sha256Of(Buffer.concat([bytes, bytes])));
});

test('what is not of the protocol is refused and says why', async () => {
  const reportId = await harbour.open();
  const uploads = `/v1/reports/${reportId}/uploads`;
  const path = await begin(reportId, 100);
  const bytes = Buffer.alloc(60, 1);
  const cases: readonly [what: string, reply: Reply, status: number, code: string][] = [
    ['another version', await ask('HEAD', path, { 'tus-resumable': '0.2.2' }), 412, ''],
    ['no length', await ask('POST', uploads), 400, 'intake.upload-header'],
    [
      'two lengths',
      await ask('POST', uploads, { 'upload-length': '1', 'upload-defer-length': '1' }),
      400,
      'intake.upload-header',
    ],
    ['no count', await ask('POST', uploads, { 'upload-length': '1e9' }), 400, 'intake.upload-header'],
    ['nothing', await ask('POST', uploads, { 'upload-length': '0' }), 400, 'intake.file-empty'],
    [
      'metadata',
      await ask('POST', uploads, { 'upload-length': '1', 'upload-metadata': 'a !' }),
      400,
      'intake.upload-header',
    ],
    ['no offset', await ask('PATCH', path, bytesType, bytes), 400, 'intake.upload-header'],
    [
      'a type',
      await ask('PATCH', path, { 'upload-offset': '0', 'content-type': 'text/plain' }, bytes),
      415,
      'http.unsupported-type',
    ],
    ['beyond the offset', await patch(path, 50, bytes), 409, 'intake.upload-offset'],
    ['too long', await patch(path, 0, Buffer.alloc(200)), 413, 'intake.upload-too-long'],
    ['another length', await patch(path, 0, bytes, { 'upload-length': '200' }), 400, 'intake.upload-length'],
    ['no such upload', await patch(`${uploads}/${'0'.repeat(32)}`, 0, bytes), 404, 'intake.unknown-upload'],
    ['no id', await patch(`${uploads}/x`, 0, bytes), 404, 'intake.unknown-upload'],
    [
      'another report',
      await patch(path.replace(reportId, await harbour.open()), 0, bytes),
      404,
      'intake.unknown-upload',
    ],
  ];
  for (const [what, reply, status, code] of cases) {
    assert.equal(reply.status, status, `${what}: ${reply.text}`);
    assert.equal(reply.headers['tus-resumable'], '1.0.0', what);
    if (code !== '') assert.equal(reply.json().code, code, what);
  }
  assert.equal(cases[0]?.[1].headers['tus-version'], '1.0.0');
  const told = await ask('OPTIONS', uploads);
  assert.equal(told.status, 204);
  assert.match(String(told.headers['tus-extension']), /creation-with-upload.*checksum,termination/);
  assert.equal(told.headers['tus-checksum-algorithm'], 'sha1,sha256,md5');
});

test('an upload of another service is not there', async () => {
  const reportId = await harbour.open();
  const path = await begin(reportId, 100);
  const bytes = Buffer.alloc(100, 1);
  for (const [method, headers, body] of [
    ['HEAD', {}, undefined],
    ['GET', {}, undefined],
    ['DELETE', {}, undefined],
    ['PATCH', { ...bytesType, 'upload-offset': '0' }, bytes],
  ] as const) {
    const theirs = await ask(method, path, headers, body, stranger);
    const nobodys = await ask(method, path.replace(/.{32}$/, 'f'.repeat(32)), headers, body, stranger);
    assert.equal(theirs.status, 404, method);
    assert.equal(nobodys.status, 404, method);
  }
  const anew = await ask(
    'POST',
    `/v1/reports/${reportId}/uploads`,
    { 'upload-length': '5' },
    undefined,
    stranger,
  );
  assert.deepEqual([anew.status, anew.json().code], [404, 'intake.unknown-report']);
  assert.equal(await offsetOf(path), 0);
});

test('an upload that is given up leaves a tombstone and no bytes; a report is not filed over it by mistake', async () => {
  await runByClock('sweep-incoming');
  const before = await leftovers(bureau);
  const reportId = await harbour.open();
  const path = await begin(reportId, 500_000, { 'upload-metadata': 'filename c2VjcmV0' });
  const empty = await begin(reportId, 10);
  await patch(path, 0, randomBytes(200_000));
  const early = await ask('POST', `/v1/reports/${reportId}/filing`);
  assert.deepEqual([early.status, early.json().code], [409, 'intake.uploads-unfinished']);
  assert.deepEqual((early.json().details as { uploadIds: string[] }).uploadIds, [path.split('/').at(-1)]);
  assert.equal((await ask('DELETE', path)).status, 204);
  assert.equal((await ask('HEAD', path)).status, 410);
  assert.equal((await ask('POST', `/v1/reports/${reportId}/filing`)).status, 200);
  assert.equal((await ask('HEAD', empty)).status, 409, 'its report is filed');
  await runByClock('sweep-incoming');
  assert.deepEqual(await leftovers(bureau), before);
  const { rows } = await sql`
    select reason, note, report_id, upload_id, size_bytes, sha256 from vault.tombstone
    where report_id = ${reportId}`.execute(bureau.db.kysely);
  assert.deepEqual(rows, [
    {
      reason: 'ended',
      note: 'ended by its sender',
      report_id: reportId,
      upload_id: path.split('/').at(-1),
      size_bytes: '200000',
      sha256: null,
    },
  ]);
});

test('uploads end with their report', async () => {
  bureau.clock.advance(25 * 3_600_000);
  await runByClock('expire-reports', 'sweep-incoming');
  const before = await leftovers(bureau);
  const retracted = await harbour.open();
  const expiring = await harbour.open();
  for (const reportId of [retracted, expiring]) {
    await patch(
      await begin(reportId, 500_000, { 'upload-metadata': 'filename c2VjcmV0' }),
      0,
      randomBytes(200_000),
    );
  }
  const path = await begin(expiring, 1000);
  assert.equal((await harbour.retract(retracted)).code, 0);
  bureau.clock.advance(25 * 3_600_000);
  assert.equal((await ask('HEAD', path)).status, 404, 'its life is over before anybody swept it');
  assert.equal((await patch(path, 0, Buffer.alloc(10))).status, 404);
  await runByClock('expire-reports', 'sweep-incoming');
  assert.deepEqual(await leftovers(bureau), before);
  const { rows } = await sql`
    select state, upload_name, metadata, writer from intake.upload
    where report_id in (${retracted}, ${expiring}) order by report_id`.execute(bureau.db.kysely);
  assert.deepEqual(
    rows,
    Array.from({ length: 3 }, () => ({ state: 'ended', upload_name: null, metadata: null, writer: null })),
  );
});
