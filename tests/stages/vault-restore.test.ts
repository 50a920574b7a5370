import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { Refusal } from '#base/errors';
import type { ReportId, Sha256 } from '#base/ids';
import {
  discardStaged,
  listCustody,
  openFile,
  openVault,
  releaseFiles,
  restoreSeal,
  stageSealedCopy,
  sweepIncoming,
  sweepSeals,
  vaultJobs,
} from '#vault';
import { letGo } from '../../src/stages/vault/let-go.ts';
import { testCtx } from '../harness/database.ts';
import { aVault, bytesOf, type Sealed, storeKinds, type TestVault, testNow } from './vault-build.ts';

const refusal = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code;

for (const kind of storeKinds) {
  describe(`a disk that flips a bit under the ${kind} store`, () => {
    let v: TestVault;
    before(async () => {
      v = await aVault(kind);
    });
    after(async () => await v.remove());

    const flip = async (sealed: Sealed, at = 700) => {
      const bytes = Buffer.from(await v.raw.read(sealed.staged.location));
      assert.ok(at < bytes.byteLength);
      bytes[at]! ^= 8;
      await v.raw.write(sealed.staged.location, bytes);
    };
    const run = async (name: string, subject: string, now = testNow) => {
      const job = vaultJobs(v.vault, v.db.kysely).find((each) => each.name === name);
      assert.ok(job);
      return await testCtx(v.db, { now }).run((ctx) => job.run(ctx, subject));
    };
    const restore = async (sha256: Sha256, copy: Buffer) => {
      const staged = await stageSealedCopy(v.vault, v.db.kysely, Readable.from([copy]), {
        sha256,
        now: testNow,
      });
      try {
        await v.ctx.run((ctx) => restoreSeal(ctx, v.vault, { sha256, staged }));
      } catch (error) {
        await discardStaged(v.vault, v.db.kysely, staged);
        throw error;
      }
    };
    const acts = async (reportId: ReportId, sha256: Sha256) =>
      (await v.ctx.run((ctx) => listCustody(ctx, { reportId })))
        .filter((entry) => entry.sha256 === sha256)
        .map(({ act }) => act);

    test('it is found, named, kept from readers, set aside, restored from backup and verified again', async () => {
      const report = '1000501' as ReportId;
      const bytes = randomBytes(2_500_000);
      const sealed = await v.seal(bytes, report);
      const { sha256 } = sealed.staged;
      const backup = Buffer.from(await v.raw.read(sealed.staged.location));
      await flip(sealed, 1_500_000);
      // The clock's own job finds it, without anybody reading the file.
      assert.equal((await run('verify-due', 'clock')).kind, 'done');
      const found = await run('verify-file', sha256);
      assert.ok(found.kind === 'failed' && found.reason.includes(`vault restore-file ${sha256}`));
      const open = async () =>
        await v.ctx.run((ctx) =>
          openFile(ctx, v.vault, {
            fileId: sealed.fileId,
            why: 'a test',
            onDamage: () => assert.fail('known'),
          }),
        );
      await assert.rejects(open(), refusal('vault.file-damaged'));

      await restore(sha256, backup);
      assert.equal((await run('verify-file', sha256)).kind, 'done');
      assert.ok((await bytesOf(await open())).equals(bytes));
      assert.deepEqual(await acts(report, sha256), [
        'received',
        'damaged',
        'damaged',
        'quarantined',
        'restored',
        'verified',
        'read',
      ]);

      // The damaged copy stands until somebody lets it go.
      const inAYear = new Date(testNow.getTime() + 365 * 86_400_000);
      const sweep = async () =>
        await testCtx(v.db, { now: inAYear }).run((ctx) => sweepIncoming(ctx, v.vault));
      await sweep();
      assert.notEqual(await v.vault.store.size(sealed.staged.location), undefined);
      assert.equal(await v.ctx.run((ctx) => letGo(ctx, { sha256 })), 1);
      await assert.rejects(
        v.ctx.run((ctx) => letGo(ctx, { sha256 })),
        refusal('vault.nothing-set-aside'),
      );
      await sweep();
      assert.equal(await v.vault.store.size(sealed.staged.location), undefined);
      assert.ok((await bytesOf(await open())).equals(bytes));
    });

    test('only a whole copy of exactly these bytes is taken', async () => {
      const sealed = await v.seal(randomBytes(2_500_000));
      const other = await v.seal(randomBytes(2000));
      const { sha256 } = sealed.staged;
      const backup = Buffer.from(await v.raw.read(sealed.staged.location));
      await assert.rejects(restore(sha256, backup), refusal('vault.file-sound'));
      await flip(sealed);
      await run('verify-file', sha256);
      for (const [what, copy, code] of [
        ['cut off', backup.subarray(0, backup.byteLength - 1), 'vault.not-a-sealed-file'],
        ['cut in the middle', backup.subarray(0, 1_200_000), 'vault.not-a-sealed-file'],
        ['empty', Buffer.alloc(0), 'vault.not-a-sealed-file'],
        ['something else', randomBytes(100_000), 'vault.not-a-sealed-file'],
        [
          'one bit wrong',
          Buffer.from(backup).fill(backup[2_000_000]! ^ 1, 2_000_000, 2_000_001),
          'vault.not-a-sealed-file',
        ],
        ['another file', await v.raw.read(other.staged.location), 'vault.other-bytes'],
      ] as const) {
        await assert.rejects(restore(sha256, copy), (error) => {
          assert.ok(error instanceof Refusal && error.code === code, `${what}: ${(error as Error).stack}`);
          return true;
        });
      }
      await assert.rejects(restore('0'.repeat(64) as Sha256, backup), refusal('vault.unknown-file'));
      const foreign = await openVault({
        folder: `${v.folder}-foreign`,
        keyFile: `${v.keyFile}.foreign`,
        create: true,
      });
      await assert.rejects(
        stageSealedCopy(foreign, v.db.kysely, Readable.from([backup]), { sha256, now: testNow }),
        refusal('vault.not-a-sealed-file'),
      );
      assert.deepEqual(await v.db.kysely.selectFrom('vault.incoming').selectAll().execute(), []);
      await restore(sha256, backup);
      assert.equal((await run('verify-file', sha256)).kind, 'done');
    });

    test('a lost file is restored; a destroyed one is not, and takes its damaged copies with it', async () => {
      const report = '1000502' as ReportId;
      const sealed = await v.seal(randomBytes(5000), report);
      const { sha256 } = sealed.staged;
      const backup = Buffer.from(await v.raw.read(sealed.staged.location));
      await v.raw.remove(sealed.staged.location);
      await restore(sha256, backup);
      assert.equal((await run('verify-file', sha256)).kind, 'done');
      const seal = await v.db.kysely
        .selectFrom('vault.seal')
        .select('location')
        .where('sha256', '=', sha256)
        .executeTakeFirst();
      const harmed = Buffer.from(await v.raw.read(seal!.location!));
      harmed[500]! ^= 1;
      await v.raw.write(seal!.location!, harmed);
      await run('verify-file', sha256);
      await restore(sha256, backup);
      assert.equal((await v.vault.store.size(seal!.location!)) === undefined, false);
      await v.ctx.run((ctx) => releaseFiles(ctx, { reportId: report }));
      await v.ctx.run((ctx) => sweepSeals(ctx, v.vault, { reportId: report }));
      assert.equal(
        await v.vault.store.size(seal!.location!),
        undefined,
        'the damaged copy went with the file',
      );
      await assert.rejects(restore(sha256, backup), refusal('vault.file-destroyed'));
    });

    test('every file is read again within the time that is set, the longest unread first', async () => {
      const sealed: Sealed[] = [];
      for (let n = 0; n < 70; n += 1) sealed.push(await v.seal(Buffer.from(`an invented file ${kind} ${n}`)));
      const unread = async () =>
        (
          await v.db.kysely
            .selectFrom('vault.seal')
            .select('sha256')
            .where('location', 'is not', null)
            .where('verified_at', 'is', null)
            .execute()
        ).length;
      assert.ok((await unread()) >= 70);
      for (let turn = 0; (await run('verify-due', 'clock')).kind === 'done'; turn += 1) assert.ok(turn < 5);
      assert.equal(await unread(), 0);
      const inDays = (days: number) => new Date(testNow.getTime() + days * 86_400_000);
      assert.equal((await run('verify-due', 'clock', inDays(28))).kind, 'skipped');
      await flip(sealed[3]!, 200);
      assert.equal((await run('verify-due', 'clock', inDays(29.5))).kind, 'done');
      for (let turn = 0; (await run('verify-due', 'clock', inDays(29.5))).kind === 'done'; turn += 1)
        assert.ok(turn < 5);
      const row = await v.db.kysely
        .selectFrom('vault.seal')
        .select('damage')
        .where('sha256', '=', sealed[3]!.staged.sha256)
        .executeTakeFirst();
      assert.match(row?.damage ?? '', /were changed/);
    });
  });
}
