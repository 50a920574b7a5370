import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { compactVerify, createLocalJWKSet } from 'jose';
import { sql } from 'kysely';
import { checkReceipt, type ReceiptFacts, readKeys } from '#proof/receipt';
import { type Service, startTestBureau } from '../harness/bureau.ts';
import { call, ispws, reportXml } from './intake-build.ts';

const now = new Date('2026-11-24T12:00:00Z');
const bureau = await startTestBureau({ now });
const service = await bureau.addService('Harbour Chat');
const twin = await bureau.addService('Harbour Chat', 'sandbox');
const stranger = await bureau.addService('Lantern Forum');
const harbour = ispws(bureau, service);

const receiptOf = async (reportId: string, by: Service = service) =>
  await call(bureau, { path: `/v1/reports/${reportId}/receipt`, authorization: by.authorization });
const publishedKeys = async () => await (await fetch(`${bureau.url}/v1/keys`)).text();

async function checked(receipt: string): Promise<ReceiptFacts> {
  const keys = readKeys(await publishedKeys());
  assert.ok(keys.kind === 'ok');
  const result = checkReceipt(receipt, keys.value);
  assert.ok(result.kind === 'ok', JSON.stringify(result));
  return result.value.facts;
}

test('the receipt of a report names everything that was filed, and stays as it was made', async () => {
  // A reporting person without an e-mail address is a warning.
  const xml = reportXml({ email: '<firstName>Rowan</firstName>' });
  const reportId = await harbour.open(xml);
  const files = [randomBytes(1000), randomBytes(2000), Buffer.from('the same'), Buffer.from('the same')];
  const fileIds: (string | undefined)[] = [];
  for (const file of files) fileIds.push((await harbour.upload(reportId, file)).of('fileId'));
  const filed = await harbour.finish(reportId);
  const link = String(filed.headers.link);
  assert.match(link, /; rel="describedby"; type="application\/jose"$/);
  const path = new URL(/^<([^>]*)>/.exec(link)?.[1] ?? '').pathname;
  assert.equal(path, `/v1/reports/${reportId}/receipt`);

  const reply = await receiptOf(reportId);
  assert.equal(reply.status, 200);
  assert.equal(reply.headers['content-type'], 'application/jose');
  const facts = await checked(reply.text);
  const hash = (algorithm: string, bytes: Uint8Array | string) =>
    createHash(algorithm).update(bytes).digest('hex');
  const { warnings, ...rest } = facts;
  assert.deepEqual(rest, {
    version: 1,
    bureau: { name: 'Test bureau', keyName: bureau.signingKey.name },
    reportId,
    reference: `FL-2026-${reportId}`,
    service: { id: service.id, name: 'Harbour Chat' },
    environment: 'production',
    profile: 'cybertip',
    openedAt: now.toISOString(),
    filedAt: now.toISOString(),
    document: { sha256: hash('sha256', xml) },
    files: files.map((bytes, index) => ({
      fileId: fileIds[index],
      sizeBytes: bytes.length,
      md5: hash('md5', bytes),
      sha1: hash('sha1', bytes),
      sha256: hash('sha256', bytes),
    })),
  });
  assert.ok(warnings.length > 0 && warnings.every((warning) => warning.message.length > 10));
  assert.ok(
    !reply.text.includes('Rowan') && !JSON.stringify(facts).includes('Rowan'),
    'nothing that was reported',
  );

  bureau.clock.advance(400 * 24 * 3_600_000);
  assert.equal((await receiptOf(reportId)).text, reply.text);
  assert.equal((await harbour.finish(reportId)).headers.link, link, 'whoever lost it is told again');
  const officer = await bureau.signIn('Toni Example', ['triage-officer']);
  const byStaff = await fetch(`${bureau.url}/v1/desk/reports/${reportId}/receipt`, {
    headers: { cookie: officer.cookie },
  });
  assert.equal(await byStaff.text(), reply.text);
  bureau.clock.set(now);
});

test('another JOSE library verifies it with the published keys', async () => {
  const reportId = await harbour.open();
  await harbour.finish(reportId);
  const keys = createLocalJWKSet(JSON.parse(await publishedKeys()));
  const { payload } = await compactVerify((await receiptOf(reportId)).text, keys);
  assert.equal((JSON.parse(new TextDecoder().decode(payload)) as ReceiptFacts).reportId, reportId);
});

test('the JSON answer of filing holds the receipt, also when it is repeated', async () => {
  const opened = await call(bureau, {
    path: '/v1/reports',
    authorization: twin.authorization,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      profile: 'cybertip',
      synthetic: true,
      incident: { type: 'Online Enticement of Children for Sexual Acts', occurredAt: '2026-03-01T10:00:00Z' },
      reporter: { name: 'Rowan Example', email: 'trust@harbour-chat.example' },
      parties: [],
      narrative: 'Invented.',
    }),
  });
  assert.equal(opened.status, 201, opened.text);
  const { reportId } = opened.json() as { reportId: string };
  const file = {
    method: 'POST',
    path: `/v1/reports/${reportId}/filing`,
    authorization: twin.authorization,
    headers: { 'idempotency-key': 'once' },
  };
  const first = (await call(bureau, file)).json();
  const again = await call(bureau, file);
  assert.equal(again.headers['idempotent-replayed'], 'true');
  assert.deepEqual(again.json(), first);
  const facts = await checked(String(first.receipt));
  assert.deepEqual([facts.environment, facts.reference], ['sandbox', first.reference]);
  assert.equal((await receiptOf(reportId, twin)).text, first.receipt);
  assert.deepEqual(
    (await receiptOf(reportId, service)).status,
    404,
    'the same service in the other environment',
  );
});

test('nobody else sees a receipt, and none is shown where there is none', async () => {
  const filed = await harbour.open();
  await harbour.finish(filed);
  const open = await harbour.open();
  const retracted = await harbour.open();
  await harbour.retract(retracted);
  const codes = async (reportId: string, by: Service = service) => {
    const reply = await receiptOf(reportId, by);
    const { code, title, details } = reply.json();
    return { status: reply.status, code, title, details };
  };
  const unknown = await codes('900000000', stranger);
  for (const reportId of [filed, open, retracted]) {
    const theirs = await codes(reportId, stranger);
    assert.deepEqual({ ...theirs, details: undefined }, { ...unknown, details: undefined });
    assert.deepEqual(Object.keys(theirs.details as object), Object.keys(unknown.details as object));
  }
  assert.deepEqual([unknown.status, unknown.code], [404, 'intake.unknown-report']);
  assert.equal((await codes(open)).code, 'intake.receipt-not-yet');
  assert.equal((await codes(retracted)).code, 'intake.receipt-none');
  assert.equal((await call(bureau, { path: `/v1/reports/${filed}/receipt` })).status, 401);
  const auditor = await bureau.signIn('Audra Example', ['auditor']);
  assert.equal((await auditor.ask('GET', `/v1/desk/reports/${filed}/receipt`)).status, 403);
});

test('a report that is not filed in the end has no receipt', async () => {
  const reportId = await harbour.open();
  await harbour.upload(reportId, 'bytes');
  await sql`
    create function intake.fail_filing() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
    create trigger fail_filing before insert on intake.receipt for each row execute function intake.fail_filing()`.execute(
    bureau.db.kysely,
  );
  assert.equal((await harbour.finish(reportId)).status, 500);
  await sql`drop trigger fail_filing on intake.receipt`.execute(bureau.db.kysely);
  assert.equal((await receiptOf(reportId)).status, 409);
  assert.equal((await harbour.finish(reportId)).code, 0);
  assert.equal((await receiptOf(reportId)).status, 200);
  await assert.rejects(sql`update intake.receipt set body = 'x'`.execute(bureau.db.kysely), /append-only/);
  await assert.rejects(sql`delete from intake.receipt`.execute(bureau.db.kysely), /append-only/);
});
