import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { openVault, sealFile, stageBytes, verifyAll } from '#vault';
import { anyFileId, aVault, reportA, s3Address, settingsFor, testNow } from './vault-build.ts';

interface S3rver {
  run(): Promise<{ readonly port: number }>;
  close(): Promise<void>;
}
type S3rverClass = new (options: Record<string, unknown>) => S3rver;

test('another store, which checks signatures, takes, gives, lists and removes evidence', async () => {
  const S3rver = createRequire(import.meta.url)('s3rver') as S3rverClass;
  const directory = await mkdtemp(join(tmpdir(), 'firstlight-s3rver-'));
  const server = new S3rver({
    port: 0,
    address: '127.0.0.1',
    silent: true,
    directory,
    configureBuckets: [{ name: 'evidence' }],
  });
  const { port } = await server.run();
  const v = await aVault();
  try {
    const settings = settingsFor(s3Address, { url: `http://127.0.0.1:${port}` });
    const vault = await openVault({
      folder: `${v.folder}-s3`,
      keyFile: v.keyFile,
      create: false,
      settings: { ...settings, s3: { ...settings.s3, credentials: { keyId: 'S3RVER', secret: 'S3RVER' } } },
    });
    for (const size of [10, 1_000_000, 20_000_000]) {
      const staged = await stageBytes(vault, v.db.kysely, Readable.from([randomBytes(size)]), testNow);
      await v.ctx.run((ctx) => sealFile(ctx, vault, { staged, reportId: reportA, fileId: anyFileId() }));
    }
    let last: { checked: number; damaged: readonly unknown[] } | undefined;
    for await (const progress of verifyAll(vault, v.ctx.run)) last = progress;
    assert.deepEqual([last?.checked, last?.damaged], [3, []]);
    const places: string[] = [];
    for await (const place of vault.store.list()) places.push(place);
    assert.equal(places.length, 3);
    for (const place of places) await vault.store.remove(place);
    for (const place of places) assert.equal(await vault.store.size(place), undefined);
    await vault.store.checkWritable();
  } finally {
    await server.close();
    await v.remove();
    await rm(directory, { recursive: true, force: true });
  }
});
