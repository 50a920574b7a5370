import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { access } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { Outage, Refusal } from '#base/errors';
import {
  knownKeys,
  openFile,
  openVault,
  registerKeys,
  sealFile,
  stageBytes,
  startRotation,
  type Vault,
  vaultJobs,
  verifyAll,
  verifySeal,
} from '#vault';
import { type KmsServer, startKmsServer } from '../harness/kms-server.ts';
import {
  anyFileId,
  aVault,
  bytesOf,
  filesBelow,
  reportA,
  settingsFor,
  type TestVault,
  testNow,
} from './vault-build.ts';

// The SDK's own chain finds these; the stand-in does not look at them.
process.env.AWS_ACCESS_KEY_ID = 'test';
process.env.AWS_SECRET_ACCESS_KEY = 'test';

let v: TestVault;
let kms: KmsServer;
let key: string;
let vault: Vault;
before(async () => {
  v = await aVault();
  kms = await startKmsServer();
  key = kms.addKey();
  vault = await withKey(key);
});
after(async () => {
  await kms.close();
  await v.remove();
});

async function withKey(arn: string | undefined, keyFile = v.keyFile): Promise<Vault> {
  const settings = settingsFor('local', undefined, { key: arn, endpoint: kms.url });
  return await openVault({
    folder: v.folder,
    keyFile,
    create: true,
    settings,
    known: await knownKeys(v.db.kysely),
  });
}

async function seal(bytes: Buffer, where: Vault = vault) {
  const staged = await stageBytes(where, v.db.kysely, Readable.from([bytes]), testNow);
  const fileId = anyFileId();
  await v.ctx.run((ctx) => sealFile(ctx, where, { staged, reportId: reportA, fileId }));
  return { staged, fileId };
}

async function read(fileId: ReturnType<typeof anyFileId>, where: Vault = vault): Promise<Buffer> {
  return await bytesOf(
    await v.ctx.run((ctx) =>
      openFile(ctx, where, { fileId, why: 'a test', onDamage: () => assert.fail('sound') }),
    ),
  );
}

test('new evidence is sealed under the key of the service, older evidence is read with the key file', async () => {
  const old = randomBytes(3_000_000);
  const oldFile = await v.seal(old);
  const fresh = randomBytes(3_000_000);
  const file = await seal(fresh);
  assert.equal(file.staged.keyId, key);
  assert.ok((await read(file.fileId)).equals(fresh));
  assert.ok((await read(oldFile.fileId)).equals(old));
  assert.deepEqual([...new Set(kms.asked)].sort(), ['Decrypt', 'GenerateDataKey']);
  // The vault without the setting still finds the service by the ARN in the seal.
  const byFile = await withKey(undefined);
  assert.ok((await read(file.fileId, byFile)).equals(fresh));
});

test('a service that does not serve is an outage: nothing half is left, nothing is called damaged', async () => {
  const file = await seal(randomBytes(2_000_000));
  const standing = (await filesBelow(v.folder)).size;
  for (const trouble of ['down', 'denied', 'throttled', 'disabled'] as const) {
    kms.trouble = trouble;
    await assert.rejects(
      stageBytes(vault, v.db.kysely, Readable.from([randomBytes(3_000_000)]), testNow),
      (error) => error instanceof Outage && /key service/.test(error.message),
      trouble,
    );
    await assert.rejects(
      v.ctx.run((ctx) => verifySeal(ctx, vault, file.staged.sha256)),
      (error) => error instanceof Outage,
      trouble,
    );
  }
  kms.trouble = undefined;
  assert.equal((await filesBelow(v.folder)).size, standing);
  assert.deepEqual(await v.db.kysely.selectFrom('vault.incoming').selectAll().execute(), []);
  assert.equal((await v.ctx.run((ctx) => verifySeal(ctx, vault, file.staged.sha256))).verdict, 'verified');
});

test('a data key that was changed in the file is damage, not an outage', async () => {
  const file = await seal(randomBytes(1000));
  const bytes = Buffer.from(await v.raw.read(file.staged.location));
  const at = bytes.indexOf('arn:aws:kms');
  assert.ok(at > 0);
  bytes[at + key.length + 20]! ^= 1;
  await v.raw.write(file.staged.location, bytes);
  assert.equal((await v.ctx.run((ctx) => verifySeal(ctx, vault, file.staged.sha256))).verdict, 'damaged');
  await v.db.kysely.deleteFrom('vault.holding').where('sha256', '=', file.staged.sha256).execute();
  await v.db.kysely.deleteFrom('vault.seal').where('sha256', '=', file.staged.sha256).execute();
});

test('going from the key file to the service, and to another key of it, is a rotation', async () => {
  const rotate = async (where: Vault) => {
    const run = await v.ctx.run((ctx) => startRotation(ctx, where));
    const job = vaultJobs(where, v.db.kysely).find(({ name }) => name === 'reseal-files');
    assert.deepEqual(await v.ctx.run((ctx) => job!.run(ctx, run.id)), { kind: 'done' });
    return run;
  };
  const allUnder = async (id: string) => {
    const rows = await v.db.kysely.selectFrom('vault.seal').select('key_id').execute();
    assert.ok(rows.length > 0 && rows.every(({ key_id }) => key_id === id));
  };
  assert.equal((await rotate(vault)).target, key);
  await allUnder(key);
  await assert.rejects(
    v.ctx.run((ctx) => startRotation(ctx, vault)),
    (error) => error instanceof Refusal && error.code === 'vault.nothing-to-rotate',
  );
  const other = kms.addKey();
  const next = await withKey(other);
  await rotate(next);
  await allUnder(other);
  // And back to a key file.
  const home = await withKey(undefined);
  const run = await rotate(home);
  await allUnder(run.target);
  for await (const progress of verifyAll(home, v.ctx.run)) assert.deepEqual(progress.damaged, []);
});

test('a bureau that begins with a key service makes no key file, and may make one when it leaves', async () => {
  const w = await aVault();
  const settings = (arn?: string) => settingsFor('local', undefined, { key: arn, endpoint: kms.url });
  const place = { folder: `${w.folder}-kms`, keyFile: `${w.keyFile}.kms`, create: true };
  const begun = await openVault({ ...place, settings: settings(key) });
  await assert.rejects(access(place.keyFile));
  const staged = await stageBytes(begun, w.db.kysely, Readable.from([randomBytes(10)]), testNow);
  await w.ctx.run((ctx) => sealFile(ctx, begun, { staged, reportId: reportA, fileId: anyFileId() }));
  await registerKeys(w.db.kysely, begun, testNow);
  const left = await openVault({ ...place, settings: settings(), known: await knownKeys(w.db.kysely) });
  await access(place.keyFile);
  assert.notEqual(left.keys.currentId, key);
  assert.equal((await w.ctx.run((ctx) => verifySeal(ctx, left, staged.sha256))).verdict, 'verified');
  await w.remove();
});
