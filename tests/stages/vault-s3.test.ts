import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { after, afterEach, before, test } from 'node:test';
import { Outage } from '#base/errors';
import {
  type EvidenceStore,
  sealFile,
  stageBytes,
  sweepIncoming,
  type Vault,
  vaultJobs,
  verifySeal,
} from '#vault';
import type { S3Limits } from '../../src/stages/vault/s3-client.ts';
import { openS3Store } from '../../src/stages/vault/s3-store.ts';
import { testCtx } from '../harness/database.ts';
import { type Asked, type S3Server, startS3Server, type Trouble } from '../harness/s3-server.ts';
import {
  anyFileId,
  aVault,
  bytesOf,
  reportA,
  s3Address,
  settingsFor,
  type TestVault,
  testNow,
} from './vault-build.ts';

/** Short, so that what is late is late soon. */
const limits: S3Limits = { connectMs: 300, silenceMs: 300, attempts: 3, partBytes: 64 * 1024 };

let v: TestVault;
let server: S3Server;
let store: EvidenceStore;
let vault: Vault;
before(async () => {
  v = await aVault('s3', { pageSize: 3 });
  server = v.s3!;
  store = await openS3Store(s3Address, settingsFor(s3Address, server).s3, limits);
  vault = { ...v.vault, store, stores: { byId: async () => store } };
});
afterEach(() => {
  server.rule = undefined;
});
after(async () => await v.remove());

let lastId = 0;
const newId = () => (++lastId).toString(16).padStart(32, '0');
const sumOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function write(bytes: Buffer, chunk = 10_000, id = newId()): Promise<string> {
  const writer = await store.write(id);
  try {
    for (let at = 0; at < bytes.byteLength; at += chunk) await writer.write(bytes.subarray(at, at + chunk));
    const place = store.placeOf(id, sumOf(bytes));
    await writer.commit(place);
    return place;
  } catch (error) {
    await writer.abort().catch(() => undefined);
    throw error;
  }
}

/** Follows a rule for the first requests that fit, then serves. */
function atFirst(times: number, trouble: Trouble, fits: (asked: Asked) => boolean) {
  let left = times;
  server.rule = (asked) => {
    if (left === 0 || !fits(asked)) return undefined;
    left -= 1;
    return trouble;
  };
}

const isPut = ({ method, key, query }: Asked) => method === 'PUT' && key !== '' && !query.has('partNumber');
const isPart = ({ query }: Asked) => query.has('partNumber');
const isComplete = ({ method, query }: Asked) => method === 'POST' && query.has('uploadId');
const isGet = ({ method, key }: Asked) => method === 'GET' && key !== '';

test('objects of every size come back as they were, in one piece or in parts', async () => {
  for (const size of [0, 1, 1000, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 200_000, 1_000_000]) {
    const bytes = randomBytes(size);
    const place = await write(bytes);
    assert.equal(await store.size(place), size);
    assert.ok((await bytesOf(await store.read(place))).equals(bytes), `${size} bytes`);
  }
  assert.equal(server.uploads.size, 0);
});

test('parts grow, so that ten thousand of them hold what a court may ever send', async () => {
  const { S3Writer } = await import('../../src/stages/vault/s3-writer.ts');
  const sizes: number[] = [];
  server.rule = undefined;
  const tiny = { ...limits, partBytes: 1 };
  const target = await (await import('../../src/stages/vault/s3-client.ts')).openS3Target(
    s3Address,
    settingsFor(s3Address, server).s3,
    tiny,
  );
  const spied = {
    ...target,
    client: {
      send: async (command: { readonly input: { readonly Body?: Buffer; readonly PartNumber?: number } }) => {
        if (command.input.PartNumber !== undefined) sizes.push(command.input.Body?.byteLength ?? 0);
        return { UploadId: 'one', ETag: 'x' };
      },
    } as never,
  };
  const writer = new S3Writer(spied, store.placeOf(newId(), ''), tiny);
  for (let n = 0; n < 40_000; n += 1) await writer.write(Buffer.from([n % 256]));
  assert.equal(
    sizes.slice(0, 1000).every((size) => size === 1),
    true,
  );
  assert.equal(sizes[1000], 2);
  assert.equal(sizes[2000], 4);
  assert.ok(Math.max(...sizes) <= 64);
  // 1,000 parts each of 8, 16, … 256 MiB and the rest of 512 MiB.
  const most = [1, 2, 4, 8, 16, 32].reduce((sum, factor) => sum + 1000 * factor * 8, 0) + 4000 * 512;
  assert.ok(most > 2 * 1024 * 1024, 'over 2 TiB');
});

test('nothing that stands is written over, whether the store refuses or looks away', async () => {
  const id = newId();
  const bytes = randomBytes(1000);
  const place = await write(bytes, 1000, id);
  for (const other of [randomBytes(1000), randomBytes(300_000)]) {
    await assert.rejects(write(other, 10_000, id), /written once/);
  }
  // A race past the question beforehand: the store itself refuses.
  atFirst(1, { kind: 'error', status: 404, code: 'NotFound' }, ({ method }) => method === 'HEAD');
  await assert.rejects(
    write(randomBytes(1000), 1000, id),
    (error) => error instanceof Error && error.name === 'PreconditionFailed',
  );
  assert.ok((await bytesOf(await store.read(place))).equals(bytes));

  const lax = await startS3Server({ ignoresWriteOnce: true });
  const laxStore = await openS3Store(s3Address, settingsFor(s3Address, lax).s3, limits);
  const first = await laxStore.write(id);
  await first.write(bytes);
  await first.commit(place);
  const second = await laxStore.write(id);
  await second.write(randomBytes(50));
  await assert.rejects(second.commit(place), /written once/);
  assert.ok((await bytesOf(await laxStore.read(place))).equals(bytes));
  await lax.close();
});

test('a store that stumbles is asked again, and what it did at the first try counts', async () => {
  const small = randomBytes(1000);
  const large = randomBytes(300_000);
  const stumbles: readonly (readonly [Trouble, (asked: Asked) => boolean, Buffer])[] = [
    [{ kind: 'error', status: 503, code: 'SlowDown' }, isPut, small],
    [{ kind: 'error', status: 500, code: 'InternalError' }, isPart, large],
    [{ kind: 'silent' }, isPart, large],
    [{ kind: 'hang-up', isDone: false }, isPut, small],
    [{ kind: 'hang-up', isDone: true }, isPut, small],
    [{ kind: 'hang-up', isDone: true }, isPart, large],
    [{ kind: 'hang-up', isDone: true }, isComplete, large],
  ];
  for (const [trouble, fits, bytes] of stumbles) {
    atFirst(1, trouble, fits);
    const place = await write(bytes);
    assert.ok((await bytesOf(await store.read(place))).equals(bytes), JSON.stringify(trouble));
  }
});

test('bytes that were changed on the way are refused by their checksum', async () => {
  const lying = { ...limits, attempts: 1 };
  const other = await openS3Store(s3Address, settingsFor(s3Address, server).s3, lying);
  atFirst(9, { kind: 'error', status: 400, code: 'BadDigest' }, isPut);
  const writer = await other.write(newId());
  await writer.write(randomBytes(100));
  await assert.rejects(writer.commit(other.placeOf(newId(), '')), /under the name it was begun with/);
  await assert.rejects(
    write(randomBytes(100)),
    (error) => error instanceof Outage && /BadDigest/.test(error.message),
  );
  assert.ok(server.asked.some((line) => line.startsWith('PUT ')));
});

test('a body that breaks off or falls silent is taken up where it stopped', async () => {
  const bytes = randomBytes(900_000);
  const place = await write(bytes);
  for (const end of ['hang-up', 'silence'] as const) {
    atFirst(2, { kind: 'half', bytes: 200_000, end }, isGet);
    assert.ok((await bytesOf(await store.read(place))).equals(bytes), end);
  }
  assert.ok(server.asked.length > 0);
});

test('a store that stays ill is an outage within its limits, never damage and never a hang', async () => {
  const { staged } = await v.seal(randomBytes(400_000));
  for (const trouble of [
    { kind: 'silent' },
    { kind: 'error', status: 503, code: 'SlowDown' },
    { kind: 'error', status: 403, code: 'AccessDenied' },
    { kind: 'hang-up', isDone: false },
    { kind: 'half', bytes: 50_000, end: 'hang-up' },
    { kind: 'half', bytes: 50_000, end: 'silence' },
  ] as const satisfies Trouble[]) {
    server.rule = (asked) => (trouble.kind === 'half' && !isGet(asked) ? undefined : trouble);
    const began = performance.now();
    const reading = v.ctx.run((ctx) => verifySeal(ctx, vault, staged.sha256));
    // Half an answer that always brings something ends at last, with every byte.
    if (trouble.kind === 'half') assert.equal((await reading).verdict, 'verified');
    else await assert.rejects(reading, Outage, JSON.stringify(trouble));
    assert.ok(performance.now() - began < 12_000, `${JSON.stringify(trouble)} took too long`);
  }
  server.rule = undefined;
  const row = await v.db.kysely
    .selectFrom('vault.seal')
    .select('damaged_at')
    .where('sha256', '=', staged.sha256)
    .executeTakeFirst();
  assert.equal(row?.damaged_at, null);
});

test('an upload to a store that fails leaves no bytes and no note that is not swept, and says that it may be tried again', async () => {
  const big = randomBytes(400_000);
  for (const trouble of [
    { kind: 'error', status: 503, code: 'SlowDown' },
    { kind: 'silent' },
    { kind: 'hang-up', isDone: false },
  ] as const satisfies Trouble[]) {
    let seen = 0;
    server.rule = ({ method }) => (method !== 'GET' && ++seen > 3 ? trouble : undefined);
    await assert.rejects(stageBytes(vault, v.db.kysely, Readable.from([big]), testNow), Outage);
  }
  server.rule = undefined;
  const later = testCtx(v.db, { now: new Date(testNow.getTime() + 25 * 3_600_000) });
  await later.run((ctx) => sweepIncoming(ctx, vault));
  assert.equal(server.uploads.size, 0, 'uploads that were given up are ended');
  assert.deepEqual(await v.db.kysely.selectFrom('vault.incoming').selectAll().execute(), []);
  const standing: string[] = [];
  for await (const place of store.list()) standing.push(place);
  const known = (await v.db.kysely.selectFrom('vault.seal').select('location').execute()).map(
    ({ location }) => location,
  );
  for (const place of standing) assert.ok(known.includes(place) || place.includes('/0000'), place);
});

test('a write that the store did, but whose answer was lost, is not lost', async () => {
  const bytes = randomBytes(5000);
  server.rule = (asked) => (isPut(asked) ? { kind: 'hang-up', isDone: true } : undefined);
  let tries = 0;
  server.rule = (asked) => {
    if (!isPut(asked)) return undefined;
    tries += 1;
    return tries === 1 ? { kind: 'hang-up', isDone: true } : undefined;
  };
  const staged = await stageBytes(vault, v.db.kysely, Readable.from([bytes]), testNow);
  await v.ctx.run((ctx) => sealFile(ctx, vault, { staged, reportId: reportA, fileId: anyFileId() }));
  assert.equal((await v.ctx.run((ctx) => verifySeal(ctx, vault, staged.sha256))).verdict, 'verified');
});

test('everything that stands is listed, page by page, and uploads that were abandoned are swept when they are old', async () => {
  const writer = await store.write(newId());
  await writer.write(randomBytes(200_000));
  const places: string[] = [];
  for await (const place of store.list()) places.push(place);
  assert.ok(places.length > 6, 'more than two pages');
  assert.equal(new Set(places).size, places.length);
  const job = vaultJobs(vault, v.db.kysely).find(({ name }) => name === 'sweep-half-written');
  const inDays = (days: number) => testCtx(v.db, { now: new Date(Date.now() + days * 86_400_000) });
  assert.equal((await inDays(6).run((ctx) => job!.run(ctx, 'clock'))).kind, 'skipped');
  assert.equal(server.uploads.size, 1);
  assert.equal((await inDays(8).run((ctx) => job!.run(ctx, 'clock'))).kind, 'done');
  assert.equal(server.uploads.size, 0);
  await writer.abort();
});

test('many readers that give up leave nothing open', async () => {
  const place = await write(randomBytes(2_000_000));
  for (let n = 0; n < 60; n += 1) {
    const stream = await store.read(place);
    if (n % 2 === 0) stream.destroy();
    else for await (const _chunk of stream) break;
  }
  assert.equal((await bytesOf(await store.read(place))).byteLength, 2_000_000);
});

test('memory does not grow with the object', async () => {
  const block = randomBytes(256 * 1024);
  const big = { ...limits, silenceMs: 5000, partBytes: 1024 * 1024 };
  const other = await openS3Store(s3Address, settingsFor(s3Address, server).s3, big);
  server.rule = undefined;
  let held = 0;
  let most = 0;
  const target = await other.write(newId());
  for (let n = 0; n < 200; n += 1) {
    held += block.byteLength;
    const before = server.asked.length;
    await target.write(block);
    if (server.asked.length > before) held = 0;
    most = Math.max(most, held);
  }
  assert.ok(most <= 3 * 1024 * 1024, `${most} bytes were gathered`);
  await target.abort();
});
