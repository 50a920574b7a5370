import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { sql } from 'kysely';
import { openDigestKey } from '#access';
import type { Brief } from '#contract/desk';
import type { DueListReply, Hold, ReportRetention, RetentionReply } from '#contract/retention';
import { checkCertificate } from '#proof/certificate';
import { type RetainParts, repeatErasures } from '#retain';
import { type Service, startTestBureau, type TestBureau } from '../harness/bureau.ts';
import { testCtx } from '../harness/database.ts';
import { call, ispws } from './intake-build.ts';
import {
  approve,
  decide,
  evidenceFiles,
  filedOn,
  fileReport,
  filesWith,
  openProposals,
  propose,
  runJob,
  secrets,
  someone,
  tablesWith,
  whenDue,
} from './retention-build.ts';

let bureau: TestBureau;
let service: Service;

before(async () => {
  bureau = await startTestBureau({ now: filedOn });
  service = await bureau.addService('Harbour Chat');
});

async function filed(bytes: string | Uint8Array, isDecided = true) {
  bureau.clock.set(filedOn);
  const made = await fileReport(bureau, service, bytes);
  if (isDecided) await decide(await someone(bureau, 'triage-officer'), made.reportId);
  bureau.clock.set(whenDue);
  return made;
}

const keys = () => new Map(bureau.signingKey.published.map(({ keyId, publicKey }) => [keyId, publicKey]));

async function destroy(reportIds: string[], ground = 'schedule') {
  const [asker, second] = [await someone(bureau, 'supervisor'), await someone(bureau, 'supervisor')];
  const proposal = await propose(asker, 'destroy-evidence', { ground, reportIds });
  const approved = await approve(second, proposal);
  assert.equal(approved.status, 200, JSON.stringify(approved.body));
  await bureau.drain();
}

async function certificateOf(reportId: string): Promise<string> {
  const auditor = await someone(bureau, 'auditor');
  const reply = await fetch(`${bureau.url}/v1/desk/reports/${reportId}/certificate`, {
    headers: { cookie: auditor.cookie },
  });
  assert.equal(reply.status, 200);
  return await reply.text();
}

describe('what is due', () => {
  test('is asked of people by the clock, destroyed when two agree, and then found nowhere', async () => {
    const plaintext = `benign bytes ${randomBytes(20_000).toString('hex')}`;
    const { reportId, fileId } = await filed(plaintext);
    const secretTexts = Object.values(secrets);
    assert.ok((await tablesWith(bureau, secretTexts)).length > 5, 'before, the texts are there');
    const standing = await evidenceFiles(bureau);
    const sha = await sql<{ sha256: string; document_sha256: string }>`
      select file.sha256, document_sha256 from intake.report_file file join intake.report report on report.id = report_id
      where file.id = ${fileId}`.execute(bureau.db.kysely);

    const [ada, bo] = [await someone(bureau, 'supervisor'), await someone(bureau, 'supervisor')];
    await runJob(bureau, 'propose-destruction');
    const [proposal] = await openProposals(ada);
    assert.ok(proposal !== undefined);
    assert.deepEqual(proposal.input, { ground: 'schedule', reportIds: [reportId] });
    assert.equal(proposal.needed, 2, 'the clock is nobody, so two people decide');
    await runJob(bureau, 'propose-destruction');
    assert.equal((await openProposals(ada)).length, 1, 'it is asked once');
    assert.equal((await approve(ada, proposal)).status, 200);
    await bureau.drain();
    assert.equal(await evidenceFiles(bureau), standing, 'one person destroys nothing');
    assert.equal((await approve(bo, proposal)).status, 200);
    await bureau.drain();

    assert.equal(await evidenceFiles(bureau), standing - 1);
    assert.deepEqual(await tablesWith(bureau, secretTexts), []);
    assert.deepEqual(await filesWith(bureau, [...secretTexts, plaintext.slice(0, 200)]), []);
    const read = await checkCertificate(await certificateOf(reportId), keys());
    assert.ok(read.kind === 'ok');
    const { facts } = read.value;
    assert.equal(facts.report.id, reportId);
    assert.equal(facts.basis.law, '18 USC 2258A(h)');
    assert.deepEqual(
      facts.files.map(({ outcome }) => outcome),
      ['destroyed'],
    );
    assert.equal(facts.approvedBy.length, 2);
    assert.ok((facts.removed.identifiers ?? 0) >= 3 && facts.removed.documents === 2);
    const text = JSON.stringify(facts);
    const { sha256, document_sha256 } = sha.rows[0]!;
    for (const value of [...secretTexts, sha256, document_sha256]) assert.ok(!text.includes(value));
    const left = await sql<{ reference: string; file_count: number; incident_count: number }>`
      select reference, file_count, incident_count from intake.report where id = ${reportId}`.execute(
      bureau.db.kysely,
    );
    assert.deepEqual(left.rows, [{ reference: facts.report.reference, file_count: 1, incident_count: 1 }]);
    const attention = await sql`select * from platform.attention where resolved_at is null`.execute(
      bureau.db.kysely,
    );
    assert.deepEqual(attention.rows, []);
  });

  test('a certificate that was altered, or is of another bureau, is bad', async () => {
    const { reportId } = await filed(randomBytes(100));
    await destroy([reportId]);
    const good = await certificateOf(reportId);
    assert.equal((await checkCertificate(good, keys())).kind, 'ok');
    for (let at = 0; at < good.length; at += 97) {
      const letter = good[at] === 'A' ? 'B' : 'A';
      if (good[at] === '.') continue;
      assert.equal(
        (await checkCertificate(good.slice(0, at) + letter + good.slice(at + 1), keys())).kind,
        'bad',
      );
    }
    assert.equal((await checkCertificate(`${good} `, keys())).kind, 'bad');
    assert.equal((await checkCertificate(good, new Map())).kind, 'bad');
    assert.equal((await checkCertificate('', keys())).kind, 'bad');
  });

  test('bytes that another report holds stay for that one, and its certificate says so', async () => {
    const shared = randomBytes(5_000);
    const { reportId } = await filed(shared);
    const other = await filed(shared);
    const standing = await evidenceFiles(bureau);
    await destroy([reportId]);
    assert.equal(await evidenceFiles(bureau), standing);
    const read = await checkCertificate(await certificateOf(reportId), keys());
    assert.ok(read.kind === 'ok');
    assert.deepEqual(
      read.value.facts.files.map(({ outcome }) => outcome),
      ['kept-for-another-report'],
    );
    await destroy([other.reportId]);
    assert.equal(await evidenceFiles(bureau), standing - 1);
  });

  test('is not destroyed while it is not due, undecided or unknown, and an order needs neither term nor decision', async () => {
    const undecided = await filed(randomBytes(50), false);
    bureau.clock.set(whenDue);
    const young = await fileReport(bureau, service, randomBytes(50));
    await decide(await someone(bureau, 'triage-officer'), young.reportId);
    const asker = await someone(bureau, 'supervisor');
    const ask = async (reportIds: string[], ground = 'schedule') =>
      await asker.ask('POST', '/v1/desk/proposals', {
        deed: 'destroy-evidence',
        input: { ground, reportIds },
        reason: 'for a test',
      });
    const codeOf = async (reply: Promise<{ body: unknown }>) => ((await reply).body as { code: string }).code;
    assert.equal(await codeOf(ask([undecided.reportId])), 'retain.undecided');
    assert.equal(await codeOf(ask([young.reportId])), 'retain.not-due');
    assert.equal(await codeOf(ask(['999999999'])), 'retain.unknown-report');
    assert.equal((await ask([])).status, 400);
    const { items } = (await asker.ask('GET', '/v1/desk/retention/due')).body as DueListReply;
    assert.equal(items.find((item) => item.reportId === undecided.reportId)?.standing, 'undecided');
    assert.ok(!items.some((item) => item.reportId === young.reportId));
    await destroy([young.reportId, undecided.reportId], 'order');
    const officer = await someone(bureau, 'triage-officer');
    const { body } = await officer.ask('GET', `/v1/desk/reports/${undecided.reportId}/retention`);
    assert.equal((body as ReportRetention).standing, 'erased');
  });
});

describe('a legal hold', () => {
  test('beats the schedule, an approval that has not run, and is lifted by two people only', async () => {
    const { reportId } = await filed(randomBytes(80));
    const [ada, bo] = [await someone(bureau, 'supervisor'), await someone(bureau, 'supervisor')];
    const officer = await someone(bureau, 'triage-officer');
    const body = {
      reason: 'court order',
      caseReference: 'R v Invented 12/26',
      reviewAt: '2027-05-01T00:00:00Z',
    };
    const placed = await officer.ask('POST', `/v1/desk/reports/${reportId}/holds`, body);
    assert.equal(placed.status, 201, JSON.stringify(placed.body));
    const hold = placed.body as Hold;
    const asked = await ada.ask('POST', '/v1/desk/proposals', {
      deed: 'destroy-evidence',
      input: { ground: 'order', reportIds: [reportId] },
      reason: 'for a test',
    });
    assert.equal((asked.body as { code: string }).code, 'retain.on-hold');
    await runJob(bureau, 'propose-destruction');
    assert.ok(!(await openProposals(ada)).some(({ input }) => JSON.stringify(input).includes(reportId)));

    const lift = await propose(ada, 'break-legal-hold', { holdId: hold.id });
    assert.equal(
      (await ada.ask('POST', `/v1/desk/proposals/${lift.id}/approval`, { digest: lift.digest })).status,
      403,
    );
    assert.equal((await approve(bo, lift)).status, 200);
    const now = (await officer.ask('GET', `/v1/desk/reports/${reportId}/retention`)).body as ReportRetention;
    assert.equal(now.standing, 'ready');
    assert.ok(now.holds[0]?.liftedBy !== undefined);

    const proposal = await propose(ada, 'destroy-evidence', { ground: 'schedule', reportIds: [reportId] });
    assert.equal((await approve(bo, proposal)).status, 200);
    const again = await officer.ask('POST', `/v1/desk/reports/${reportId}/holds`, {
      ...body,
      caseReference: 'second',
    });
    assert.equal(again.status, 201);
    await bureau.drain();
    const kept = (await officer.ask('GET', `/v1/desk/reports/${reportId}/retention`)).body as ReportRetention;
    assert.equal(kept.erasure?.state, 'stopped');
    assert.equal(kept.standing, 'held');
    const brief = await officer.ask('GET', `/v1/desk/reports/${reportId}?why=looking`);
    assert.ok(JSON.stringify(brief.body).includes(secrets.email), 'nothing was destroyed');
    const late = await officer.ask('POST', `/v1/desk/reports/${reportId}/holds`, {
      ...body,
      reviewAt: '2026-11-01T00:00:00Z',
    });
    assert.equal((late.body as { code: string }).code, 'retain.review-in-past');
  });
});

describe('a schedule', () => {
  test('is changed by two people into a new version; a standing one needs no list', async () => {
    const { reportId } = await filed(randomBytes(90));
    const [ada, bo] = [await someone(bureau, 'supervisor'), await someone(bureau, 'administrator')];
    const now = (await ada.ask('GET', '/v1/desk/retention')).body as RetentionReply;
    const current = now.schedules.find(({ profile, isCurrent }) => profile === 'cybertip' && isCurrent)!;
    const { basis, source, contentMonths, referenceMonths } = current;
    const same = { profile: 'cybertip', basis, source, contentMonths, referenceMonths, isStanding: false };
    const refused = await ada.ask('POST', '/v1/desk/proposals', {
      deed: 'change-retention',
      input: same,
      reason: 'why not',
    });
    assert.equal((refused.body as { code: string }).code, 'retain.schedule-unchanged');
    const proposal = await propose(ada, 'change-retention', { ...same, isStanding: true });
    assert.match(proposal.sentence, /WITHOUT asking/);
    assert.equal((await approve(bo, proposal)).status, 200);
    await runJob(bureau, 'propose-destruction');
    await bureau.drain();
    const read = await checkCertificate(await certificateOf(reportId), keys());
    assert.ok(read.kind === 'ok');
    assert.equal(read.value.facts.basis.scheduleVersion, 2);
    assert.deepEqual(
      read.value.facts.approvedBy.map(({ part }) => part),
      ['set-schedule'],
    );
    const back = await propose(ada, 'change-retention', same);
    assert.equal((await approve(bo, back)).status, 200);
    await assert.rejects(
      sql`update retain.schedule set content_months = 1`.execute(bureau.db.kysely),
      /append-only/,
    );
  });
});

test('the doors say that an erased report is gone, and its service still sees number and reference', async () => {
  const { reportId, fileId } = await filed(randomBytes(60));
  await destroy([reportId]);
  const door = ispws(bureau, service);
  for (const reply of [
    await door.upload(reportId, 'more'),
    await door.fileinfo(reportId, fileId),
    await door.finish(reportId),
    await door.retract(reportId),
  ]) {
    assert.equal(reply.code, 5001, reply.text);
  }
  const { authorization } = service;
  const shown = await call(bureau, { path: `/v1/reports/${reportId}`, authorization });
  assert.equal(shown.status, 200);
  const tombstone = shown.json() as { state: string; reference: string; erasedAt: string; fileList: [] };
  assert.equal(tombstone.state, 'filed');
  assert.match(tombstone.reference, /^FL-/);
  assert.ok(tombstone.erasedAt !== undefined && tombstone.fileList.length === 0);
  const filing = await call(bureau, {
    method: 'POST',
    path: `/v1/reports/${reportId}/filing`,
    authorization,
  });
  assert.equal(filing.status, 410, filing.text);
  assert.equal(filing.json().code, 'intake.report-erased');
  const officer = await someone(bureau, 'triage-officer');
  const brief = await officer.ask('GET', `/v1/desk/reports/${reportId}`);
  assert.equal(brief.status, 200);
  assert.ok((brief.body as Brief).erasedAt !== undefined);
  for (const secret of Object.values(secrets)) assert.ok(!JSON.stringify(brief.body).includes(secret));
});

test('what a restore brings back is erased again from the file that outlives the database', async () => {
  const { reportId } = await filed(randomBytes(70));
  await destroy([reportId]);
  const path = join(bureau.folder, 'erasures.jsonl');
  const line = (await readFile(path, 'utf8'))
    .split('\n')
    .find((one) => one.includes(`"reportId":"${reportId}"`));
  assert.ok(line !== undefined);
  for (const secret of Object.values(secrets)) assert.ok(!line.includes(secret));
  const backAgain = 'The heron is back from the backup.';
  // As an older backup has it: the content is there, the register knows of nothing.
  const db = bureau.db.kysely;
  await sql`delete from retain.erasure where report_id = ${reportId}`.execute(db);
  await sql`update intake.report set erased_at = null, escalation = ${backAgain} where id = ${reportId}`.execute(
    db,
  );
  await runJob(bureau, 'repeat-erasures');
  await bureau.drain();
  assert.deepEqual(await tablesWith(bureau, [backAgain]), []);
  const auditor = await someone(bureau, 'auditor');
  const { body } = await auditor.ask('GET', '/v1/desk/retention/erasures?limit=1');
  assert.ok(JSON.stringify(body).length > 0);
  assert.equal((await checkCertificate(await certificateOf(reportId), keys())).kind, 'ok');

  // A line that this bureau did not sign erases nothing.
  const victim = await filed(randomBytes(71));
  const parts = {
    vault: bureau.vault,
    bureau: { name: 'Test bureau' },
    signingKey: bureau.signingKey,
    digestKey: await openDigestKey(join(bureau.folder, 'keys', 'digest.key'), { create: false }),
    erasuresFile: join(bureau.folder, 'forged.jsonl'),
    vacuum: async () => false,
  } satisfies RetainParts;
  await writeFile(
    parts.erasuresFile,
    `${line.replaceAll(`"${reportId}"`, `"${victim.reportId}"`)}\nnot json\n{"reportId":"1"}\n`,
  );
  const outcome = await testCtx(bureau.db, { now: whenDue }).run((ctx) => repeatErasures(ctx, parts));
  assert.deepEqual(outcome, { repeated: 0, isComplete: true });
});
