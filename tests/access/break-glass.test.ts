import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { sql } from 'kysely';
import type {
  EmergencyCodesReply,
  EmergencyListReply,
  EmergencyReply,
  NoticesReply,
} from '#contract/control';
import type { Brief } from '#contract/desk';
import { aFiledReport } from '../build.ts';
import { type Staff, startTestBureau, type TestBureau } from '../harness/bureau.ts';

const noon = new Date('2026-11-24T12:00:00Z');
const hour = 3_600_000;
let bureau: TestBureau;
let reportId: string;
let otherReport: string;
let people = 0;

const someone = async (...roles: Parameters<TestBureau['signIn']>[1]) => {
  people += 1;
  return await bureau.signIn(`Person ${people}`, roles);
};
const codeOf = (body: unknown) => (body as { code?: string }).code;
const take = async (staff: Staff, id = reportId, reason = 'the duty officer is on the phone') =>
  await staff.ask('POST', '/v1/desk/emergencies', { reportId: id, reason });
const runJob = async (name: string) => {
  await bureau.app.runDelivery({ name, subject: 'clock', attempt: 1, isLast: true, isDead: false });
  await bureau.drain();
};
const attention = async () => {
  const { rows } = await sql<{ reason: string }>`
    select reason from platform.attention where job = 'review-emergency' and resolved_at is null`.execute(
    bureau.db.kysely,
  );
  return rows.map(({ reason }) => reason);
};

before(async () => {
  bureau = await startTestBureau({ now: noon });
  ({ id: reportId } = await aFiledReport(bureau.db.kysely));
  ({ id: otherReport } = await aFiledReport(bureau.db.kysely));
});

describe('emergency access to one report', () => {
  test('opens that report for an hour, nothing else, tags every act, and tells supervisors at once', async () => {
    const analyst = await someone('analyst');
    const supervisor = await someone('supervisor');
    assert.equal((await analyst.ask('GET', `/v1/desk/reports/${reportId}`)).status, 403);
    const taken = await take(analyst);
    assert.equal(taken.status, 201, JSON.stringify(taken.body));
    const { id, endsAt, reviewBy } = taken.body as EmergencyReply;
    assert.equal(endsAt, new Date(noon.getTime() + hour).toISOString());
    assert.equal(reviewBy, new Date(noon.getTime() + 24 * hour).toISOString());

    const notices = (await supervisor.ask('GET', '/v1/desk/notices')).body as NoticesReply;
    assert.equal(notices.emergencies[0]?.id, id);
    const opened = await analyst.ask('GET', `/v1/desk/reports/${reportId}`);
    assert.equal((opened.body as Brief).reportId, reportId);
    assert.equal((await analyst.ask('GET', `/v1/desk/reports/${otherReport}`)).status, 403);
    assert.equal(
      (await analyst.ask('POST', `/v1/desk/reports/${reportId}/take`, {})).status,
      403,
      'reading only',
    );
    const { rows } = await sql<{ action: string; why: string; reason: string }>`
      select action, why from access.audit where actor_id = ${analyst.id} and subject = ${`report:${reportId}`}
        and outcome = 'done' order by id`.execute(bureau.db.kysely);
    assert.deepEqual(
      rows.map(({ action, why }) => [action, why.includes(id)]),
      [
        ['take-emergency-access', true],
        ['read-report', true],
      ],
    );
    await bureau.drain();
    assert.equal((await attention()).length, 1);
    const list = (await supervisor.ask('GET', '/v1/desk/emergencies')).body as EmergencyListReply;
    assert.equal(list.items[0]?.acts, 1);
    assert.equal(list.items[0]?.reason, 'the duty officer is on the phone');

    bureau.clock.advance(hour);
    assert.equal((await analyst.ask('GET', `/v1/desk/reports/${reportId}`)).status, 403, 'it is over');
    bureau.clock.set(noon);
  });

  test('is reviewed by a supervisor who is not its user; overdue shows; a review is final', async () => {
    const user = await someone('administrator', 'supervisor');
    const admin = await someone('administrator');
    assert.equal(codeOf((await take(user)).body), 'control.emergency-not-needed');
    const { id } = (await take(admin)).body as EmergencyReply;
    await bureau.db.kysely
      .updateTable('access.staff')
      .set({ roles: ['administrator', 'supervisor'] })
      .where('id', '=', admin.id)
      .execute();
    const review = { verdict: 'justified', note: 'the call was real' };
    const own = await admin.ask('POST', `/v1/desk/emergencies/${id}/review`, review);
    assert.equal(codeOf(own.body), 'control.own-emergency');
    await bureau.drain();
    const before = (await attention()).length;
    bureau.clock.set(new Date(noon.getTime() + 25 * hour));
    await runJob('watch-emergencies');
    assert.ok((await attention()).some((reason) => reason.includes('overdue')));
    const supervisor = await someone('supervisor');
    const notices = (await supervisor.ask('GET', '/v1/desk/notices')).body as NoticesReply;
    assert.ok(notices.emergencies.every(({ isOverdue }) => isOverdue));
    assert.equal((await supervisor.ask('POST', `/v1/desk/emergencies/${id}/review`, review)).status, 200);
    const twice = await supervisor.ask('POST', `/v1/desk/emergencies/${id}/review`, {
      ...review,
      verdict: 'not-justified',
    });
    assert.equal(codeOf(twice.body), 'control.reviewed-already');
    await bureau.drain();
    assert.equal((await attention()).length, before - 1);
    await assert.rejects(
      sql`update access.emergency set reviewed_by = staff_id where reviewed_by is not null`.execute(
        bureau.db.kysely,
      ),
    );
    bureau.clock.set(noon);
  });

  test('needs a reason, a report that is there, and stops where nobody reviews', async () => {
    const analyst = await someone('analyst');
    assert.equal((await take(analyst, reportId, 'short')).status, 400);
    assert.equal(codeOf((await take(analyst, '987654321')).body), 'control.unknown-report');
    const first = (await take(analyst)).body as EmergencyReply;
    const ended = await analyst.ask('POST', `/v1/desk/emergencies/${first.id}/end`, {});
    assert.equal(ended.status, 200);
    assert.equal((await analyst.ask('GET', `/v1/desk/reports/${reportId}`)).status, 403);
    for (let n = 0; n < 9; n += 1) assert.equal((await take(analyst)).status, 201);
    assert.equal(codeOf((await take(analyst)).body), 'control.too-many-emergencies');
  });
});

describe('printed codes', () => {
  const signIn = async (code: string, reason = 'the sign-in service is away') =>
    await fetch(`${bureau.url}/v1/session/emergency`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code, reason }),
    });
  const print = async (staffId: string) =>
    await fetch(`${bureau.url}/v1/desk/staff/${staffId}/emergency-codes`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bureau.machineToken}` },
    });

  test('sign their person in once each, loudly, and are kept as hashes only', async () => {
    const officer = await someone('triage-officer');
    const supervisor = await someone('supervisor');
    const admin = await someone('administrator');
    assert.equal((await admin.ask('POST', `/v1/desk/staff/${officer.id}/emergency-codes`)).status, 403);
    const printed = await print(officer.id);
    assert.equal(printed.status, 201);
    const { codes } = (await printed.json()) as EmergencyCodesReply;
    assert.equal(new Set(codes).size, 10);
    const { rows } = await sql<{
      row: string;
    }>`select row::text as row from access.emergency_code row`.execute(bureau.db.kysely);
    for (const { row } of rows) {
      assert.match(row, /argon2id/);
      for (const code of codes)
        assert.ok(!row.includes(code.slice(9)) && !row.includes(code.slice(9).replaceAll('-', '')));
    }
    const [code = '', second = ''] = codes;
    bureau.clock.advance(60_000);
    const reply = await signIn(` ${code.toLowerCase().replaceAll('-', ' ')} `);
    assert.equal(reply.status, 201, await reply.clone().text());
    const cookie = (reply.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const ask = async (path: string) => await fetch(`${bureau.url}${path}`, { headers: { cookie } });
    assert.equal((await ask('/v1/desk/line')).status, 200);
    const tagged = await sql<{ n: number; all: number }>`
      select count(*) filter (where why like 'emergency %')::int as n, count(*)::int as all from access.audit
      where actor_id = ${officer.id} and at >= ${noon} and action not in ('sign-in')`.execute(
      bureau.db.kysely,
    );
    assert.ok((tagged.rows[0]?.all ?? 0) >= 2);
    assert.equal(tagged.rows[0]?.n, tagged.rows[0]?.all, 'every act of the session is tagged');
    const notices = (await supervisor.ask('GET', '/v1/desk/notices')).body as NoticesReply;
    assert.equal(notices.emergencies[0]?.kind, 'sign-in');
    await runJob('watch-emergencies');
    assert.ok((await attention()).some((reason) => reason.includes('by a printed code')));

    assert.equal(codeOf(await (await signIn(code)).json()), 'control.code-unknown', 'once');
    await print(officer.id);
    assert.equal(codeOf(await (await signIn(second)).json()), 'control.code-unknown', 'replaced');
    bureau.clock.advance(4 * hour);
    assert.equal((await ask('/v1/desk/line')).status, 401, 'the session is short');
    bureau.clock.set(noon);
  });

  test('of somebody disabled, wrong, or half right let nobody in', async () => {
    const officer = await someone('triage-officer');
    const { codes } = (await (await print(officer.id)).json()) as EmergencyCodesReply;
    const [one = '', two = ''] = codes;
    const crossed = `${one.slice(0, 8)}${two.slice(8)}`;
    for (const code of [crossed, 'not-a-code-at-all-really', '0'.repeat(28)])
      assert.equal(codeOf(await (await signIn(code)).json()), 'control.code-unknown');
    const admin = await someone('administrator');
    await admin.ask('POST', `/v1/desk/staff/${officer.id}/disable`, {});
    assert.equal(codeOf(await (await signIn(one)).json()), 'access.staff-disabled');
    assert.equal((await print(officer.id)).status, 409);
  });

  test('of two who come with the same code at once, one gets in', async () => {
    const officer = await someone('triage-officer');
    const { codes } = (await (await print(officer.id)).json()) as EmergencyCodesReply;
    const replies = await Promise.all([signIn(codes[0] ?? ''), signIn(codes[0] ?? '')]);
    assert.deepEqual(replies.map(({ status }) => status).sort(), [201, 401]);
  });
});
