import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { after, before, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { Sha256 } from '#base/ids';
import type { Brief } from '#contract/desk';
import { decoderVersion } from '#decoder';
import { createLog } from '#platform/log';
import { sealFile, stageBytes } from '#vault';
import { readGolden } from '../../bench/golden.ts';
import { orientations } from '../../kernel/orientations.ts';
import { picture } from '../decoder/decoder-build.ts';
import { startTestBureau, type TestBureau } from '../harness/bureau.ts';
import { testCtx } from '../harness/database.ts';
import { ispws } from './intake-build.ts';
import { anyFileId, reportA } from './vault-build.ts';

const run = promisify(execFile);
let bureau: TestBureau;

before(async () => {
  bureau = await startTestBureau();
});
after(() => bureau.stop());

/** Seals bytes in a committed transaction, as intake does; the jobs that follow wait to be drained. */
async function seal(bytes: Uint8Array): Promise<Sha256> {
  const { vault, db, clock } = bureau;
  const staged = await stageBytes(vault, db.kysely, Readable.from([bytes]), clock.now());
  const actor = { kind: 'system', id: 'job:seal', name: 'seal' } as const;
  const log = createLog('silent', 'test');
  await bureau.app.inTransaction(async (tx) => {
    const ctx = { tx, actor, now: clock.now(), log };
    await sealFile(ctx, vault, { staged, reportId: reportA, fileId: anyFileId() });
  }, actor);
  return staged.sha256;
}

async function row(sha256: Sha256) {
  const { rows } = await bureau.db.pool.query(
    `select state, reason, media_type, width, height, frames, is_partial, version, first_seen_at
    from fingerprint.file where sha256 = $1`,
    [sha256],
  );
  return rows[0];
}

async function openItems(): Promise<readonly { subject: string; reason: string; attempts: number }[]> {
  const { rows } = await bureau.db.pool.query(
    `select subject, reason, attempts from platform.attention where job = 'fingerprint-file' and resolved_at is null`,
  );
  return rows;
}

async function lines(body: unknown, drains = true): Promise<readonly Record<string, unknown>[]> {
  const reply = await fetch(`${bureau.url}/v1/desk/fingerprints`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${bureau.machineToken}` },
    body: JSON.stringify(body),
  });
  assert.equal(reply.status, 200);
  if (drains) await bureau.drain();
  const text = await reply.text();
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('fingerprints of sealed files', () => {
  beforeEach(async () => {
    await bureau.drain();
  });

  it('are kept after a file was sealed, with the reference’s bits, and the look is in the custody', async () => {
    const [golden] = await readGolden();
    const bytes = await readFile(new URL(`../../kernel/golden/${golden!.file}`, import.meta.url));
    const sha256 = await seal(bytes);
    const seenAt = bureau.clock.now();
    bureau.clock.advance(3_600_000);
    await bureau.drain();
    const found = await row(sha256);
    assert.deepEqual([found.state, found.media_type, found.version], ['done', 'image/jpeg', decoderVersion]);
    assert.equal(found.first_seen_at.getTime(), seenAt.getTime());
    const { rows } = await bureau.db.pool.query(
      `select variant, quality, encode(hash, 'hex') as hash, encode(orientations, 'hex') as turned
      from fingerprint.picture_hash where sha256 = $1`,
      [sha256],
    );
    assert.deepEqual(rows, [
      {
        variant: 'shown',
        quality: golden!.quality,
        hash: golden!.orientations.original,
        turned: orientations.map((name) => golden!.orientations[name]).join(''),
      },
    ]);
    const custody = await bureau.db.pool.query(
      'select act, actor_id, note from vault.custody where sha256 = $1 order by id',
      [sha256],
    );
    assert.deepEqual(custody.rows.at(-1), {
      act: 'read',
      actor_id: 'job:fingerprint-file',
      note: 'fingerprint',
    });
  });

  it('say what a file is that is no picture, without asking anybody', async () => {
    const text = await seal(Buffer.from(`an invented chat ${randomBytes(4).toString('hex')}`));
    const film = await seal(
      Buffer.concat([Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'latin1'), randomBytes(99)]),
    );
    await bureau.drain();
    assert.equal((await row(text)).state, 'not-a-picture');
    assert.deepEqual([(await row(film)).state, (await row(film)).media_type], ['not-sampled', 'video/mp4']);
    assert.deepEqual(await openItems(), []);
  });

  it('bring a file to a person that cannot be decoded, once, and again only when asked', async () => {
    const broken = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), randomBytes(200)]);
    const sha256 = await seal(broken);
    await bureau.drain();
    assert.equal((await row(sha256)).state, 'unreadable');
    const [item, ...more] = await openItems();
    assert.equal(more.length, 0);
    assert.equal(item!.subject, sha256);
    assert.match(item!.reason, /cannot be decoded/);
    assert.equal(item!.attempts, 1);
    assert.equal(await bureau.drain(), 0);
    await bureau.db.pool.query('update platform.attention set resolved_at = now() where subject = $1', [
      sha256,
    ]);
  });

  it('mark bytes that no longer match their seal instead of fingerprinting them', async () => {
    const sha256 = await seal(await picture(80, 60, 3).png().toBuffer());
    const { rows } = await bureau.db.pool.query('select location from vault.seal where sha256 = $1', [
      sha256,
    ]);
    const { readdir, readFile: read, writeFile } = await import('node:fs/promises');
    const names = await readdir(`${bureau.folder}/evidence`, { recursive: true });
    const file = names.find((name) => name.endsWith(rows[0].location.split('/').at(-1)))!;
    const bytes = await read(`${bureau.folder}/evidence/${file}`);
    bytes[bytes.length - 40]! ^= 1;
    await writeFile(`${bureau.folder}/evidence/${file}`, bytes);
    await bureau.drain();
    assert.equal(await row(sha256), undefined);
    const after = await bureau.db.pool.query('select damaged_at from vault.seal where sha256 = $1', [sha256]);
    assert.notEqual(after.rows[0].damaged_at, null);
  });

  it('are made for all again with progress, and a run is joined and goes on where it was', async () => {
    for (let seed = 20; seed < 25; seed += 1) await seal(await picture(64, 48, seed).png().toBuffer());
    await bureau.drain();
    await bureau.db.pool.query(
      `update fingerprint.file set version = 'older', first_seen_at = '2020-01-01Z'`,
    );
    const all = await lines({ scope: 'missing' });
    const last = all.at(-1)!;
    assert.deepEqual([last.done, last.files, last.files], [true, last.total, last.total]);
    assert.ok((last.hashed as number) >= 5);
    const { rows } = await bureau.db.pool.query(
      `select count(*)::int as left from fingerprint.file where version = 'older'`,
    );
    assert.equal(rows[0].left, 0);
    const { rows: seen } = await bureau.db.pool.query(
      `select count(*)::int as moved from fingerprint.file where first_seen_at <> '2020-01-01Z'`,
    );
    assert.equal(seen[0].moved, 0, 'first seen never moves to a later time');
    const again = (await lines({ scope: 'all' })).at(-1)!;
    assert.deepEqual([again.done, again.scope, again.files], [true, 'all', last.files]);
    assert.equal((await lines({ scope: 'missing' })).at(-1)!.files, 0);
  });

  it('lose what a file said of itself when its bytes are destroyed', async () => {
    const bytes = await picture(90, 60, 41)
      .withExif({ IFD0: { Make: 'Example', Model: 'Turtle' } })
      .jpeg()
      .toBuffer();
    const sha256 = await seal(bytes);
    await bureau.drain();
    const facts = async () =>
      (
        await bureau.db.pool.query('select name, value, source from fingerprint.fact where sha256 = $1', [
          sha256,
        ])
      ).rows;
    assert.ok((await facts()).some(({ name, value }) => name === 'device' && value === 'Example Turtle'));
    await bureau.db.pool.query(
      'update vault.seal set destroyed_at = now(), location = null where sha256 = $1',
      [sha256],
    );
    const job = bureau.app.jobs.find(({ name }) => name === 'drop-left-facts')!;
    await testCtx(bureau.db).run((ctx) => job.run(ctx, 'clock'));
    assert.deepEqual(await facts(), []);
    assert.equal((await row(sha256)).state, 'done');
  });
});

describe('the brief of a report', () => {
  it('shows what was found of each file, and when its bytes were first seen', async () => {
    const harbour = ispws(bureau, await bureau.addService('Harbour Chat'));
    const id = await harbour.open();
    const bytes = await picture(200, 150, 77)
      .withExif({ IFD0: { Make: 'Example', Model: 'Turtle 2' } })
      .jpeg()
      .toBuffer();
    await harbour.upload(id, bytes, 'a.txt');
    await harbour.upload(id, 'a chat, invented', 'b.jpg');
    const at = bureau.clock.now();
    await harbour.finish(id);
    await bureau.drain();
    const officer = await bureau.signIn('Officer Reads', ['triage-officer']);
    const { status, body } = await officer.ask('GET', `/v1/desk/reports/${id}`);
    assert.equal(status, 200);
    const [shown, chat] = (body as Brief).files.map(({ fingerprint }) => fingerprint);
    assert.deepEqual(
      [shown?.state, shown?.width, shown?.height, shown?.frames, shown?.isPartial, shown?.reason],
      ['done', 200, 150, 1, false, undefined],
    );
    assert.match(shown?.pdq ?? '', /^[0-9a-f]{64}$/);
    assert.equal(shown?.firstSeenAt, at.toISOString());
    assert.deepEqual(
      shown?.facts.filter(({ name }) => name === 'device'),
      [{ name: 'device', value: 'Example Turtle 2', source: 'Exif Make (0x010F), Model (0x0110)' }],
    );
    assert.deepEqual([chat?.state, chat?.pdq, chat?.facts], ['not-a-picture', undefined, []]);
  });
});

describe('firstlight hash', () => {
  it('gives every golden file its digests, type and the reference’s hashes, without a bureau', {
    timeout: 60_000,
  }, async () => {
    const golden = await readGolden();
    const files = golden.map(({ file }) => `kernel/golden/${file}`);
    const { stdout, stderr } = await run(process.execPath, ['cli/firstlight.ts', 'hash', '--json', ...files]);
    const items = JSON.parse(stdout) as Record<string, never>[];
    assert.equal(items.length, golden.length);
    for (const [at, one] of golden.entries()) {
      const item = items[at]!;
      assert.equal(item.file, files[at]);
      assert.deepEqual([item.pdq, item.pdqQuality], [one.orientations.original, one.quality]);
      assert.deepEqual(Object.values(item.pdqOrientations!), Object.values(one.orientations));
      assert.match(`${item.md5} ${item.sha1} ${item.sha256}`, /^[0-9a-f]{32} [0-9a-f]{40} [0-9a-f]{64}$/);
      assert.equal(item.mediaType, one.file.endsWith('.png') ? 'image/png' : 'image/jpeg');
    }
    assert.match(stderr, /38 files, 38 with PDQ: .* files a second/);
  });

  it('says why where there is no hash, and is not fooled by a name', async () => {
    const { stdout } = await run(process.execPath, ['cli/firstlight.ts', 'hash', '--json', 'package.json']);
    const [item] = JSON.parse(stdout) as Record<string, unknown>[];
    assert.deepEqual([item!.mediaType, item!.pdq], ['text/plain', undefined]);
    assert.match(String(item!.error), /^It is none of the kinds/);
    const missing = await run(process.execPath, [
      'cli/firstlight.ts',
      'hash',
      '/nowhere/x.jpg',
      '--json',
    ]).catch((error: { code: number; stdout: string }) => error);
    assert.equal((missing as { code: number }).code, 1);
    assert.match(missing.stdout, /There is no such file/);
    const usage = await run(process.execPath, ['cli/firstlight.ts', 'hash']).catch(
      (error: { code: number }) => error,
    );
    assert.equal((usage as { code: number }).code, 2);
  });
});
