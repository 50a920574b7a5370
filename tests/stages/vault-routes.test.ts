import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { settableClock } from '#platform/clock';
import { inTransaction } from '#platform/unit-of-work';
import { vaultCodes, vaultJobs, vaultRoutes } from '#vault';
import { aVault, bytesOf, type TestVault, testNow } from './vault-build.ts';

let v: TestVault;
before(async () => {
  v = await aVault();
});
after(async () => await v.remove());

async function verificationLines(): Promise<Record<string, unknown>[]> {
  const [route] = vaultRoutes({
    vault: v.vault,
    db: v.db.kysely,
    clock: settableClock(testNow),
    inTransaction: async (work) => await inTransaction(v.db.kysely, async () => {}, work),
  });
  assert.ok(route);
  assert.deepEqual(
    [route.method, route.path, route.permission],
    ['POST', '/desk/verification', 'vault:verify'],
  );
  const answer = await v.ctx.run((ctx) => route.handle(ctx, {} as Parameters<typeof route.handle>[1]));
  assert.ok(answer.body instanceof Readable);
  const text = (await bytesOf(answer.body)).toString();
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('an empty vault answers with one line that says done', async () => {
  assert.deepEqual(await verificationLines(), [
    { done: true, checked: 0, total: 0, sizeBytes: 0, damaged: [] },
  ]);
});

test('a verification answers line by line and ends with the result', async () => {
  for (let n = 0; n < 65; n += 1) await v.seal(Buffer.from(`an invented file ${n}`));
  const lost = await v.seal(randomBytes(50));
  await unlink(join(v.folder, lost.staged.location));
  const lines = await verificationLines();
  assert.deepEqual(
    lines.map((line) => line.done),
    [false, true],
  );
  const last = lines.at(-1);
  assert.deepEqual([last?.checked, last?.total], [66, 66]);
  assert.deepEqual(last?.damaged, [
    { sha256: lost.staged.sha256, reason: 'The bytes are missing from the evidence store.' },
  ]);
});

test('jobs by the clock do their work and say when there is none', async () => {
  const jobs = vaultJobs(v.vault, v.db.kysely).filter((job) => job.schedule !== undefined);
  assert.deepEqual(
    jobs.map((job) => job.name),
    ['resume-reseal', 'verify-due', 'sweep-incoming', 'sweep-half-written', 'sweep-seals'],
  );
  for (const job of jobs) {
    assert.equal((await v.ctx.run((ctx) => job.run(ctx, 'clock'))).kind, 'skipped', job.name);
  }
  const again = await v.seal(Buffer.from('an invented file 1'));
  assert.equal(again.isFirstCopy, false);
  await v.db.kysely.updateTable('vault.holding').set({ released_at: testNow }).execute();
  for (const job of jobs.filter(({ name }) => name === 'sweep-incoming' || name === 'sweep-seals'))
    assert.deepEqual(await v.ctx.run((ctx) => job.run(ctx, 'clock')), { kind: 'done' }, job.name);
  assert.equal(await v.vault.store.size(again.staged.location), undefined);
  const standing: string[] = [];
  for await (const place of v.vault.store.list()) standing.push(place);
  assert.deepEqual(standing, []);
});

test('jobs refuse a subject that is not theirs', async () => {
  for (const job of vaultJobs(v.vault, v.db.kysely).filter(({ schedule }) => schedule === undefined)) {
    assert.equal((await v.ctx.run((ctx) => job.run(ctx, 'something else'))).kind, 'failed', job.name);
  }
});

test('every refusal says what to do', () => {
  for (const [code, { status, sentence }] of Object.entries(vaultCodes)) {
    assert.match(code, /^vault\.[a-z-]+$/);
    assert.ok(status >= 400 && status < 500);
    assert.match(sentence, /\.$/);
  }
});
