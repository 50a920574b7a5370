import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { listBackups, openBackupKeys, openOrMakeBackupKeys, pruneBackups, verifyBackup } from '#upkeep';
import { anUpkeep, type TestUpkeep } from './upkeep-build.ts';

const quiet = () => undefined;
let u: TestUpkeep;
before(async () => {
  u = await anUpkeep();
});
after(async () => await u.remove());

async function everyFile(path: string): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    found.set(file, await readFile(file));
  }
  return found;
}

describe('a backup', () => {
  test('holds what the database names, nothing in the clear, and verifies', async () => {
    const secret = Buffer.from('PLAINTEXT-MARK-'.repeat(500));
    await u.v.seal(secret);
    for (let n = 0; n < 20; n += 1) await u.v.seal(randomBytes(3000 + n));
    const manifest = await u.backUp();
    assert.equal(manifest.evidence.files, 21);
    assert.equal(manifest.evidence.addedFiles, 21);
    assert.deepEqual(manifest.evidence.missing, []);
    assert.equal(manifest.database.tables['vault.seal'], 21);
    assert.deepEqual(u.audited.splice(0), ['begin-backup', 'back-up']);

    const evidenceKey = JSON.parse(await readFile(u.v.keyFile, 'utf8')) as { keys: { key: string }[] };
    const backupKey = JSON.parse(await readFile(u.keyPath, 'utf8')) as { keys: { key: string }[] };
    const sha256s = await u.v.db.kysely.selectFrom('vault.seal').select('sha256').execute();
    for (const [path, bytes] of await everyFile(u.folder.path)) {
      for (const text of ['PLAINTEXT-MARK', evidenceKey.keys[0]?.key ?? '', backupKey.keys[0]?.key ?? ''])
        assert.equal(bytes.includes(text), false, `${path} holds ${text.slice(0, 5)}… in the clear`);
      for (const { sha256 } of sha256s) assert.equal(path.includes(sha256), false, 'a name tells a hash');
    }
    const verified = await verifyBackup(u.folder, u.keys, manifest.id, quiet, false);
    assert.deepEqual(verified.damaged, []);
    assert.equal(verified.checkedFiles, 21 + 3);
  });

  test('copies only what is new the next time', async () => {
    await u.v.seal(randomBytes(5000));
    const manifest = await u.backUp();
    assert.equal(manifest.evidence.files, 22);
    assert.equal(manifest.evidence.addedFiles, 1);
    const [newest, older] = await listBackups(u.folder, u.keys);
    assert.deepEqual([newest?.state, older?.state], ['complete', 'complete']);
    assert.equal(newest?.id, manifest.id);
  });

  test('names every damaged and every missing file', async () => {
    const manifest = await u.backUp();
    const paths = [...(await everyFile(join(u.folder.path, 'evidence'))).keys()];
    const [flipped = '', gone = ''] = paths;
    const [sound, lost] = [await readFile(flipped), await readFile(gone)];
    const bytes = Buffer.from(sound);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    await writeFile(flipped, bytes);
    await rm(gone);
    const { damaged } = await verifyBackup(u.folder, u.keys, manifest.id, quiet, false);
    assert.deepEqual(
      damaged.map(({ file, reason }) => [join(u.folder.path, file), reason]).sort(),
      [
        [flipped, 'It was changed since it was written.'],
        [gone, 'It is missing.'],
      ].sort(),
    );
    assert.ok(damaged.every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256 ?? '')));
    // What is missing is copied again by the next backup; what was changed is put back here.
    await writeFile(flipped, sound);
    assert.equal((await u.backUp()).evidence.addedFiles, 1);
    assert.ok((await readFile(gone)).equals(lost));
  });

  test('a part that was changed is no backup', async () => {
    const manifest = await u.backUp();
    const path = u.folder.part(manifest.id, 'manifest');
    const sound = await readFile(path);
    const bytes = Buffer.from(sound);
    bytes[bytes.length - 40] = (bytes[bytes.length - 40] ?? 0) ^ 1;
    await writeFile(path, bytes);
    const [listed] = await listBackups(u.folder, u.keys);
    assert.equal(listed?.state, 'unreadable');
    assert.match(listed?.reason ?? '', /manifest cannot be read/);
    await assert.rejects(pruneBackups(u.folder, u.keys, 1, quiet), /manifest cannot be read/);
    await writeFile(path, sound);
  });

  test('another key is told from damage', async () => {
    const other = join(u.root, 'other.key');
    const { keys, isNew } = await openOrMakeBackupKeys(other);
    assert.equal(isNew, true);
    const [listed] = await listBackups(u.folder, keys);
    assert.equal(listed?.state, 'unreadable');
    assert.match(listed?.reason ?? '', /made under the backup key .* holds only/);
    await assert.rejects(openBackupKeys(join(u.root, 'nothing.key')), /is not there. Bring back the copy/);
  });

  test('bytes that are missing from the store do not keep the rest from being backed up', async () => {
    const { staged } = await u.v.seal(randomBytes(4000));
    await u.v.vault.store.remove(staged.location);
    const manifest = await u.backUp();
    assert.deepEqual(manifest.evidence.missing, [staged.sha256]);
    await u.v.db.pool.query('update vault.seal set location = null, destroyed_at = now() where sha256 = $1', [
      staged.sha256,
    ]);
  });

  test('two at once are refused, one that was killed is passed over', async () => {
    const slow = u.backUp({
      audit: async () => {
        await new Promise((resolve) => setTimeout(resolve, 300));
      },
    });
    await assert.rejects(u.backUp(), /is writing to/);
    await slow;
    await writeFile(
      join(u.folder.path, 'lock'),
      JSON.stringify({ host: (await import('node:os')).hostname(), pid: 4_000_000 }),
    );
    await u.backUp();
  });

  test('a run that fails half way leaves no backup, and its copies are found by the next', async () => {
    for (let n = 0; n < 10; n += 1) await u.v.seal(randomBytes(2000));
    const before = (await listBackups(u.folder, u.keys)).length;
    let reads = 0;
    const { evidence } = u.parts;
    const failing = {
      ...evidence,
      read: async (seal: Parameters<typeof evidence.read>[0]) => {
        reads += 1;
        if (reads > 5) throw new Error('the disk went away');
        return await evidence.read(seal);
      },
    };
    await assert.rejects(u.backUp({ evidence: failing }), /the disk went away/);
    const listed = await listBackups(u.folder, u.keys);
    assert.equal(listed.filter(({ state }) => state === 'complete').length, before);
    assert.equal(listed[0]?.state, 'incomplete');
    const manifest = await u.backUp();
    assert.ok(manifest.evidence.addedFiles <= 5, `${manifest.evidence.addedFiles} were copied again`);
    assert.deepEqual((await verifyBackup(u.folder, u.keys, manifest.id, quiet, false)).damaged, []);
    assert.equal(
      (await listBackups(u.folder, u.keys)).some(({ state }) => state === 'incomplete'),
      false,
    );
  });

  test('what only older backups needed goes with them', async () => {
    const gone = await u.v.seal(randomBytes(1234));
    await u.backUp();
    await u.v.db.pool.query('update vault.seal set location = null, destroyed_at = now() where sha256 = $1', [
      gone.staged.sha256,
    ]);
    const last = await u.backUp();
    const pruned = await pruneBackups(u.folder, u.keys, 1, quiet);
    assert.deepEqual(pruned.kept, [last.id]);
    assert.ok(pruned.removedBackups.length > 3);
    assert.equal(pruned.removedFiles, 1);
    const { damaged } = await verifyBackup(u.folder, u.keys, last.id, quiet, false);
    assert.deepEqual(damaged, []);
  });

  test('files that came while it ran are there when the snapshot names them', async () => {
    let isRunning = true;
    const sender = (async () => {
      while (isRunning) await u.v.seal(randomBytes(500));
    })();
    const manifests = [await u.backUp(), await u.backUp()];
    isRunning = false;
    await sender;
    for (const manifest of manifests) {
      assert.equal(manifest.database.tables['vault.seal'], manifest.evidence.files + 2);
      const { damaged, checkedFiles } = await verifyBackup(u.folder, u.keys, manifest.id, quiet, false);
      assert.deepEqual(damaged, []);
      assert.equal(checkedFiles, manifest.evidence.files + 3);
    }
  });
});
