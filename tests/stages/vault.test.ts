import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
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
  reportA,
  reportB,
  storeKinds,
  type TestVault,
  testNow,
} from './vault-build.ts';

for (const kind of storeKinds) {
  describe(`the vault on the ${kind} store`, () => {
    let v: TestVault;
    before(async () => {
      v = await aVault(kind);
    });
    after(async () => await v.remove());

    const onDamage = () => assert.fail('these bytes are sound');
    const readBack = async (fileId: Parameters<typeof openFile>[2]['fileId']) =>
      await bytesOf(await v.ctx.run((ctx) => openFile(ctx, v.vault, { fileId, why: 'a test', onDamage })));
    const sealRow = async (sha256: string) =>
      await v.db.kysely.selectFrom('vault.seal').selectAll().where('sha256', '=', sha256).executeTakeFirst();

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
        .values({ location: place, store: v.vault.store.id, started_at: new Date(0) })
        .execute();
      const writer = await v.vault.store.write(id);
      await writer.write(randomBytes(9_000_000));
      const standing = async () => {
        const places: string[] = [];
        for await (const each of v.vault.store.list()) places.push(each);
        return places.includes(place);
      };
      assert.equal(await standing(), true);
      await v.ctx.run((ctx) => sweepIncoming(ctx, v.vault));
      assert.equal(await standing(), false);
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
  });
}
