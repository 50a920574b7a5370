import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { ReportId } from '#base/ids';
import {
  discardStaged,
  openFile,
  releaseFiles,
  type StagedBytes,
  sealFile,
  sweepIncoming,
  sweepSeals,
  vaultJobs,
  verifySeal,
} from '#vault';
import { anyFileId, aVault, bytesOf, type Sealed, storeKinds, type TestVault } from './vault-build.ts';

for (const kind of storeKinds) {
  describe(`the vault on the ${kind} store`, () => {
    let v: TestVault;
    before(async () => {
      v = await aVault(kind);
    });
    after(async () => await v.remove());

    let lastReport = 2_000_000;
    const aReport = (): ReportId => {
      lastReport += 1;
      return String(lastReport) as ReportId;
    };

    async function sealInto(staged: StagedBytes, reportId: ReportId): Promise<Sealed> {
      const fileId = anyFileId();
      const { isFirstCopy } = await v.ctx.run((ctx) => sealFile(ctx, v.vault, { staged, reportId, fileId }));
      return { staged, fileId, isFirstCopy };
    }

    async function assertReadable(file: Sealed, bytes: Buffer): Promise<void> {
      const stream = await v.ctx.run((ctx) =>
        openFile(ctx, v.vault, { fileId: file.fileId, why: 'a test', onDamage: () => assert.fail('sound') }),
      );
      assert.ok((await bytesOf(stream)).equals(bytes));
    }

    const release = async (reportId: ReportId) => await v.ctx.run((ctx) => releaseFiles(ctx, { reportId }));
    const sweep = async (reportId: ReportId) =>
      await v.ctx.run((ctx) => sweepSeals(ctx, v.vault, { reportId }));

    /** A promise and the function that settles it. */
    function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
      let open: () => void = () => {};
      const opened = new Promise<void>((resolve) => {
        open = resolve;
      });
      return { opened, open };
    }

    test('many uploads of the same new bytes at once make one seal', async () => {
      for (let round = 0; round < 5; round += 1) {
        const bytes = randomBytes(3000);
        const uploads = await Promise.all(
          Array.from({ length: 12 }, async () => await sealInto(await v.stage(bytes), aReport())),
        );
        assert.equal(uploads.filter((each) => each.isFirstCopy).length, 1);
        await v.ctx.run((ctx) => sweepIncoming(ctx, v.vault));
        for (const each of uploads) await assertReadable(each, bytes);
        const standing = [...(await v.raw.all()).keys()].filter((path) =>
          uploads.some(({ staged }) => path.endsWith(staged.location)),
        );
        assert.equal(standing.length, 1);
      }
    });

    test('the second of two uploads waits for the first and, when that rolls back, is the first copy', async () => {
      const bytes = randomBytes(3000);
      const [one, other] = [await v.stage(bytes), await v.stage(bytes)];
      const isSealed = gate();
      const mayEnd = gate();
      const first = v.ctx.run(async (ctx) => {
        await sealFile(ctx, v.vault, { staged: one, reportId: aReport(), fileId: anyFileId() });
        isSealed.open();
        await mayEnd.opened;
        throw new Error('rolled back');
      });
      await isSealed.opened;
      const second = sealInto(other, aReport());
      await waitsForLock();
      mayEnd.open();
      await assert.rejects(first, /rolled back/);
      const sealed = await second;
      assert.equal(sealed.isFirstCopy, true);
      await discardStaged(v.vault, v.db.kysely, one);
      await assertReadable(sealed, bytes);
    });

    test('an upload that comes while the last holder is being swept brings its own copy', async () => {
      const bytes = randomBytes(3000);
      const report = aReport();
      await sealInto(await v.stage(bytes), report);
      await release(report);
      const staged = await Promise.all(Array.from({ length: 4 }, async () => await v.stage(bytes)));
      const isSwept = gate();
      const mayEnd = gate();
      const sweeping = v.ctx.run(async (ctx) => {
        assert.equal((await sweepSeals(ctx, v.vault, { reportId: report })).destroyed, 1);
        isSwept.open();
        await mayEnd.opened;
      });
      await isSwept.opened;
      const uploads = staged.map(async (each) => await sealInto(each, aReport()));
      await waitsForLock();
      mayEnd.open();
      await sweeping;
      const sealed = await Promise.all(uploads);
      assert.equal(sealed.filter((each) => each.isFirstCopy).length, 1);
      await v.ctx.run((ctx) => sweepIncoming(ctx, v.vault));
      for (const each of sealed) await assertReadable(each, bytes);
    });

    test('an upload does not rely on bytes that a sweep has chosen but not yet removed', async () => {
      const bytes = randomBytes(3000);
      const report = aReport();
      const old = await sealInto(await v.stage(bytes), report);
      await release(report);
      const staged = await v.stage(bytes);
      const isChosen = gate();
      const mayRemove = gate();
      const sweeping = v.ctx.run(async (ctx) => {
        const { db } = ctx.tx;
        await db
          .selectFrom('vault.seal')
          .select('sha256')
          .where('sha256', '=', staged.sha256)
          .forUpdate()
          .execute();
        isChosen.open();
        await mayRemove.opened;
        assert.equal((await sweepSeals(ctx, v.vault, { reportId: report })).destroyed, 1);
      });
      await isChosen.opened;
      const upload = sealInto(staged, aReport());
      await waitsForLock();
      mayRemove.open();
      await sweeping;
      const sealed = await upload;
      assert.equal(sealed.isFirstCopy, true);
      assert.notEqual(sealed.staged.location, old.staged.location);
      await assertReadable(sealed, bytes);
    });

    test('a sweep that waits for an upload of the same bytes leaves them', async () => {
      const bytes = randomBytes(3000);
      const report = aReport();
      const old = await sealInto(await v.stage(bytes), report);
      await release(report);
      const staged = await v.stage(bytes);
      const fileId = anyFileId();
      const isSealed = gate();
      const mayEnd = gate();
      const upload = v.ctx.run(async (ctx) => {
        const { isFirstCopy } = await sealFile(ctx, v.vault, { staged, reportId: aReport(), fileId });
        isSealed.open();
        await mayEnd.opened;
        return isFirstCopy;
      });
      await isSealed.opened;
      const sweeping = sweep(report);
      await waitsForLock();
      mayEnd.open();
      assert.equal(await upload, false);
      assert.equal((await sweeping).destroyed, 0);
      await assertReadable({ staged: old.staged, fileId, isFirstCopy: false }, bytes);
    });

    test('bytes that a failed sweep took away are not relied on by the next upload', async () => {
      const bytes = randomBytes(3000);
      const report = aReport();
      await sealInto(await v.stage(bytes), report);
      await release(report);
      await assert.rejects(
        v.ctx.run(async (ctx) => {
          await sweepSeals(ctx, v.vault, { reportId: report });
          throw new Error('killed before the commit');
        }),
      );
      const sealed = await sealInto(await v.stage(bytes), aReport());
      assert.equal(sealed.isFirstCopy, true);
      await assertReadable(sealed, bytes);
      assert.equal((await sweep(report)).destroyed, 0);
    });

    test('uploads, releases, sweeps and verifications of the same few files at once lose nothing', async () => {
      const contents = Array.from({ length: 3 }, () => randomBytes(2000));
      const kept: { file: Sealed; bytes: Buffer }[] = [];
      const worker = async (seed: number): Promise<void> => {
        for (let turn = 0; turn < 25; turn += 1) {
          const bytes = contents[(seed + turn) % contents.length]!;
          const report = aReport();
          const file = await sealInto(await v.stage(bytes), report);
          if ((seed + turn) % 4 === 0) {
            kept.push({ file, bytes });
            continue;
          }
          await release(report);
          await Promise.all([
            sweep(report),
            v.ctx.run((ctx) => sweepIncoming(ctx, v.vault)),
            v.ctx.run((ctx) => verifySeal(ctx, v.vault, file.staged.sha256)),
          ]);
        }
      };
      // Whoever keeps a file does so for good, so the last holder of each comes and goes until then.
      await Promise.all([1, 2, 3, 5, 6].map(worker));
      assert.ok(kept.length > 10);
      for (const { file, bytes } of kept) await assertReadable(file, bytes);
      const damaged = await v.db.kysely
        .selectFrom('vault.seal')
        .select('sha256')
        .where('damaged_at', 'is not', null)
        .execute();
      assert.deepEqual(damaged, []);
    });

    test('the release job runs in two steps, twice and out of order with the same result', async () => {
      const job = vaultJobs(v.vault, v.db.kysely).find(({ name }) => name === 'sweep-released-files');
      assert.ok(job);
      const report = aReport();
      const file = await sealInto(await v.stage(randomBytes(100)), report);
      const run = async () => await v.ctx.run((ctx) => job.run(ctx, report));
      assert.deepEqual(await run(), { kind: 'done' });
      assert.deepEqual(v.ctx.events.at(-1), { name: 'files.released', subject: report });
      assert.notEqual(
        await v.vault.store.size(file.staged.location),
        undefined,
        'nothing is removed before the release is committed',
      );
      assert.deepEqual(await run(), { kind: 'done' });
      assert.equal(await v.vault.store.size(file.staged.location), undefined);
      assert.equal((await run()).kind, 'skipped');
      assert.equal((await v.ctx.run((ctx) => job.run(ctx, 'clock'))).kind, 'failed');
    });

    test('sealing and discarding the same bytes at once never leaves a seal without bytes', async () => {
      for (let round = 0; round < 20; round += 1) {
        const bytes = randomBytes(100);
        const staged = await v.stage(bytes);
        const [sealed] = await Promise.allSettled([
          sealInto(staged, aReport()),
          discardStaged(v.vault, v.db.kysely, staged),
        ]);
        if (sealed.status === 'fulfilled') await assertReadable(sealed.value, bytes);
        else assert.match(String(sealed.reason), /Upload the file again/);
      }
    });

    /** Until some transaction of this database waits for another. */
    async function waitsForLock(): Promise<void> {
      for (;;) {
        const { rows } = await v.db.pool.query(
          `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' limit 1`,
        );
        if (rows.length > 0) return;
      }
    }
  });
}
