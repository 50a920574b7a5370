import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { after, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobResult } from '#access';
import { Outage, Refusal } from '#base/errors';
import type { ReportId } from '#base/ids';
import {
  knownKeys,
  listCustody,
  openFile,
  openVault,
  registerKeys,
  releaseFiles,
  retireKey,
  sealFile,
  startMove,
  startRotation,
  sweepIncoming,
  sweepSeals,
  type Vault,
  vaultJobs,
  verifyAll,
} from '#vault';
import { testCtx } from '../harness/database.ts';
import { startS3Server } from '../harness/s3-server.ts';
import {
  anyFileId,
  aVault,
  bytesOf,
  filesBelow,
  reportA,
  type Sealed,
  s3Address,
  settingsFor,
  storeKinds,
  type TestVault,
  testNow,
} from './vault-build.ts';

const vaults: TestVault[] = [];
after(async () => {
  for (const each of vaults) await each.remove();
});

const later = (minutes: number) => new Date(testNow.getTime() + minutes * 60_000);
const tooSoon = () => assert.fail('these bytes are sound');

/** What a worker does: every event that was recorded becomes its job, until nothing follows. */
async function work(v: TestVault, vault: Vault = v.vault, now = testNow): Promise<JobResult[]> {
  const jobOf = {
    'reseal.due': 'reseal-files',
    'key.retired': 'remove-retired-key',
    'file.damaged': 'verify-file',
  };
  const ctx = testCtx(v.db, { now });
  const results: JobResult[] = [];
  const jobs = vaultJobs(vault, v.db.kysely);
  let waiting = v.ctx.events.splice(0);
  while (waiting.length > 0) {
    for (const event of waiting) {
      const job = jobs.find(({ name }) => name === jobOf[event.name as keyof typeof jobOf]);
      if (job !== undefined) results.push(await ctx.run((c) => job.run(c, event.subject)));
    }
    waiting = ctx.events.splice(0);
  }
  return results;
}

async function tick(v: TestVault, vault: Vault, now: Date): Promise<JobResult> {
  const job = vaultJobs(vault, v.db.kysely).find(({ name }) => name === 'resume-reseal');
  assert.ok(job);
  const ctx = testCtx(v.db, { now });
  const result = await ctx.run((c) => job.run(c, 'clock'));
  v.ctx.events.push(...ctx.events);
  return result;
}

const seals = async (v: TestVault) =>
  await v.db.kysely.selectFrom('vault.seal').selectAll().where('location', 'is not', null).execute();
const runs = async (v: TestVault) =>
  await v.db.kysely.selectFrom('vault.reseal_run').selectAll().orderBy('asked_at').execute();

async function assertAllRead(v: TestVault, files: readonly (readonly [Sealed, Buffer])[], vault = v.vault) {
  for (const [{ fileId }, bytes] of files) {
    const stream = await v.ctx.run((ctx) =>
      openFile(ctx, vault, { fileId, why: 'a test', onDamage: tooSoon }),
    );
    assert.ok((await bytesOf(stream)).equals(bytes));
  }
  let last: { damaged: readonly unknown[]; checked: number } | undefined;
  for await (const progress of verifyAll(vault, v.ctx.run)) last = progress;
  assert.deepEqual(last?.damaged, []);
}

async function sealSome(v: TestVault, count: number) {
  const files: (readonly [Sealed, Buffer])[] = [];
  for (let n = 0; n < count; n += 1) {
    const bytes = randomBytes(n % 7 === 0 ? 1_500_000 : 2000 + n);
    files.push([await v.seal(bytes, reportA), bytes]);
  }
  return files;
}

for (const kind of storeKinds) {
  describe(`keys of evidence on the ${kind} store`, () => {
    let v: TestVault;
    beforeEach(async () => {
      v = await aVault(kind);
      vaults.push(v);
      await registerKeys(v.db.kysely, v.vault, testNow);
    });

    test('a rotation seals everything again under a new key, old keys readable until it is done', async () => {
      const files = await sealSome(v, 70);
      const oldKey = v.vault.keys.currentId;
      const run = await v.ctx.run((ctx) => startRotation(ctx, v.vault));
      assert.equal(v.vault.keys.currentId, oldKey, 'asking alone makes no key');
      assert.equal(
        (await v.ctx.run((ctx) => startRotation(ctx, v.vault))).id,
        run.id,
        'asking twice is asking once',
      );
      await work(v);
      assert.equal(v.vault.keys.currentId, run.target);
      assert.deepEqual(v.vault.keys.ids, [oldKey, run.target]);
      const after = await seals(v);
      assert.ok(after.every((seal) => seal.key_id === run.target && seal.store === v.vault.store.id));
      const [row] = await runs(v);
      assert.deepEqual([row?.files, row?.total_files, row?.left_files], ['70', '70', '0']);
      assert.ok(row?.done_at);
      await assertAllRead(v, files);
      const acts = (await v.ctx.run((ctx) => listCustody(ctx, { reportId: reportA }))).filter(
        ({ act }) => act === 'resealed',
      );
      assert.equal(acts.length, 70);
      assert.match(
        acts[0]?.note ?? '',
        new RegExp(`From key ${oldKey} to key ${run.target}; read back whole`),
      );

      // The former copies go a little later, so that whoever found them just before can still read.
      assert.equal((await v.raw.all()).size, 140);
      const sweep = testCtx(v.db, { now: later(11) });
      await sweep.run((ctx) => sweepIncoming(ctx, v.vault));
      assert.equal((await v.raw.all()).size, 70);
      await assertAllRead(v, files);
    });

    test('every other process goes on with the new key at its next file, and reads what it never knew', async () => {
      const before = await sealSome(v, 2);
      const other = await openVault({
        folder: v.folder,
        keyFile: v.keyFile,
        create: false,
        settings: v.settings,
      });
      const run = await v.ctx.run((ctx) => startRotation(ctx, v.vault));
      await work(v);
      await assertAllRead(v, before, other);
      assert.equal((await other.keys.forSealing()).id, run.target);
    });

    test('a key is retired only when nothing stands under it, and then it is gone', async () => {
      const files = await sealSome(v, 3);
      const oldKey = v.vault.keys.currentId;
      const retire = async (keyId: string) => await v.ctx.run((ctx) => retireKey(ctx, v.vault, { keyId }));
      await assert.rejects(retire(oldKey), refusal('vault.key-current'));
      await v.ctx.run((ctx) => startRotation(ctx, v.vault));
      await assert.rejects(retire(oldKey), refusal('vault.reseal-under-way'));
      const staged = await v.stage(randomBytes(10));
      await work(v);
      await assert.rejects(retire('unknown'), refusal('vault.unknown-key'));
      await v.db.kysely
        .updateTable('vault.seal')
        .set({ damaged_at: testNow, damage: 'x', key_id: oldKey })
        .where('sha256', '=', files[0]![0].staged.sha256)
        .execute();
      await assert.rejects(retire(oldKey), (error: unknown) => {
        assert.ok(error instanceof Refusal && error.code === 'vault.key-in-use');
        assert.deepEqual(error.details, { files: 1 });
        return true;
      });
      await v.db.kysely
        .updateTable('vault.seal')
        .set({ damaged_at: null, damage: null, key_id: v.vault.keys.currentId })
        .where('sha256', '=', files[0]![0].staged.sha256)
        .execute();
      await retire(oldKey);
      // What was uploaded under it and waits is refused rather than lost later.
      await assert.rejects(
        v.ctx.run(async (ctx) => {
          await sealFile(ctx, v.vault, { staged, reportId: reportA, fileId: files[0]![0].fileId });
        }),
        refusal('vault.staging-lost'),
      );
      await work(v);
      // Transactions of other files on the same PostgreSQL may hold it up; then the clock comes back to it.
      while (v.vault.keys.ids.includes(oldKey)) {
        await sleep(50);
        await tick(v, v.vault, testNow);
        await work(v);
      }
      assert.deepEqual(v.vault.keys.ids, [v.vault.keys.currentId]);
      assert.ok(!(await readFile(v.keyFile, 'utf8')).includes(oldKey));
      await openVault({
        folder: v.folder,
        keyFile: v.keyFile,
        create: true,
        settings: v.settings,
        known: await knownKeys(v.db.kysely),
      });
      await assertAllRead(v, files);
    });

    test('a transaction that sealed under a key while it was retired keeps the key', async () => {
      await sealSome(v, 1);
      const oldKey = v.vault.keys.currentId;
      await v.ctx.run((ctx) => startRotation(ctx, v.vault));
      await work(v);
      await v.ctx.run((ctx) => retireKey(ctx, v.vault, { keyId: oldKey }));
      // A seal that slipped in under the retired key.
      await v.db.kysely.updateTable('vault.seal').set({ key_id: oldKey }).execute();
      const [result] = await work(v);
      assert.ok(result?.kind === 'failed', JSON.stringify(result));
      assert.match(result.reason, /1 files were sealed under this key/);
      assert.ok(v.vault.keys.ids.includes(oldKey));
    });

    test('a damaged file is left, named and counted, and the rest goes on', async () => {
      const files = await sealSome(v, 5);
      const harmed = files[2]![0].staged;
      const bytes = Buffer.from(await v.raw.read(harmed.location));
      bytes[600]! ^= 1;
      await v.raw.write(harmed.location, bytes);
      await v.ctx.run((ctx) => startRotation(ctx, v.vault));
      const results = await work(v);
      assert.ok(results.some((each) => each.kind === 'failed' && /restore-file/.test(each.reason)));
      const [row] = await runs(v);
      assert.deepEqual([row?.files, row?.left_files, row?.done_at !== null], ['4', '1', true]);
      const left = (await seals(v)).find(({ sha256 }) => sha256 === harmed.sha256);
      assert.ok(left?.damaged_at);
      assert.equal(left?.location, harmed.location, 'what is left of it is not touched');
    });

    test('a store that fails half way stops the run without harm, and it goes on where it stopped', async () => {
      const files = await sealSome(v, 9);
      await v.ctx.run((ctx) => startRotation(ctx, v.vault));
      const [due] = v.ctx.events.filter(({ name }) => name === 'reseal.due');
      let writes = 0;
      const broken: Vault = {
        ...v.vault,
        stores: {
          byId: async (id) => {
            const store = await v.vault.stores.byId(id);
            return {
              ...store,
              write: async (place) => {
                writes += 1;
                if (writes > 4) throw new Outage('the store is gone for a moment');
                return await store.write(place);
              },
            };
          },
        },
      };
      await assert.rejects(work(v, broken), /gone for a moment/);
      const [row] = await runs(v);
      assert.match(row?.problem ?? '', /gone for a moment/);
      assert.equal(row?.done_at, null);
      await assertAllRead(v, files);
      v.ctx.events.push(due!);
      await work(v);
      assert.ok((await runs(v))[0]?.done_at);
      await assertAllRead(v, files);
      const sweep = testCtx(v.db, { now: later(60 * 25) });
      await sweep.run((ctx) => sweepIncoming(ctx, v.vault));
      assert.equal((await v.raw.all()).size, 9, 'nothing is left behind');
    });

    test('two workers at one run share it without harm', async () => {
      const files = await sealSome(v, 20);
      await v.ctx.run((ctx) => startRotation(ctx, v.vault));
      const [due] = v.ctx.events.splice(0).filter(({ name }) => name === 'reseal.due');
      const job = vaultJobs(v.vault, v.db.kysely).find(({ name }) => name === 'reseal-files');
      const results = await Promise.all(
        [1, 2, 3].map(async () => await v.ctx.run((ctx) => job!.run(ctx, due!.subject))),
      );
      assert.ok(results.some(({ kind: how }) => how === 'done'));
      await work(v);
      const [row] = await runs(v);
      assert.equal(row?.files, '20');
      await assertAllRead(v, files);
    });

    test('files that were uploaded under the former key and sealed late are taken up by the clock', async () => {
      await sealSome(v, 2);
      const staged = await v.stage(randomBytes(3000));
      await v.ctx.run((ctx) => startRotation(ctx, v.vault));
      await work(v);
      await v.ctx.run((ctx) => sealFile(ctx, v.vault, { staged, reportId: reportA, fileId: anyFileId() }));
      v.ctx.events.splice(0);
      assert.equal((await tick(v, v.vault, later(10))).kind, 'done');
      await work(v);
      assert.ok((await seals(v)).every(({ key_id }) => key_id === v.vault.keys.currentId));
      assert.equal((await runs(v)).length, 1);
      assert.equal((await tick(v, v.vault, later(20))).kind, 'skipped');
    });

    test('a run whose worker was lost is begun anew by the clock', async () => {
      await sealSome(v, 2);
      await v.ctx.run((ctx) => startRotation(ctx, v.vault));
      v.ctx.events.splice(0);
      assert.equal((await tick(v, v.vault, later(1))).kind, 'skipped');
      assert.equal((await tick(v, v.vault, later(6))).kind, 'done');
      await work(v);
      assert.ok((await runs(v))[0]?.done_at);
    });

    test('a start with the key file of before the rotation is refused, whether or not anything is sealed under it', async () => {
      const older = await readFile(v.keyFile, 'utf8');
      const run = await v.ctx.run((ctx) => startRotation(ctx, v.vault));
      await work(v);
      await writeFile(v.keyFile, older);
      await assert.rejects(
        openVault({
          folder: v.folder,
          keyFile: v.keyFile,
          create: true,
          settings: v.settings,
          known: await knownKeys(v.db.kysely),
        }),
        new RegExp(`key ${run.target}, which .* does not hold. It is an older copy: restore the newest one`),
      );
      await assert.rejects(
        openVault({ folder: v.folder, keyFile: v.keyFile, create: true, settings: v.settings }),
        /It is an older copy/,
        'the note beside the evidence says so even where the database is lost',
      );
    });
  });
}

test('everything moves to an object store and back while it is read and added to', async () => {
  const v = await aVault('local');
  const server = await startS3Server();
  vaults.push(v);
  const files = await sealSome(v, 12);
  const open = async (store: string) =>
    await openVault({
      folder: v.folder,
      keyFile: v.keyFile,
      create: false,
      settings: settingsFor(store, server),
    });
  const remote = await open(s3Address);
  await assert.rejects(
    v.ctx.run((ctx) => startMove(ctx, remote, { to: 'local' })),
    (error: unknown) => {
      assert.ok(error instanceof Refusal && error.code === 'vault.not-the-store');
      assert.deepEqual(error.details, { store: s3Address });
      return true;
    },
  );
  await assertAllRead(v, files, remote);
  await v.ctx.run((ctx) => startMove(ctx, remote, { to: 's3' }));
  await work(v, remote);
  assert.ok((await seals(v)).every(({ store }) => store === s3Address));
  await assertAllRead(v, files, remote);
  await testCtx(v.db, { now: later(11) }).run((ctx) => sweepIncoming(ctx, remote));
  assert.equal((await filesBelow(v.folder)).size, 0);
  const acts = await v.ctx.run((ctx) => listCustody(ctx, { reportId: reportA }));
  assert.equal(
    acts.filter(({ act, note }) => act === 'moved' && /^From local to s3:/.test(note ?? '')).length,
    12,
  );

  const home = await open('local');
  await assertAllRead(v, files, home);
  await v.ctx.run((ctx) => startMove(ctx, home, { to: 'local' }));
  await work(v, home);
  await testCtx(v.db, { now: later(11) }).run((ctx) => sweepIncoming(ctx, home));
  assert.equal([...server.objects.keys()].filter((key) => key.includes('/evidence/')).length, 0);
  await assertAllRead(v, files, home);
  // A file lives its whole life in whichever store it stands.
  await v.ctx.run((ctx) => releaseFiles(ctx, { reportId: reportA as ReportId }));
  assert.equal((await v.ctx.run((ctx) => sweepSeals(ctx, home, {}))).destroyed, 12);
  await server.close();
});

function refusal(code: string): (error: unknown) => boolean {
  return (error) => error instanceof Refusal && error.code === code;
}
