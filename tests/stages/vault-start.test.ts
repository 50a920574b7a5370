import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { Outage } from '#base/errors';
import { knownKeys, openVault, registerKeys, verifySeal } from '#vault';
import { aVault, type TestVault, testNow } from './vault-build.ts';

const vaults: TestVault[] = [];
after(async () => {
  for (const each of vaults) await each.remove();
});

test('a folder that is gone is no reason to begin anew, whatever the database knows', async () => {
  const v = await aVault('local');
  vaults.push(v);
  await v.seal(randomBytes(1000));
  await registerKeys(v.db.kysely, v.vault, testNow);
  const known = await knownKeys(v.db.kysely);
  await rm(dirname(v.keyFile), { recursive: true });
  await rm(v.folder, { recursive: true });
  const keyId = v.vault.keys.currentId;
  await assert.rejects(
    openVault({ folder: v.folder, keyFile: v.keyFile, create: true, settings: v.settings, known }),
    new RegExp(
      `The database knows of .* sealed files, some sealed under key ${keyId}, and the key file .* is not there. Restore`,
    ),
  );
  const other = join(dirname(dirname(v.keyFile)), 'other.key');
  await openVault({ folder: `${v.folder}-other`, keyFile: other, create: true });
  await assert.rejects(
    openVault({ folder: v.folder, keyFile: other, create: true, settings: v.settings, known }),
    /It belongs to another bureau: restore the key file/,
  );
});

test('a bucket that holds evidence is no place for a first start without its key', async () => {
  const v = await aVault('s3');
  vaults.push(v);
  await v.seal(randomBytes(1000));
  await rm(dirname(v.keyFile), { recursive: true });
  const anew = {
    folder: `${v.folder}-anew`,
    keyFile: `${v.keyFile}.anew`,
    create: true,
    settings: v.settings,
  };
  await assert.rejects(
    openVault(anew),
    /The evidence in s3:.* sealed under key .* is not there. Restore that key file/,
  );
  for (const key of [...v.s3!.objects.keys()])
    if (key.endsWith('keys-in-use.json')) v.s3!.objects.delete(key);
  await assert.rejects(openVault(anew), /There is sealed evidence in s3:.* No second key was made/);
});

test('while the key file is gone nothing is sealed, and what was sealed can still be read', async () => {
  const v = await aVault('local');
  vaults.push(v);
  const { staged } = await v.seal(randomBytes(1000));
  const text = await readFile(v.keyFile, 'utf8');
  await rm(v.keyFile);
  await assert.rejects(
    v.seal(randomBytes(10)),
    (error) => error instanceof Outage && /Put it back from its backup at once/.test(error.message),
  );
  await assert.rejects(v.vault.checkWritable(), Outage);
  const { verdict } = await v.ctx.run((ctx) => verifySeal(ctx, v.vault, staged.sha256));
  assert.equal(verdict, 'verified');
  await writeFile(v.keyFile, text, { mode: 0o600 });
  await v.seal(randomBytes(10));
});
