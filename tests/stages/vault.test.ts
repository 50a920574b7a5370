import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { Refusal } from '#base/errors';
import type { ReportId } from '#base/ids';
import {
  discardStaged,
  findStrays,
  listCustody,
  openFile,
  releaseFiles,
  sealFile,
  sweepIncoming,
  sweepSeals,
  type VerifyProgress,
  verifyAll,
} from '#vault';
import { testCtx } from '../harness/database.ts';
import {
  anyFileId,
  aVault,
  bytesOf,
  filesBelow,
  reportA,
  reportB,
  type TestVault,
  testNow,
} from './vault-build.ts';

let v: TestVault;
before(async () => {
  v = await aVault();
});
after(async () => await v.remove());

const hex = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('hex');
const onDamage = () => assert.fail('these bytes are sound');
const readBack = async (fileId: Parameters<typeof openFile>[2]['fileId']) =>
  await bytesOf(await v.ctx.run((ctx) => openFile(ctx, v.vault, { fileId, why: 'a test', onDamage })));
const incoming = async () => await v.db.kysely.selectFrom('vault.incoming').selectAll().execute();
const sealRow = async (sha256: string) =>
  await v.db.kysely.selectFrom('vault.seal').selectAll().where('sha256', '=', sha256).executeTakeFirst();

test('any bytes in any chunks are hashed as node:crypto does and read back the same', async () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(chunks, async (parts) => {
      const whole = Buffer.concat(parts);
      const staged = await v.stage(Readable.from(parts));
      assert.equal(staged.md5, hex('md5', whole));
      assert.equal(staged.sha1, hex('sha1', whole));
      assert.equal(staged.sha256, hex('sha256', whole));
      assert.equal(staged.sizeBytes, whole.byteLength);
      const fileId = anyFileId();
      await v.ctx.run((ctx) => sealFile(ctx, v.vault, { staged, reportId: reportA, fileId }));
      assert.ok((await readBack(fileId)).equals(whole));
    }),
    { numRuns: 60 },
  );
});

test('sizes around blocks and frames read back the same', async () => {
  const frame = 1024 * 1024;
  const block = 256 * 1024;
  for (const size of [
    0,
    1,
    block - 1,
    block,
    block + 1,
    frame - 1,
    frame,
    frame + 1,
    3 * frame,
    3 * frame + 7,
  ]) {
    const bytes = randomBytes(size);
    for (const chunkBytes of [64 * 1024, size + 1]) {
      const parts = Array.from({ length: Math.ceil(size / chunkBytes) }, (_, i) =>
        bytes.subarray(i * chunkBytes, (i + 1) * chunkBytes),
      );
      const staged = await v.stage(Readable.from(parts));
      assert.equal(staged.sha256, hex('sha256', bytes), `${size} bytes`);
      const fileId = anyFileId();
      await v.ctx.run((ctx) => sealFile(ctx, v.vault, { staged, reportId: reportA, fileId }));
      assert.ok((await readBack(fileId)).equals(bytes), `${size} bytes in chunks of ${chunkBytes}`);
    }
  }
});

test('no plaintext on disk, neither while bytes come in nor after', async () => {
  const mark = Buffer.from('RECOGNISABLE-INVENTED-PATTERN');
  const bytes = Buffer.concat(Array.from({ length: 60_000 }, () => mark));
  let seen = 0;
  const source = Readable.from(
    (async function* () {
      for (let at = 0; at < bytes.byteLength; at += 64 * 1024) {
        yield bytes.subarray(at, at + 64 * 1024);
        if (at % (512 * 1024) !== 0) continue;
        for (const [path, content] of await filesBelow(join(v.folder, '..'))) {
          seen += content.byteLength;
          assert.ok(!content.includes(mark), path);
        }
      }
    })(),
  );
  const staged = await v.stage(source);
  assert.ok(seen > 0, 'the half-written file was looked at');
  await v.ctx.run((ctx) => sealFile(ctx, v.vault, { staged, reportId: reportA, fileId: anyFileId() }));
  for (const [path, content] of await filesBelow(join(v.folder, '..')))
    assert.ok(!content.includes(mark), path);
  const rows = await v.db.pool.query('select to_jsonb(seal) as row from vault.seal seal');
  assert.ok(!JSON.stringify(rows.rows).includes(mark.toString()));
});

test('files are private, placed by their SHA-256, and never written over', async () => {
  const { staged } = await v.seal(randomBytes(1000));
  const form = new RegExp(`^${staged.sha256[0]}/${staged.sha256[1]}/${staged.sha256}-[0-9a-f]{32}$`);
  assert.match(staged.location, form);
  assert.equal((await stat(join(v.folder, staged.location))).mode & 0o777, 0o600);
  assert.equal((await stat(v.folder)).mode & 0o777, 0o700);
  const before = await bytesOf(await v.vault.store.read(staged.location));

  const writer = await v.vault.store.write('0'.repeat(32));
  await writer.write(randomBytes(10));
  await assert.rejects(writer.commit(staged.location), { code: 'EEXIST' });
  await writer.abort();
  assert.ok((await bytesOf(await v.vault.store.read(staged.location))).equals(before));
  await assert.rejects(v.vault.store.size('../keys/vault.key'), /not a place/);
});

test('a source that fails leaves neither bytes nor a note', async () => {
  const files = (await filesBelow(v.folder)).size;
  const notes = (await incoming()).length;
  for (const failAt of [0, 100, 700_000, 2_500_000]) {
    const source = Readable.from(
      (async function* () {
        for (let at = 0; at < failAt; at += 50_000) yield randomBytes(50_000);
        throw new Error('the sender went away');
      })(),
    );
    await assert.rejects(v.stage(source), /the sender went away/);
  }
  const destroyed = new Readable({ read: () => undefined });
  setTimeout(() => destroyed.destroy(new Error('cut off')), 20);
  await assert.rejects(v.stage(destroyed), /cut off/);
  const gone = new Readable({ read: () => undefined });
  gone.destroy(new Error('gone before it began'));
  await assert.rejects(v.stage(gone));
  assert.equal((await filesBelow(v.folder)).size, files);
  assert.equal((await incoming()).length, notes);
});

test('identical bytes are stored once, each file record holds them', async () => {
  const bytes = randomBytes(5000);
  const first = await v.seal(bytes, reportA);
  const eventsBefore = v.ctx.events.length;
  const second = await v.seal(bytes, reportB);
  assert.deepEqual([first.isFirstCopy, second.isFirstCopy], [true, false]);
  assert.deepEqual(v.ctx.events.slice(eventsBefore), []);
  assert.equal((await sealRow(first.staged.sha256))?.location, first.staged.location);
  assert.ok((await readBack(second.fileId)).equals(bytes));

  await v.ctx.run((ctx) => sweepIncoming(ctx, v.vault));
  assert.equal(await v.vault.store.size(second.staged.location), undefined);
  assert.ok((await readBack(first.fileId)).equals(bytes));
});

test('discarding is safe whatever became of the bytes', async () => {
  const unsealed = await v.stage(randomBytes(100));
  await discardStaged(v.vault, v.db.kysely, unsealed);
  await discardStaged(v.vault, v.db.kysely, unsealed);
  assert.equal(await v.vault.store.size(unsealed.location), undefined);

  const sealed = await v.seal(randomBytes(100));
  await discardStaged(v.vault, v.db.kysely, sealed.staged);
  assert.notEqual(await v.vault.store.size(sealed.staged.location), undefined);
});

test('bytes whose transaction rolls back belong to nobody and are swept after a day', async () => {
  const staged = await v.stage(randomBytes(100));
  await assert.rejects(
    v.ctx.run(async (ctx) => {
      await sealFile(ctx, v.vault, { staged, reportId: reportA, fileId: anyFileId() });
      throw new Error('the rest of the transaction failed');
    }),
  );
  await v.ctx.run((ctx) => sweepIncoming(ctx, v.vault));
  assert.notEqual(
    await v.vault.store.size(staged.location),
    undefined,
    'an upload that may still be filed is kept',
  );
  const later = testCtx(v.db, { now: new Date(testNow.getTime() + 25 * 3_600_000) });
  await later.run((ctx) => sweepIncoming(ctx, v.vault));
  assert.equal(await v.vault.store.size(staged.location), undefined);
  await assert.rejects(
    v.ctx.run((ctx) => sealFile(ctx, v.vault, { staged, reportId: reportA, fileId: anyFileId() })),
    (error) => error instanceof Refusal && error.code === 'vault.staging-lost',
  );
});

test('what a kill leaves half written is swept by its note', async () => {
  const id = 'c'.repeat(32);
  const place = v.vault.store.temporaryPlace(id);
  await v.db.kysely
    .insertInto('vault.incoming')
    .values({ location: place, started_at: new Date(0) })
    .execute();
  const writer = await v.vault.store.write(id);
  await writer.write(randomBytes(300_000));
  assert.notEqual(await v.vault.store.size(place), undefined);
  await v.ctx.run((ctx) => sweepIncoming(ctx, v.vault));
  assert.equal(await v.vault.store.size(place), undefined);
  await writer.abort();
});

test('released bytes are destroyed when nobody else holds them; the tombstone and its custody stay', async () => {
  const bytes = randomBytes(700);
  const mine = '1000077' as ReportId;
  const theirs = '1000078' as ReportId;
  const shared = await v.seal(bytes, mine);
  await v.seal(bytes, theirs);
  const own = await v.seal(randomBytes(50), mine);

  assert.equal(await v.ctx.run((ctx) => releaseFiles(ctx, { reportId: mine })), 2);
  assert.equal(await v.ctx.run((ctx) => releaseFiles(ctx, { reportId: mine })), 0);
  assert.deepEqual(v.ctx.events.at(-1), { name: 'files.released', subject: mine });
  assert.deepEqual(await v.ctx.run((ctx) => sweepSeals(ctx, v.vault, { reportId: mine })), {
    destroyed: 1,
    isComplete: true,
  });
  assert.equal(await v.vault.store.size(own.staged.location), undefined);
  assert.notEqual(await v.vault.store.size(shared.staged.location), undefined);
  const tombstone = await sealRow(own.staged.sha256);
  assert.equal(tombstone?.location, null);
  assert.ok(tombstone?.destroyed_at);
  const acts = (await v.ctx.run((ctx) => listCustody(ctx, { reportId: mine }))).map(({ act, sha256 }) => [
    act,
    sha256,
  ]);
  assert.deepEqual(
    acts.filter(([, sha256]) => sha256 === own.staged.sha256).map(([act]) => act),
    ['received', 'released', 'destroyed'],
  );
  await assert.rejects(
    v.ctx.run((ctx) => openFile(ctx, v.vault, { fileId: own.fileId, why: 'a test', onDamage })),
    (error) => error instanceof Refusal && error.code === 'vault.file-destroyed',
  );

  await v.ctx.run((ctx) => releaseFiles(ctx, { reportId: theirs }));
  await v.ctx.run((ctx) => sweepSeals(ctx, v.vault, { reportId: theirs }));
  assert.equal(await v.vault.store.size(shared.staged.location), undefined);
});

test('bytes that come again after they were destroyed get a new place', async () => {
  const bytes = randomBytes(900);
  const report = '1000091' as ReportId;
  const first = await v.seal(bytes, report);
  await v.ctx.run((ctx) => releaseFiles(ctx, { reportId: report }));
  await v.ctx.run((ctx) => sweepSeals(ctx, v.vault, { reportId: report }));
  const again = await v.seal(bytes, reportB);
  assert.equal(again.isFirstCopy, true);
  assert.notEqual(again.staged.location, first.staged.location);
  const row = await sealRow(first.staged.sha256);
  assert.deepEqual([row?.location, row?.destroyed_at], [again.staged.location, null]);
  assert.ok((await readBack(again.fileId)).equals(bytes));
});

test('every act on a file leaves its custody entry, in the transaction of the act', async () => {
  const report = '1000099' as ReportId;
  const { fileId } = await v.seal(randomBytes(10), report);
  await assert.rejects(
    v.ctx.run(async (ctx) => {
      const stream = await openFile(ctx, v.vault, { fileId, why: 'rolled back', onDamage });
      stream.destroy();
      throw new Error('rolled back');
    }),
  );
  await readBack(fileId);
  const entries = await v.ctx.run((ctx) => listCustody(ctx, { reportId: report }));
  assert.deepEqual(
    entries.map(({ act, actor, note }) => ({ act, by: actor.id, note })),
    [
      { act: 'received', by: 'test', note: undefined },
      { act: 'read', by: 'test', note: 'a test' },
    ],
  );
  await assert.rejects(v.db.pool.query(`update vault.custody set note = 'x'`), /append-only/);
});

test('an unknown file is refused', async () => {
  await assert.rejects(
    v.ctx.run((ctx) => openFile(ctx, v.vault, { fileId: anyFileId(), why: 'a test', onDamage })),
    (error) => error instanceof Refusal && error.code === 'vault.unknown-file' && error.status === 404,
  );
});

test('the whole vault verifies, page by page, with progress', async () => {
  for (let n = 0; n < 70; n += 1) await v.seal(Buffer.from(`file ${n}`));
  const lines: VerifyProgress[] = [];
  for await (const each of verifyAll(v.vault, v.ctx.run)) lines.push(each);
  const seals = await v.db.kysely
    .selectFrom('vault.seal')
    .select('sha256')
    .where('location', 'is not', null)
    .execute();
  assert.ok(lines.length >= 2);
  assert.equal(lines.at(-1)?.checked, seals.length);
  assert.equal(lines.at(-1)?.total, seals.length);
  assert.deepEqual(lines.at(-1)?.damaged, []);
  const unverified = await v.db.kysely
    .selectFrom('vault.seal')
    .select('sha256')
    .where('location', 'is not', null)
    .where('verified_at', 'is', null)
    .execute();
  assert.deepEqual(unverified, []);
});

test('bytes that no row knows of are named and left where they are', async () => {
  const stray = await v.stage(randomBytes(100));
  const before: string[] = [];
  for await (const place of findStrays(v.vault, v.ctx.run)) before.push(place);
  assert.deepEqual(before, []);
  await v.db.kysely.deleteFrom('vault.incoming').where('location', '=', stray.location).execute();
  const found: string[] = [];
  for await (const place of findStrays(v.vault, v.ctx.run)) found.push(place);
  assert.deepEqual(found, [stray.location]);
  assert.notEqual(await v.vault.store.size(stray.location), undefined);
});
