import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { Outage } from '#base/errors';
import { openDatabase } from '#platform/postgres';
import { discardStaged, openFile, type StoreWriter, sealFile, stageBytes, type Vault } from '#vault';
import { anyFileId, aVault, bytesOf, filesBelow, reportA, type TestVault, testNow } from './vault-build.ts';

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

/** The same vault on a store whose writers are changed: a full disk, a slow one. */
function vaultWith(change: (writer: StoreWriter) => StoreWriter): Vault {
  const { store } = v.vault;
  return { ...v.vault, store: { ...store, write: async (id) => change(await store.write(id)) } };
}

test('a disk that is full leaves neither bytes nor a note, and says so', async () => {
  const files = (await filesBelow(v.folder)).size;
  const notes = (await incoming()).length;
  const noSpace = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  const fullDisk = (error: unknown) =>
    error instanceof Outage && error.cause === noSpace && /Give it room/.test(error.message);
  for (const room of [0, 100, 1_500_000]) {
    let written = 0;
    const full = vaultWith((writer) => ({
      ...writer,
      write: async (chunk) => {
        written += chunk.byteLength;
        if (written > room) throw noSpace;
        await writer.write(chunk);
      },
    }));
    const source = Readable.from([randomBytes(1_000_000), randomBytes(1_000_000), randomBytes(1_000_000)]);
    await assert.rejects(stageBytes(full, v.db.kysely, source, testNow), fullDisk);
  }
  const unsynced = vaultWith((writer) => ({ ...writer, commit: async () => await Promise.reject(noSpace) }));
  await assert.rejects(
    stageBytes(unsynced, v.db.kysely, Readable.from([randomBytes(10)]), testNow),
    fullDisk,
  );
  assert.equal((await filesBelow(v.folder)).size, files);
  assert.equal((await incoming()).length, notes);
});

test('a fast sender waits for a slow disk, so that memory does not grow with the file', async () => {
  const block = randomBytes(64 * 1024);
  const total = 32 * 1024 * 1024;
  let sent = 0;
  let stored = 0;
  let ahead = 0;
  const slow = vaultWith((writer) => ({
    ...writer,
    write: async (chunk) => {
      await writer.write(chunk);
      await sleep(1);
      stored += chunk.byteLength;
    },
  }));
  const source = Readable.from(
    (function* () {
      for (; sent < total; sent += block.byteLength) {
        ahead = Math.max(ahead, sent - stored);
        yield block;
      }
    })(),
  );
  const staged = await stageBytes(slow, v.db.kysely, source, testNow);
  assert.equal(staged.sizeBytes, total);
  assert.ok(ahead < 6 * 1024 * 1024, `${ahead} bytes were read ahead`);
  await discardStaged(v.vault, v.db.kysely, staged);
});

test('noting a place in haste does not make the next commit on that connection hasty', async () => {
  const one = openDatabase(v.db.url, { max: 1 });
  await one.pool.query('set synchronous_commit = on');
  const staged = await stageBytes(v.vault, one.kysely, Readable.from([randomBytes(10)]), testNow);
  const { rows } = await one.pool.query('show synchronous_commit');
  assert.equal(rows[0].synchronous_commit, 'on');
  await discardStaged(v.vault, one.kysely, staged);
  await assert.rejects(
    one.kysely.transaction().execute((tx) => stageBytes(v.vault, tx, Readable.from([]), testNow)),
    /outside any transaction/,
  );
  await one.close();
});

test('a source that is given up after its last byte came in, but before it was read, ends the staging', async () => {
  const before = await incoming();
  const source = new Readable({ read() {} });
  for (let n = 0; n < 64; n += 1) source.push(randomBytes(64 * 1024));
  source.push(null);
  source.once('readable', () => source.destroy());
  const late = sleep(5_000).then(() => assert.fail('the staging never ends'));
  await Promise.race([assert.rejects(v.stage(source)), late]);
  assert.deepEqual(await incoming(), before);
});
