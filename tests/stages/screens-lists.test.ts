import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { sql } from 'kysely';
import { type Actor, recordAudit, type StaffActor } from '#access';
import type { AttentionReply } from '#contract/administration';
import type { AuditReply, ReportListReply, StatusReply } from '#contract/desk';
import { aFiledReport, aProvider, aStaffMember } from '../build.ts';
import { testCtx } from '../harness/database.ts';
import { type Desk, idsOf, minutesLater, noon, openDesk, refusedWith } from './desk-build.ts';

let desk: Desk;
let auditor: StaffActor;

before(async () => {
  desk = await openDesk();
  auditor = await aStaffMember(desk.db.kysely, { name: 'Odd Itor', roles: ['auditor'] });
});

describe('the list of reports', () => {
  test('shows every state, the newest first, a page at a time', async () => {
    const providerId = await aProvider(desk.db.kysely, { name: 'Lists Ltd' });
    const made: string[] = [];
    for (const state of ['open', 'filed', 'retracted', 'expired', 'filed', 'open', 'filed'] as const) {
      made.unshift((await aFiledReport(desk.db.kysely, { providerId, state })).id);
    }
    const first = await desk.ask<ReportListReply>('GET /desk/reports', {
      query: { provider: providerId, limit: 4 },
    });
    const second = await desk.ask<ReportListReply>('GET /desk/reports', {
      query: { provider: providerId, limit: 4, cursor: first.next },
    });
    assert.deepEqual([...idsOf(first), ...idsOf(second)], made);
    assert.equal(second.next, undefined);
    const filed = await desk.ask<ReportListReply>('GET /desk/reports', {
      query: { provider: providerId, state: 'filed' },
    });
    assert.equal(filed.items.length, 3);
    const all = await desk.ask<ReportListReply>('GET /desk/reports', { query: { limit: 7 } });
    assert.deepEqual(idsOf(all), made);
    const sandbox = await aFiledReport(desk.db.kysely, { environment: 'sandbox' });
    const apart = await desk.ask<ReportListReply>('GET /desk/reports', { query: { environment: 'sandbox' } });
    assert.equal(idsOf(apart)[0], sandbox.id);
    assert.ok(apart.items.every((item) => item.provider.environment === 'sandbox'));
    await refusedWith(desk.ask('GET /desk/reports', { query: { cursor: 'abc' } }), 'screens.bad-cursor');
  });
});

describe('the trail of one report', () => {
  test('merges what people, services and jobs did with the custody of the files, the newest last', async () => {
    const { id, fileIds } = await aFiledReport(desk.db.kysely, { files: [{}], filedAt: noon });
    const at = (minutes: number, action: string, subject: string, actor: Actor = desk.ada) =>
      testCtx(desk.db).run((ctx) =>
        recordAudit(ctx.tx, { at: minutesLater(minutes), actor, action, outcome: 'done', subject }),
      );
    await at(1, 'assess-report', `report:${id}`, { kind: 'system', id: 'worker', name: 'worker' });
    await at(3, 'take-report', `report:${id}`);
    await at(2, 'read-report', `report:${id}`);
    await at(2, 'read-report', 'report:1');
    const asking = { params: { reportId: id }, actor: auditor };
    const reply = await desk.ask<AuditReply>('GET /desk/reports/:reportId/audit', asking);
    assert.deepEqual(
      reply.items.map((row) => [row.action, row.actor.name, row.subject]),
      [
        ['custody-received', 'test', `file:${fileIds[0]}`],
        ['assess-report', 'worker', `report:${id}`],
        ['read-report', 'Ada Vale', `report:${id}`],
        ['take-report', 'Ada Vale', `report:${id}`],
      ],
    );
    const paged: string[] = [];
    let cursor: string | undefined;
    do {
      const page: AuditReply = await desk.ask<AuditReply>('GET /desk/reports/:reportId/audit', {
        ...asking,
        query: { limit: 1, ...(cursor !== undefined && { cursor }) },
      });
      paged.push(...page.items.map((row) => row.id));
      cursor = page.next;
    } while (cursor !== undefined);
    assert.deepEqual(
      paged,
      reply.items.map((row) => row.id),
    );
    const route = desk.route('GET /desk/reports/:reportId/audit');
    assert.deepEqual([route.permission, route.audit], ['audit:read', 'read-audit-trail']);
    assert.equal((await desk.answerOf('GET /desk/reports/:reportId/audit', asking)).subject, `report:${id}`);
  });

  test('refuses a report that does not exist and a foreign cursor', async () => {
    const path = 'GET /desk/reports/:reportId/audit';
    await refusedWith(desk.answerOf(path, { params: { reportId: '4711' } }), 'screens.unknown-report');
    const id = await desk.inLine();
    await refusedWith(
      desk.answerOf(path, { params: { reportId: id }, query: { cursor: 'eyJ9' } }),
      'screens.bad-cursor',
    );
  });
});

describe('the auditor’s list', () => {
  test('walks every act both ways and filters', async () => {
    const write = (action: string, outcome: 'done' | 'refused', actor: Actor) =>
      testCtx(desk.db).run((ctx) =>
        recordAudit(ctx.tx, { at: noon, actor, action, outcome, subject: 'report:77' }),
      );
    for (let index = 0; index < 5; index += 1) await write('read-report', 'done', desk.ada);
    await write('take-report', 'refused', auditor);
    const query = { subject: 'report:77' };
    const oldest = await desk.ask<AuditReply>('GET /desk/audit', { query });
    const newest = await desk.ask<AuditReply>('GET /desk/audit', { query: { ...query, order: 'newest' } });
    assert.deepEqual(
      newest.items.map((row) => row.id).toReversed(),
      oldest.items.map((row) => row.id),
    );
    assert.equal(oldest.items.length, 6);
    const first = await desk.ask<AuditReply>('GET /desk/audit', {
      query: { ...query, order: 'newest', limit: 4 },
    });
    const second = await desk.ask<AuditReply>('GET /desk/audit', {
      query: { ...query, order: 'newest', limit: 4, cursor: first.next },
    });
    assert.deepEqual([...first.items, ...second.items], newest.items);
    await refusedWith(desk.ask('GET /desk/audit', { query: { cursor: first.next } }), 'screens.bad-cursor');
    const refusals = await desk.ask<AuditReply>('GET /desk/audit', {
      query: { ...query, outcome: 'refused' },
    });
    assert.deepEqual(
      refusals.items.map((row) => row.actor.name),
      ['Odd Itor'],
    );
    const byActor = await desk.ask<AuditReply>('GET /desk/audit', {
      query: { actor: desk.ada.id, action: 'read-report' },
    });
    assert.ok(byActor.items.length >= 5);
    assert.ok(byActor.items.every((row) => row.actor.id === desk.ada.id && row.action === 'read-report'));
    await assert.rejects(desk.ask('GET /desk/audit', { query: { actor: 'a\u0000' } }), {
      name: 'DefectList',
    });
  });
});

test('the status counts one environment, and what needs attention', async () => {
  await desk.clear();
  const count = async () =>
    await desk.ask<StatusReply>('GET /desk/status', { query: { environment: 'sandbox' } });
  const before = await count();
  const providerId = await aProvider(desk.db.kysely, { environment: 'sandbox' });
  const common = { providerId, environment: 'sandbox' } as const;
  const waiting = await desk.inLine({ ...common, filedAt: minutesLater(-30), files: [{}, {}] });
  const decided = await desk.inLine(common);
  await desk.act('decision', decided, { body: { kind: 'refer' } });
  await aFiledReport(desk.db.kysely, { ...common, state: 'open', files: [{}] });
  await aFiledReport(desk.db.kysely, { ...common, state: 'expired' });
  await desk.inLine();
  const after = await count();
  assert.ok(waiting);
  assert.equal(after.environment, 'sandbox');
  assert.equal(after.bureau, 'Test bureau');
  assert.equal(after.isDemonstration, true);
  assert.deepEqual(after.desk, {
    waiting: 1,
    taken: 0,
    decided: 1,
    oldestWaitingAt: minutesLater(-30).toISOString(),
  });
  assert.equal(after.reports.filed - before.reports.filed, 2);
  assert.equal(after.reports.open - before.reports.open, 1);
  assert.equal(after.reports.expired - before.reports.expired, 1);
  assert.equal(after.files.records - before.files.records, 3);
  assert.equal(after.files.seals - before.files.seals, 3);
  assert.equal(after.files.sizeBytes - before.files.sizeBytes, 3 * 1234);
});

test('what needs attention is listed, the oldest first, until it is resolved', async () => {
  const put = async (
    job: string,
    subject: string,
    minute: number,
    resolved: Date | null,
    retried: Date | null,
  ) => {
    await sql`insert into platform.attention (id, job, subject, reason, attempts, since, resolved_at, retried_at)
      values (gen_random_uuid(), ${job}, ${subject}, 'It broke.', 6, ${minutesLater(minute)}, ${resolved}, ${retried})`.execute(
      desk.db.kysely,
    );
  };
  await put('assess-report', '1000042', 2, null, noon);
  await put('verify-seal', 'ab'.repeat(32), 1, null, null);
  await put('assess-report', '1000043', 0, noon, null);
  const reply = await desk.ask<AttentionReply>('GET /desk/attention');
  assert.deepEqual(
    reply.items.map((item) => [item.job, item.subject, item.reportId, item.isRetrying, item.attempts]),
    [
      ['verify-seal', 'ab'.repeat(32), undefined, false, 6],
      ['assess-report', 'report:1000042', '1000042', true, 6],
    ],
  );
  const status = await desk.ask<StatusReply>('GET /desk/status');
  assert.equal(status.jobs.needAttention, 2);
});
