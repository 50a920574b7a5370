import assert from 'node:assert/strict';
import { verify } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openSigningKey, recordAudit, refuseForeignLog } from '#access';
import type { KeysReply } from '#contract/keys';
import { formatVerifierKey, parseVerifierKey, publicKeyFrom } from '#proof/note';
import { sealBatch } from '../../src/access/audit-log/seal-batch.ts';
import { auditSource } from '../../src/access/audit-log/sources.ts';
import { startTestBureau } from '../harness/bureau.ts';
import { testCtx, testDatabase } from '../harness/database.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firstlight-key-'));
});
after(async () => await rm(folder, { recursive: true, force: true }));

const actor = { kind: 'system', id: 'test', name: 'test' } as const;

describe('the signing key', () => {
  it('is made once, for its owner only, and stays the same', async () => {
    const path = join(folder, 'once', 'signing.key');
    const both = await Promise.all([
      openSigningKey(path, { create: true }),
      openSigningKey(path, { create: true }),
    ]);
    assert.equal(both[0].keyId, both[1].keyId);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    const again = await openSigningKey(path, { create: false });
    assert.equal(again.keyId, both[0].keyId);
    const data = Buffer.from('data');
    assert.ok(verify(null, data, again.publicKey, both[0].sign(data)));
    await chmod(path, 0o644);
    await assert.rejects(openSigningKey(path, { create: false }), /chmod 600/);
  });

  it('keeps older keys to verify with, and the newest signs', async () => {
    const path = join(folder, 'older.key');
    const first = await openSigningKey(path, { create: true });
    const file = JSON.parse(await readFile(path, 'utf8')) as { keys: { createdAt: string; seed: string }[] };
    file.keys.push({ createdAt: '2027-01-01T00:00:00.000Z', seed: Buffer.alloc(32, 9).toString('base64') });
    await writeFile(path, JSON.stringify(file));
    const both = await openSigningKey(path, { create: false });
    assert.deepEqual([both.published.length, both.published[0]?.keyId], [2, first.keyId]);
    assert.equal(both.keyId, both.published[1]?.keyId);
    assert.equal(both.name, first.name);
    assert.notEqual(formatVerifierKey(both.verifier), first.published[0]?.verifierKey);
  });

  it('is never made anew over what was signed, and a damaged file says what to do and nothing of its content', async () => {
    await assert.rejects(
      openSigningKey(join(folder, 'gone.key'), { create: false }),
      /Restore it from its backup/,
    );
    for (const text of [
      '',
      '{',
      '{"version":2}',
      '{"version":1,"name":"firstlight/x","keys":[]}',
      'secret words',
    ]) {
      const path = join(folder, 'damaged.key');
      await writeFile(path, text, { mode: 0o600 });
      await assert.rejects(openSigningKey(path, { create: true }), (error: Error) => {
        assert.match(error.message, /is not a signing key file. Restore it/);
        assert.ok(text === '' || !error.message.includes(text));
        return true;
      });
    }
  });

  it('of another bureau is refused over this bureau’s log, at the start and while sealing', async () => {
    const db = await testDatabase();
    const [own, other] = await Promise.all(
      ['own', 'other'].map(
        async (name) => await openSigningKey(join(folder, `${name}.key`), { create: true }),
      ),
    );
    assert.ok(own !== undefined && other !== undefined);
    const write = async () =>
      await testCtx(db).run(
        async ({ tx }) => await recordAudit(tx, { at: new Date(0), actor, action: 'a', outcome: 'done' }),
      );
    const seal = async (signingKey: typeof own) =>
      await testCtx(db).run(async (ctx) => await sealBatch(ctx, { sources: [auditSource], signingKey }));
    await refuseForeignLog(db.kysely, other, 'other.key');
    await write();
    await seal(own);
    await refuseForeignLog(db.kysely, own, 'own.key');
    await assert.rejects(refuseForeignLog(db.kysely, other, 'other.key'), /other.key does not hold. Restore/);
    await write();
    await assert.rejects(seal(other), /same signing key file/);
    assert.equal((await seal(own)).kind, 'sealed');
  });

  it('is published for everybody', async () => {
    const bureau = await startTestBureau();
    const reply = await fetch(`${bureau.url}/v1/keys`);
    assert.equal(reply.status, 200);
    const body = (await reply.json()) as KeysReply;
    assert.equal(body.keys[0]?.kid, bureau.signingKey.keyId);
    const raw = Buffer.from(body.keys[0]?.x ?? '', 'base64url');
    const data = Buffer.from('data');
    assert.ok(verify(null, data, publicKeyFrom(raw), bureau.signingKey.sign(data)));
    const parsed = parseVerifierKey(body.verifierKeys[0] ?? '');
    assert.deepEqual(parsed, { kind: 'ok', value: bureau.signingKey.verifier });
  });
});
