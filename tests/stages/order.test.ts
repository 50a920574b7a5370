import assert from 'node:assert/strict';
import { before, beforeEach, describe, test } from 'node:test';
import { sql } from 'kysely';
import type { StaffActor } from '#access';
import { assessJobs } from '#assess';
import { Refusal } from '#base/errors';
import type { Brief } from '#contract/desk';
import type { NextReply, OrderFiguresReply, OrderReply } from '#contract/order';
import { aStaffMember } from '../build.ts';
import { testCtx } from '../harness/database.ts';
import { type Desk, minutesLater, noon, openDesk } from './desk-build.ts';

let desk: Desk;
let ada: StaffActor;
let lead: StaffActor;

before(async () => {
  desk = await openDesk();
  ada = desk.ada;
  lead = await aStaffMember(desk.db.kysely, { name: 'Lee Dow', roles: ['supervisor'] });
});

beforeEach(async () => {
  await desk.clear();
  await sql`alter sequence assess.look_number_production restart`.execute(desk.db.kysely);
  await sql`update assess.look_order set bar = null, waiting_share = 0.15, lease_minutes = 45`.execute(
    desk.db.kysely,
  );
});

const enticement = 'Online Enticement of Children for Sexual Acts';
const at = (hoursAgo: number) => new Date(noon.getTime() - hoursAgo * 3_600_000);
async function next(actor: StaffActor = ada, now: Date = noon) {
  const { report } = await desk.ask<NextReply>('POST /desk/next', { actor, now, body: {} });
  return report;
}

async function runJob(name: string, now: Date): Promise<readonly string[]> {
  const job = assessJobs.find((one) => one.name === name) ?? assert.fail(`no job ${name}`);
  const context = testCtx(desk.db, { now });
  await context.run((ctx) => job.run(ctx, 'clock'));
  return context.events.map((event) => `${event.name} ${event.subject}`);
}

async function refusedAs(work: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(work, (error) => error instanceof Refusal && error.code === code);
}

async function lineOf(reportId: string) {
  return await desk.db.kysely
    .selectFrom('assess.line_entry')
    .selectAll()
    .where('report_id', '=', reportId)
    .executeTakeFirstOrThrow();
}

describe('next', () => {
  test('opens by class, then by score inside the class, then by age; within a day', async () => {
    const old = await desk.inLine({ filedAt: at(30), incidentType: enticement });
    const routine = await desk.inLine({ filedAt: at(5) });
    const score = await desk.inLine({ filedAt: at(1), incidentType: enticement });
    const urgent2 = await desk.inLine({ filedAt: at(40), declaredPriority: 2 });
    const urgent1 = await desk.inLine({ filedAt: at(2), escalation: 'words' });
    const order: (string | undefined)[] = [];
    for (let turn = 0; turn < 6; turn += 1) order.push((await next())?.reportId);
    assert.deepEqual(order, [urgent1, urgent2, score, routine, old, undefined]);
  });

  test('says why, leases, and keeps the look with its sentence', async () => {
    const id = await desk.inLine({ filedAt: at(1), annotations: ['sextortion'] });
    const { body, subject, why, details, events } = await desk.answerOf('POST /desk/next', { body: {} });
    const report = (body as NextReply).report ?? assert.fail('nothing was next');
    assert.equal(subject, `report:${id}`);
    assert.equal(why, `decision on report:${id}`);
    assert.deepEqual(details, { lane: 'by-urgency', number: 1, urgency: 2 });
    assert.deepEqual(events, [`report.taken ${id}`]);
    assert.equal(
      report.sentence,
      'First by urgency: Urgent 2. The service marked the report as sextortion; whether it goes on is not said.',
    );
    assert.equal(report.leaseEndsAt, minutesLater(45).toISOString());
    const entry = await lineOf(id);
    assert.equal(entry.taken_by, ada.id);
    const brief = await desk.ask<Brief>('GET /desk/reports/:reportId', { params: { reportId: id } });
    assert.deepEqual(brief.look, {
      lane: 'by-urgency',
      sentence: report.sentence,
      by: { id: ada.id, name: ada.name },
      at: noon.toISOString(),
    });
    assert.equal(brief.leaseEndsAt, report.leaseEndsAt);
  });

  test('gives the share to those who waited longest, whatever the rules say', async () => {
    for (let n = 0; n < 17; n += 1) await desk.inLine({ filedAt: at(1), escalation: 'words' });
    const old = await Promise.all(
      [400, 300, 200].map(async (hours) => await desk.inLine({ filedAt: at(hours) })),
    );
    const officers = await Promise.all(
      Array.from({ length: 3 }, async () => await aStaffMember(desk.db.kysely)),
    );
    const lanes: string[] = [];
    const waited: string[] = [];
    for (let turn = 0; turn < 20; turn += 1) {
      const report = (await next(officers[turn % 3])) ?? assert.fail('nothing was next');
      lanes.push(report.lane);
      if (report.lane !== 'by-urgency') waited.push(report.reportId);
    }
    assert.equal(lanes.filter((lane) => lane === 'by-waiting').length, 3);
    assert.deepEqual(waited, old);
  });

  test('gives urgency’s look away where nothing of the day is above the bar', async () => {
    const old = await desk.inLine({ filedAt: at(100) });
    const fresh = await desk.inLine({ filedAt: at(1), incidentType: enticement });
    await sql`update assess.look_order set bar = 0.5`.execute(desk.db.kysely);
    const report = await next();
    assert.equal(report?.reportId, old);
    assert.equal(report?.lane, 'by-waiting');
    assert.match(
      report?.sentence ?? '',
      /^Nothing that came within a day is above the bar .* 4 days\. Routine\.$/,
    );
    await sql`update assess.look_order set bar = 0.05`.execute(desk.db.kysely);
    assert.equal((await next())?.reportId, fresh);
  });

  test('gives one of the looks for waiting to data about to be deleted', async () => {
    await sql`select setval('assess.look_number_production', 26)`.execute(desk.db.kysely);
    const used = new Date(noon.getTime() - 87 * 24 * 3_600_000).toISOString();
    await desk.inLine({ filedAt: at(900) });
    const expiring = await desk.inLine({
      filedAt: at(800),
      parties: [
        {
          role: 'reported-user',
          identifiers: [{ kind: 'ip', value: '192.0.2.7', attributes: { dateTime: used } }],
        },
      ],
    });
    const report = await next();
    assert.equal(report?.number, 27);
    assert.equal(report?.lane, 'by-deadline');
    assert.equal(report?.reportId, expiring);
    assert.match(report?.sentence ?? '', /expected to be gone in 3 days/);
  });

  test('never gives two officers the same, however many ask at once', async () => {
    const ids = new Set<string>();
    for (let n = 0; n < 60; n += 1) {
      const urgent = n % 3 === 0 ? { escalation: 'words' } : {};
      ids.add(await desk.inLine({ filedAt: at(n), ...urgent }));
    }
    const officers = await Promise.all(
      Array.from({ length: 60 }, async () => await aStaffMember(desk.db.kysely)),
    );
    const given = (await Promise.all(officers.map(async (officer) => await next(officer)))).map(
      (report) => report?.reportId,
    );
    assert.deepEqual(new Set(given), ids);
  });

  test('keeps environments apart, and says so when nothing waits', async () => {
    const practice = await desk.inLine({ environment: 'sandbox' });
    assert.equal(await next(), undefined);
    const { report } = await desk.ask<NextReply>('POST /desk/next', { body: { environment: 'sandbox' } });
    assert.equal(report?.reportId, practice);
  });

  test('is refused to whoever holds ten, and to a machine', async () => {
    for (let n = 0; n < 11; n += 1) await desk.inLine();
    for (let n = 0; n < 10; n += 1) await next();
    await refusedAs(next(), 'assess.too-many-taken');
    const machine = { kind: 'system', id: 'machine', name: 'administrator of this machine' } as const;
    await refusedAs(
      desk.answerOf('POST /desk/next', { actor: machine, body: {} }),
      'assess.named-person-needed',
    );
  });
});

describe('a lease', () => {
  test('ends by itself when its officer is not heard of, and what was urgent is next again', async () => {
    const id = await desk.inLine({ escalation: 'words' });
    await next();
    assert.deepEqual(await runJob('free-leases', minutesLater(44)), []);
    assert.deepEqual(await runJob('free-leases', minutesLater(45)), [`report.released ${id}`]);
    assert.equal((await lineOf(id)).state, 'waiting');
    assert.equal((await next(lead, minutesLater(46)))?.reportId, id);
  });

  test('is prolonged by taking again, and gone once decided', async () => {
    const id = await desk.inLine();
    await next();
    await desk.act('take', id, { now: minutesLater(40) });
    assert.deepEqual(await runJob('free-leases', minutesLater(84)), []);
    await desk.act('decision', id, { body: { kind: 'refer' }, now: minutesLater(84) });
    assert.deepEqual(await runJob('free-leases', minutesLater(1000)), []);
    assert.equal((await lineOf(id)).state, 'decided');
  });
});

describe('correcting the urgency', () => {
  const correct = async (reportId: string, urgency: number, reason = 'reads as urgent') =>
    await desk.answerOf('POST /desk/reports/:reportId/urgency', {
      params: { reportId },
      body: { urgency, reason },
    });

  test('moves the report, is shown with its reason, and no later look of the rules moves it back', async () => {
    const id = await desk.inLine({ filedAt: at(1) });
    const { details, events } = await correct(id, 1);
    assert.deepEqual(details, { urgency: 1, rulesUrgency: 4 });
    assert.deepEqual(events, [`report.urgency-corrected ${id}`]);
    await sql`update assess.assessment set score = 0.5 where report_id = ${id}`.execute(desk.db.kysely);
    await desk.assess(id, minutesLater(5));
    assert.equal((await lineOf(id)).urgency, 1);
    const brief = await desk.ask<Brief>('GET /desk/reports/:reportId', { params: { reportId: id } });
    assert.equal(brief.urgency, 1);
    assert.equal(brief.rulesUrgency, 4);
    assert.deepEqual(brief.corrections, [
      {
        urgency: 1,
        rulesUrgency: 4,
        reason: 'reads as urgent',
        by: { id: ada.id, name: ada.name },
        at: noon.toISOString(),
      },
    ]);
    assert.match((await next())?.sentence ?? '', /^First by urgency: Urgent 1, set by a person\./);
  });

  test('counts once when sent twice, and is refused without a reason or when decided', async () => {
    const id = await desk.inLine();
    await correct(id, 2);
    await correct(id, 2);
    const { rows } = await sql`select from assess.urgency_correction where report_id = ${id}`.execute(
      desk.db.kysely,
    );
    assert.equal(rows.length, 1);
    await refusedAs(correct(id, 2, '   '), 'assess.reason-needed');
    await refusedAs(correct('4711', 2), 'assess.unknown-report');
    await desk.act('decision', id, { body: { kind: 'refer' } });
    await refusedAs(correct(id, 3), 'assess.already-decided');
  });

  test('is counted against the looks, by what it changed', async () => {
    const [id, other] = [await desk.inLine({ filedAt: at(1) }), await desk.inLine({ filedAt: at(3) })];
    await next();
    await next();
    await correct(id, 2);
    await correct(other, 3);
    await correct(other, 4);
    const figures = await desk.ask<OrderFiguresReply>('GET /desk/order/figures', { now: minutesLater(60) });
    assert.deepEqual(figures.corrections, {
      reports: 1,
      ofLooks: 2,
      rate: 0.5,
      byChange: [{ from: 4, to: 2, count: 1 }],
    });
    assert.deepEqual(figures.looks, { byUrgency: 2, byDeadline: 0, byWaiting: 0, chosen: 0 });
    assert.deepEqual(
      figures.classes.map(({ urgency, arrivals, seen, worstMinutes }) => [
        urgency,
        arrivals,
        seen,
        worstMinutes,
      ]),
      [
        [1, 0, 0, undefined],
        [2, 1, 1, 60],
        [3, 0, 0, undefined],
        [4, 1, 1, 180],
      ],
    );
  });
});

describe('the blind sample', () => {
  /** Puts this report into the sample and takes out what a lot has drawn meanwhile. */
  const draw = async (reportId: string, urgency = 4) => {
    await sql`delete from assess.blind_sample where found_at is null`.execute(desk.db.kysely);
    await sql`
      insert into assess.blind_sample (report_id, environment, drawn_at, urgency, rules_version)
      values (${reportId}, 'production', ${noon}, ${urgency}, 'urgency-2')`.execute(desk.db.kysely);
  };
  const answer = async (reportId: string, urgency: number) =>
    await desk.ask('POST /desk/reports/:reportId/blind', {
      params: { reportId },
      body: { urgency, reason: 'read without the rules' },
    });

  test('shows its reader nothing of the rules until they have answered, then moves what they found', async () => {
    const id = await desk.inLine({ filedAt: at(1) });
    await draw(id);
    await refusedAs(answer(id, 2), 'assess.not-in-sample');
    assert.deepEqual(await desk.ask('POST /desk/blind', { body: {} }), { reportId: id });
    assert.deepEqual(await desk.ask('POST /desk/blind', { body: {} }), { reportId: id });
    assert.deepEqual(await desk.ask('POST /desk/blind', { actor: lead, body: {} }), {});
    const briefOf = async (actor: StaffActor) =>
      await desk.ask<Brief>('GET /desk/reports/:reportId', {
        actor,
        params: { reportId: id },
        query: { why: 'reading along' },
      });
    const blind = await briefOf(ada);
    assert.deepEqual(
      [blind.isBlind, blind.urgency, blind.rulesUrgency, blind.urgencyReasons],
      [true, undefined, undefined, []],
    );
    assert.equal((await briefOf(lead)).rulesUrgency, 4);
    assert.deepEqual(await answer(id, 2), { reportId: id, urgency: 2, rulesUrgency: 4 });
    await refusedAs(answer(id, 2), 'assess.not-in-sample');
    const open = await briefOf(ada);
    assert.deepEqual([open.isBlind, open.urgency, open.rulesUrgency], [undefined, 2, 4]);
  });

  test('gives the rate of what is missed in the lowest class, with its interval', async () => {
    for (const [rules, found] of [
      [4, 4],
      [4, 1],
      [3, 1],
      [4, 4],
      [4, 4],
    ] as const) {
      const id = await desk.inLine({ filedAt: at(1) });
      await draw(id, rules);
      await desk.ask('POST /desk/blind', { body: {} });
      await answer(id, found);
    }
    const { blind } = await desk.ask<OrderFiguresReply>('GET /desk/order/figures', { now: minutesLater(1) });
    assert.deepEqual([blind.waiting, blind.read, blind.missed, blind.rate], [0, 4, 1, 0.25]);
    assert.ok(blind.from > 0.04 && blind.from < 0.05 && blind.to > 0.69 && blind.to < 0.71);
  });
});

describe('the settings', () => {
  test('are a supervisor’s, with a reason, and the share is never 0', async () => {
    assert.equal(desk.route('PUT /desk/order').permission, 'order:set');
    const set = async (waitingShare: number) =>
      await desk.ask<OrderReply>('PUT /desk/order', {
        actor: lead,
        body: { waitingShare, leaseMinutes: 30, reason: 'more of the old ones' },
      });
    const reply = await set(0.2);
    assert.equal(reply.waitingShare, 0.2);
    assert.deepEqual(reply.setBy, { id: lead.id, name: 'Lee Dow' });
    assert.equal(reply.rulesVersion, 'urgency-2 phrases-1');
    await assert.rejects(set(0));
    await desk.inLine();
    assert.equal((await next())?.leaseEndsAt, minutesLater(30).toISOString());
  });

  test('the bar is set from a week of arrivals and looks, and there is none in the first day', async () => {
    for (let n = 0; n < 20; n += 1) await desk.inLine({ filedAt: at(2), incidentType: enticement });
    for (let n = 0; n < 20; n += 1) await desk.inLine({ filedAt: at(2) });
    await next();
    await runJob('set-bar', minutesLater(60));
    const order = async () => await desk.ask<OrderReply>('GET /desk/order');
    assert.equal((await order()).bar, undefined);
    await sql`update assess.line_entry set filed_at = ${minutesLater(600)}`.execute(desk.db.kysely);
    await runJob('set-bar', minutesLater(25 * 60));
    const none = await order();
    assert.deepEqual([none.arrivals, none.looks, none.bar], [40, 1, undefined]);
    const officers = await Promise.all([1, 2].map(async () => await aStaffMember(desk.db.kysely)));
    for (let n = 0; n < 14; n += 1) await next(officers[n % 2], minutesLater(700));
    await runJob('set-bar', minutesLater(26 * 60));
    const bar = (await order()).bar ?? assert.fail('there is no bar');
    const { rank } = await desk.db.kysely
      .selectFrom('assess.line_entry')
      .select('rank')
      .orderBy('rank', 'desc')
      .executeTakeFirstOrThrow();
    assert.equal(bar, rank);
  });
});
