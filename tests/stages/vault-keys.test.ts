import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { openVault } from '#vault';

const folders: string[] = [];
after(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function aPlace(): Promise<{ folder: string; keyFile: string }> {
  const root = await mkdtemp(join(tmpdir(), 'firstlight-keys-'));
  folders.push(root);
  return { folder: join(root, 'evidence'), keyFile: join(root, 'keys', 'vault.key') };
}

test('a first start makes one private key of 256 bits with an id and its time', async () => {
  const place = await aPlace();
  const vault = await openVault({ ...place, create: true });
  const file: unknown = JSON.parse(await readFile(place.keyFile, 'utf8'));
  assert.ok(typeof file === 'object' && file !== null && 'keys' in file && Array.isArray(file.keys));
  assert.equal(file.keys.length, 1);
  const { id, createdAt, key } = file.keys[0];
  assert.equal(Buffer.from(key, 'base64').byteLength, 32);
  assert.equal(id, vault.keys.currentId);
  assert.equal(new Date(createdAt).toISOString(), createdAt);
  assert.equal((await stat(place.keyFile)).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(dirname(place.keyFile)), ['vault.key']);
});

test('later starts read the key and never write over it', async () => {
  const place = await aPlace();
  await openVault({ ...place, create: true });
  const text = await readFile(place.keyFile, 'utf8');
  await openVault({ ...place, create: true });
  await openVault({ ...place, create: false });
  assert.equal(await readFile(place.keyFile, 'utf8'), text);
});

test('processes that start at once go on with the same key', async () => {
  const place = await aPlace();
  const vaults = await Promise.all(Array.from({ length: 8 }, () => openVault({ ...place, create: true })));
  assert.equal(new Set(vaults.map((vault) => vault.keys.currentId)).size, 1);
});

test('a lost key is not replaced, whatever is left of the folder', async () => {
  const place = await aPlace();
  const vault = await openVault({ ...place, create: true });
  const id = vault.keys.currentId;
  await rename(place.keyFile, `${place.keyFile}.lost`);
  for (const create of [true, false]) {
    await assert.rejects(
      openVault({ ...place, create }),
      new RegExp(`sealed under key ${id}.*Restore that key file`),
    );
  }
  await rm(join(place.folder, 'keys-in-use.json'));
  await assert.rejects(openVault({ ...place, create: false }), /Restore it from its backup/);
  const writer = await vault.store.write('1'.repeat(32));
  await writer.write(Buffer.from('ciphertext'));
  await writer.commit(vault.store.placeOf('1'.repeat(32), 'ab'.repeat(32)));
  await assert.rejects(openVault({ ...place, create: true }), /sealed evidence .* Restore that key file/);
  assert.deepEqual(await readdir(dirname(place.keyFile)), ['vault.key.lost']);
  await rename(`${place.keyFile}.lost`, place.keyFile);
  assert.equal((await openVault({ ...place, create: false })).keys.currentId, id);
});

test('a key file that does not belong to the folder is refused', async () => {
  const one = await aPlace();
  const other = await aPlace();
  await openVault({ ...one, create: true });
  await openVault({ ...other, create: true });
  await assert.rejects(
    openVault({ folder: one.folder, keyFile: other.keyFile, create: true }),
    /which the key file .* does not hold. It belongs to another bureau: restore the key file/,
  );
});

test('a key file that others may read, or that is not one, is refused without showing it', async () => {
  const place = await aPlace();
  await openVault({ ...place, create: true });
  await chmod(place.keyFile, 0o640);
  await assert.rejects(openVault({ ...place, create: false }), /chmod 600/);
  await chmod(place.keyFile, 0o600);
  for (const text of [
    '',
    'SECRET',
    '{}',
    '{"version":1,"keys":[]}',
    '{"version":1,"keys":[{"id":"a","createdAt":"b","key":"U0VDUkVU"}]}',
  ]) {
    await writeFile(place.keyFile, text, { mode: 0o600 });
    await assert.rejects(openVault({ ...place, create: true }), (error) => {
      assert.ok(error instanceof Error);
      assert.match(error.message, /Restore it from its backup/);
      assert.ok(!`${error.stack}${String(error.cause)}`.includes('SECRET'));
      return true;
    });
  }
});

test('a newer key is used for new files while the older one can still be read with', async () => {
  const place = await aPlace();
  const first = await openVault({ ...place, create: true });
  const file = JSON.parse(await readFile(place.keyFile, 'utf8'));
  file.keys.push({
    id: 'newer',
    createdAt: '2026-11-25T00:00:00.000Z',
    key: Buffer.alloc(32, 7).toString('base64'),
  });
  await writeFile(place.keyFile, JSON.stringify(file), { mode: 0o600 });
  const { keys } = await openVault({ ...place, create: false });
  assert.equal(keys.currentId, 'newer');
  assert.deepEqual(keys.ids, [first.keys.currentId, 'newer']);
  assert.ok(await keys.forOpening(first.keys.currentId));
});

test('a folder that is there already is made private', async () => {
  const place = await aPlace();
  await mkdir(place.folder, { mode: 0o755 });
  await openVault({ ...place, create: true });
  assert.equal((await stat(place.folder)).mode & 0o777, 0o700);
});
