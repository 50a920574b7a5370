import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import type { EvidenceKeyListReply, ResealRunItem, VaultReply } from '#contract/vault';
import { startTestBureau, type TestBureau } from '../harness/bureau.ts';
import { startKmsServer } from '../harness/kms-server.ts';
import { startS3Server } from '../harness/s3-server.ts';
import { call, ispws, leftovers } from './intake-build.ts';
import { s3Address, settingsFor } from './vault-build.ts';

process.env.AWS_ACCESS_KEY_ID = 'test';
process.env.AWS_SECRET_ACCESS_KEY = 'test';
const server = await startS3Server();
const kms = await startKmsServer();
const onS3 = await startTestBureau({ evidence: settingsFor(s3Address, server) });
const onKms = await startTestBureau({
  evidence: settingsFor('local', undefined, { key: kms.addKey(), endpoint: kms.url }),
});
const plain = await startTestBureau();
after(async () => {
  await server.close();
  await kms.close();
});

async function machine<T>(
  bureau: TestBureau,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: T }> {
  const isBytes = body instanceof Uint8Array;
  const reply = await call(bureau, {
    method,
    path: `/v1${path}`,
    authorization: `Bearer ${bureau.machineToken}`,
    ...(body === undefined ? {} : { body: isBytes ? body : JSON.stringify(body) }),
    headers: { 'content-type': isBytes ? 'application/octet-stream' : 'application/json' },
  });
  return { status: reply.status, body: reply.json() as T };
}

test('a store that is down is answered with 503 at both doors, nothing of it is kept, and the same upload then works', async () => {
  const service = await onS3.addService('Harbour Chat');
  const door = ispws(onS3, service);
  const id = await door.open();
  const bytes = randomBytes(300_000);
  for (const trouble of [
    { kind: 'error', status: 503, code: 'SlowDown' },
    { kind: 'hang-up', isDone: false },
  ] as const) {
    server.rule = () => trouble;
    const reply = await door.upload(id, bytes);
    assert.equal(reply.status, 503, reply.text);
    assert.ok(reply.headers['retry-after']);
    const ready = await call(onS3, { path: '/health/ready' });
    assert.equal(ready.status, 503);
  }
  server.rule = undefined;
  assert.equal((await door.upload(id, bytes)).code, 0);
  assert.equal(
    (
      await door.ask('/finish', {
        body: `id=${id}`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      })
    ).code,
    0,
  );
  const standing = [...server.objects.keys()].filter((key) => key.includes('/evidence/'));
  assert.equal(standing.length, 1);
});

test('a key service that is down is answered with 503, and nothing half is left', async () => {
  const service = await onKms.addService('Lantern Social');
  const door = ispws(onKms, service);
  const id = await door.open();
  const before = await leftovers(onKms);
  kms.trouble = 'denied';
  const reply = await door.upload(id, randomBytes(3_000_000));
  assert.equal(reply.status, 503, reply.text);
  kms.trouble = undefined;
  assert.deepEqual(await leftovers(onKms), before);
  assert.equal((await door.upload(id, randomBytes(3_000_000))).code, 0);
});

test('keys are listed, rotated and retired by the machine, with audit rows, and never shown', async () => {
  const service = await plain.addService('Harbour Chat');
  const door = ispws(plain, service);
  const id = await door.open();
  assert.equal((await door.upload(id, randomBytes(5000))).code, 0);
  const before = await machine<EvidenceKeyListReply>(plain, 'GET', '/desk/keys');
  assert.equal(before.status, 200);
  const [old] = before.body.items;
  assert.deepEqual([old?.isCurrent, old?.files], [true, 1]);
  const run = await machine<ResealRunItem>(plain, 'POST', '/desk/keys/rotation', {});
  assert.equal(run.status, 202, JSON.stringify(run.body));
  await plain.drain();
  const { body } = await machine<EvidenceKeyListReply>(plain, 'GET', '/desk/keys');
  assert.ok(body.rotation?.doneAt, JSON.stringify(body));
  assert.equal(body.items.find(({ isCurrent }) => isCurrent)?.id, run.body.target);
  assert.equal(body.items.find(({ id: key }) => key === old?.id)?.files, 0);
  const retired = await machine<EvidenceKeyListReply>(plain, 'POST', '/desk/keys/retirement', {
    keyId: old?.id,
  });
  assert.equal(retired.status, 202, JSON.stringify(retired.body));
  await plain.drain();
  const last = await machine<EvidenceKeyListReply>(plain, 'GET', '/desk/keys');
  assert.ok(last.body.items.find(({ id: key }) => key === old?.id)?.removedAt);
  const { rows } = await plain.db.pool.query(
    `select action, subject from access.audit where action in ('rotate-keys', 'reseal-files', 'retire-key', 'remove-retired-key') order by id`,
  );
  assert.deepEqual(rows.map(({ action }) => action).sort(), [
    'remove-retired-key',
    'reseal-files',
    'retire-key',
    'rotate-keys',
  ]);
  assert.ok(rows.every(({ subject }) => /^(run|key):/.test(subject)));
});

test('only an administrator manages keys and stores', async () => {
  const officer = await plain.signIn('Officer Example', ['triage-officer']);
  for (const [method, path, body] of [
    ['GET', '/v1/desk/keys', undefined],
    ['POST', '/v1/desk/keys/rotation', {}],
    ['POST', '/v1/desk/vault/move', { to: 'local' }],
    ['GET', '/v1/desk/vault', undefined],
  ] as const) {
    assert.equal((await officer.ask(method, path, body)).status, 403, path);
  }
  const administrator = await plain.signIn('Administrator Example', ['administrator']);
  assert.equal((await administrator.ask('GET', '/v1/desk/keys')).status, 200);
});

test('a damaged file goes to the list, is restored over HTTP, and leaves the list', async () => {
  const service = await plain.addService('Quayside');
  const door = ispws(plain, service);
  const id = await door.open();
  const bytes = randomBytes(1_500_000);
  assert.equal((await door.upload(id, bytes)).code, 0);
  const seal = await plain.db.kysely
    .selectFrom('vault.seal')
    .select(['sha256', 'location'])
    .orderBy('sealed_at', 'desc')
    .orderBy('size_bytes', 'desc')
    .executeTakeFirstOrThrow();
  const path = `${plain.folder}/evidence/${seal.location}`;
  const backup = await readFile(path);
  const harmed = Buffer.from(backup);
  harmed[1_200_000]! ^= 1;
  await writeFile(path, harmed);
  const status = async () => (await machine<VaultReply>(plain, 'GET', '/desk/vault')).body;
  await call(plain, {
    method: 'POST',
    path: '/v1/desk/verification',
    authorization: `Bearer ${plain.machineToken}`,
  }).catch(() => undefined);
  await plain.drain();
  assert.equal((await status()).verification.damaged, 1);
  const listed = async () =>
    (
      await machine<{ items: { job: string; subject: string; reason: string }[] }>(
        plain,
        'GET',
        '/desk/attention',
      )
    ).body.items;
  assert.ok(
    (await listed()).some(({ job, reason }) => job === 'verify-file' && reason.includes(seal.sha256)),
  );

  const wrong = await machine<{ code: string }>(plain, 'PUT', `/desk/vault/files/${seal.sha256}`, harmed);
  assert.deepEqual([wrong.status, wrong.body.code], [400, 'vault.not-a-sealed-file']);
  const restored = await machine<{ sizeBytes: number }>(
    plain,
    'PUT',
    `/desk/vault/files/${seal.sha256}`,
    backup,
  );
  assert.deepEqual(
    [restored.status, restored.body.sizeBytes],
    [200, 1_500_000],
    JSON.stringify(restored.body),
  );
  await plain.drain();
  assert.ok(!(await listed()).some(({ job }) => job === 'verify-file'));
  const now = await status();
  assert.deepEqual([now.verification.damaged, now.setAside.map(({ sha256 }) => sha256)], [0, [seal.sha256]]);
  const gone = await machine<{ copies: number }>(
    plain,
    'POST',
    `/desk/vault/files/${seal.sha256}/let-go`,
    {},
  );
  assert.deepEqual([gone.status, gone.body.copies], [200, 1]);
  assert.deepEqual((await status()).setAside, []);
});
