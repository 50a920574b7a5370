import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { IntegrityFault, Refusal } from '#base/errors';
import type { Sha256 } from '#base/ids';
import {
  listCustody,
  openFile,
  openVault,
  sweepIncoming,
  type VerifyProgress,
  vaultJobs,
  verifyAll,
  verifySeal,
} from '#vault';
import { aVault, bytesOf, reportA, reportB, type Sealed, storeKinds, type TestVault } from './vault-build.ts';

for (const kind of storeKinds) {
  describe(`the vault on the ${kind} store`, () => {
    let v: TestVault;
    before(async () => {
      v = await aVault(kind);
    });
    after(async () => await v.remove());

    const frame = 1024 * 1024;
    const pathOf = (sealed: Sealed) => sealed.staged.location;
    const verify = async (sealed: Sealed) =>
      await v.ctx.run((ctx) => verifySeal(ctx, v.vault, sealed.staged.sha256));
    const damageOf = async (sha256: Sha256) =>
      (
        await v.db.kysely
          .selectFrom('vault.seal')
          .select('damage')
          .where('sha256', '=', sha256)
          .executeTakeFirst()
      )?.damage;

    async function read(sealed: Sealed): Promise<{ bytes: number; error: unknown; told: Sha256[] }> {
      const told: Sha256[] = [];
      let bytes = 0;
      try {
        const stream = await v.ctx.run((ctx) =>
          openFile(ctx, v.vault, {
            fileId: sealed.fileId,
            why: 'a test',
            onDamage: (sha256) => told.push(sha256),
          }),
        );
        for await (const chunk of stream) bytes += chunk.length;
        return { bytes, error: undefined, told };
      } catch (error) {
        return { bytes, error, told };
      }
    }

    const harms: readonly (readonly [string, (sealed: Sealed) => Promise<void>, RegExp])[] = [
      ['a flipped bit in the first frame', async (s) => await flip(pathOf(s), 2000), /were changed/],
      [
        'a flipped bit in the last frame',
        async (s) => await flip(pathOf(s), 2 * frame + 9000),
        /were changed/,
      ],
      ['a flipped bit in the header', async (s) => await flip(pathOf(s), 40), /were changed/],
      ['the last byte cut off', async (s) => await cut(pathOf(s), 1), /end too early/],
      ['a whole frame cut off', async (s) => await cut(pathOf(s), frame), /end too early/],
      ['everything cut off', async (s) => await v.raw.write(pathOf(s), Buffer.alloc(0)), /end too early/],
      ['the file removed', async (s) => await v.raw.remove(pathOf(s)), /missing/],
    ];

    for (const [name, harm, words] of harms) {
      test(`${name} is found before the last byte is given out, told, marked and named`, async () => {
        const sealed = await v.seal(randomBytes(2 * frame + 10_000));
        await harm(sealed);
        const { bytes, error, told } = await read(sealed);
        assert.ok(error instanceof IntegrityFault, String(error));
        assert.match(error.message, words);
        assert.equal(error.subject, `file:${sealed.staged.sha256}`);
        assert.ok(bytes < sealed.staged.sizeBytes);
        assert.deepEqual(told, [sealed.staged.sha256]);
        assert.equal(await damageOf(sealed.staged.sha256), null, 'reading marks nothing by itself');

        const { verdict, damage } = await verify(sealed);
        assert.equal(verdict, 'damaged');
        assert.match(damage ?? '', words);
        assert.match((await damageOf(sealed.staged.sha256)) ?? '', words);
        assert.deepEqual(v.ctx.events.at(-1), { name: 'file.damaged', subject: sealed.staged.sha256 });
        await assert.rejects(
          v.ctx.run((ctx) =>
            openFile(ctx, v.vault, {
              fileId: sealed.fileId,
              why: 'a test',
              onDamage: () => assert.fail('told already'),
            }),
          ),
          (refusal) => refusal instanceof Refusal && refusal.code === 'vault.file-damaged',
        );
      });
    }

    test('every single flipped bit is found, and no fault ends the process', async () => {
      const sealed = await v.seal(randomBytes(300));
      const path = pathOf(sealed);
      const sound = await v.raw.read(path);
      for (let at = 0; at < sound.byteLength; at += 1) {
        const bytes = Buffer.from(sound);
        bytes[at]! ^= 1 << (at % 8);
        await v.raw.write(path, bytes);
        const { error } = await read(sealed);
        assert.ok(error instanceof IntegrityFault, `byte ${at}: ${String(error)}`);
      }
      await v.raw.write(path, sound);
      assert.equal((await read(sealed)).error, undefined);
    });

    test('files that were swapped do not pass for each other, even when of the same size', async () => {
      const one = await v.seal(randomBytes(4000));
      const other = await v.seal(randomBytes(4000));
      const [bytesOfOne, bytesOfOther] = [await v.raw.read(pathOf(one)), await v.raw.read(pathOf(other))];
      await v.raw.write(pathOf(one), bytesOfOther);
      await v.raw.write(pathOf(other), bytesOfOne);
      for (const each of [one, other]) {
        assert.deepEqual(await verify(each), {
          verdict: 'damaged',
          damage: 'The bytes belong to another place of the evidence store.',
        });
      }
    });

    test('a seal whose SHA-256 does not match whole bytes is damaged', async () => {
      const one = await v.seal(randomBytes(4000));
      const other = await v.seal(randomBytes(4000));
      const places = v.db.kysely.updateTable('vault.seal');
      await places.set({ location: 'aside' }).where('sha256', '=', one.staged.sha256).execute();
      await places.set({ location: one.staged.location }).where('sha256', '=', other.staged.sha256).execute();
      const { bytes, error } = await read(other);
      assert.ok(error instanceof IntegrityFault);
      assert.equal(bytes, 0, 'the last chunk, here the only one, is held back');
      const { verdict, damage } = await verify(other);
      assert.equal(verdict, 'damaged');
      assert.match(damage ?? '', /not the ones that were sealed/);
      await v.db.kysely.deleteFrom('vault.holding').where('sha256', '=', one.staged.sha256).execute();
      await v.db.kysely.deleteFrom('vault.seal').where('sha256', '=', one.staged.sha256).execute();
    });

    test('bytes that were restored from backup are sound again, and custody tells the story', async () => {
      const sealed = await v.seal(randomBytes(4000), reportB);
      const backup = Buffer.from(await v.raw.read(pathOf(sealed)));
      await flip(pathOf(sealed), 1000);
      await verify(sealed);
      await verify(sealed);
      await v.raw.write(pathOf(sealed), backup);
      assert.equal((await verify(sealed)).verdict, 'verified');
      assert.equal((await read(sealed)).error, undefined);
      const entries = await v.ctx.run((ctx) => listCustody(ctx, { reportId: reportB }));
      assert.deepEqual(
        entries.filter(({ sha256 }) => sha256 === sealed.staged.sha256).map(({ act }) => act),
        ['received', 'damaged', 'damaged', 'verified', 'read'],
      );
    });

    test('a fresh copy of damaged or missing bytes takes their place', async () => {
      for (const harm of [
        async (s: Sealed) => await flip(pathOf(s), 900),
        async (s: Sealed) => await v.raw.remove(pathOf(s)),
      ]) {
        const bytes = randomBytes(5000);
        const first = await v.seal(bytes);
        await harm(first);
        await verify(first);
        const again = await v.seal(bytes);
        assert.equal(again.isFirstCopy, true);
        for (const each of [first, again]) assert.equal((await read(each)).error, undefined);
        await v.ctx.run((ctx) => sweepIncoming(ctx, v.vault));
        const aside = await v.db.kysely
          .selectFrom('vault.quarantine')
          .select('location')
          .where('sha256', '=', first.staged.sha256)
          .execute();
        // Damaged bytes are kept aside, missing ones leave nothing.
        const stands = (await v.vault.store.size(first.staged.location)) !== undefined;
        assert.equal(stands, aside.length === 1);
        assert.equal((await verify(again)).verdict, 'verified');
      }
    });

    test('missing bytes that nobody has noticed are replaced by the next upload of the same file', async () => {
      const bytes = randomBytes(5000);
      const first = await v.seal(bytes);
      await v.raw.remove(pathOf(first));
      const again = await v.seal(bytes);
      assert.equal(again.isFirstCopy, true);
      assert.equal((await read(first)).error, undefined);
    });

    test('a run over the vault names every damaged file and goes on', async () => {
      const sound = await v.seal(randomBytes(100));
      const harmed = [await v.seal(randomBytes(100)), await v.seal(randomBytes(frame * 2))];
      for (const each of harmed) await flip(pathOf(each), 500);
      let last: VerifyProgress | undefined;
      for await (const progress of verifyAll(v.vault, v.ctx.run)) last = progress;
      const named = last?.damaged.map(({ sha256 }) => sha256) ?? [];
      for (const each of harmed) assert.ok(named.includes(each.staged.sha256));
      assert.ok(!named.includes(sound.staged.sha256));
      assert.equal(last?.checked, last?.total);
    });

    test('the job that verifies brings damage to a person and survives being run twice', async () => {
      const job = vaultJobs(v.vault, v.db.kysely).find(({ name }) => name === 'verify-file');
      assert.ok(job);
      const sealed = await v.seal(randomBytes(100));
      const run = async () => await v.ctx.run((ctx) => job.run(ctx, sealed.staged.sha256));
      assert.deepEqual(await run(), { kind: 'done' });
      await flip(pathOf(sealed), 400);
      for (let time = 0; time < 2; time += 1) {
        const result = await run();
        assert.ok(result.kind === 'failed');
        assert.match(
          result.reason,
          /were changed.*Restore it from backup with "firstlight vault restore-file/,
        );
      }
      const told = v.ctx.events.filter(
        (event) => event.name === 'file.damaged' && event.subject === sealed.staged.sha256,
      );
      assert.equal(told.length, 1);
    });

    test('a store that is not mounted or a key that is not held is no damage', async () => {
      const sealed = await v.seal(randomBytes(100));
      await v.raw.takeAway();
      await assert.rejects(verify(sealed), /is not there.*(Mount its volume|restore the bucket)/);
      await assert.rejects(v.vault.store.checkWritable(), /Mount its volume|restore the bucket/);
      await assert.rejects(v.seal(randomBytes(10)));
      await v.raw.putBack();
      await v.vault.store.checkWritable();
      await v.db.kysely
        .updateTable('vault.seal')
        .set({ key_id: 'another' })
        .where('sha256', '=', sealed.staged.sha256)
        .execute();
      await assert.rejects(verify(sealed), /Key another is not in the key file .*Restore/);
      await v.db.kysely
        .updateTable('vault.seal')
        .set({ key_id: sealed.staged.keyId })
        .where('sha256', '=', sealed.staged.sha256)
        .execute();
      assert.equal((await verify(sealed)).verdict, 'verified');
    });

    test('a reader that gives up leaves no open file and no error behind', async () => {
      const sealed = await v.seal(randomBytes(5 * frame), reportA);
      const open = async () =>
        await v.ctx.run((ctx) =>
          openFile(ctx, v.vault, {
            fileId: sealed.fileId,
            why: 'a test',
            onDamage: () => assert.fail('sound'),
          }),
        );
      const openFiles = async () => (await readdir('/proc/self/fd').catch(() => [])).length;
      await bytesOf(await open());
      const before = await openFiles();
      for (let time = 0; time < 20; time += 1) {
        (await open()).destroy();
        for await (const _chunk of await open()) break;
      }
      for (let turn = 0; turn < 200; turn += 1) await setImmediate();
      assert.ok((await openFiles()) <= before + 2);
      assert.equal((await bytesOf(await open())).byteLength, 5 * frame);
    });

    test('bytes sealed under another key file cannot be read with this one', async () => {
      const other = await openVault({ folder: `${v.folder}-2`, keyFile: `${v.keyFile}.2`, create: true });
      const sealed = await v.seal(randomBytes(100));
      await assert.rejects(
        v.ctx.run((ctx) => verifySeal(ctx, { ...v.vault, keys: other.keys }, sealed.staged.sha256)),
        /is not in the key file/,
      );
    });

    async function flip(path: string, at: number): Promise<void> {
      const bytes = Buffer.from(await v.raw.read(path));
      bytes[Math.min(at, bytes.byteLength - 1)]! ^= 0x10;
      await v.raw.write(path, bytes);
    }

    async function cut(path: string, bytes: number): Promise<void> {
      const whole = await v.raw.read(path);
      await v.raw.write(path, whole.subarray(0, whole.byteLength - bytes));
    }
  });
}
