import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { sql } from 'kysely';
import { type Actor, type Answer, checked, type Route, type StaffActor } from '#access';
import { assessCodes, assessJobs, assessRoutes } from '#assess';
import { Refusal } from '#base/errors';
import type { DeskReply } from '#contract/desk';
import { aFiledReport, aStaffMember, type ReportOverrides } from '../build.ts';
import { type TestDatabase, testCtx, testDatabase } from '../harness/database.ts';

const noon = new Date('2026-11-24T12:00:00Z');
const minutesLater = (minutes: number) => new Date(noon.getTime() + minutes * 60_000);

let db: TestDatabase;
let ada: StaffActor;
let bo: StaffActor;
let lead: StaffActor;
/** Codes that some test saw; the last test compares them with the table. */
const seenCodes = new Set<string>();

before(async () => {
  db = await testDatabase();
  ada = await aStaffMember(db.kysely, { name: 'Ada Vale' });
  bo = await aStaffMember(db.kysely, { name: 'Bo Marsh' });
  lead = await aStaffMember(db.kysely, { name: 'Lee Dow', roles: ['supervisor'] });
});

async function assess(reportId: string, now = noon) {
  const job = assessJobs.find((one) => one.name === 'assess-report')!;
  const context = testCtx(db, { now });
  const result = await context.run((ctx) => job.run(ctx, reportId));
  return { result, events: context.events };
}

async function anAssessedReport(overrides: ReportOverrides = {}): Promise<string> {
  const { id } = await aFiledReport(db.kysely, overrides);
  await assess(id);
  return id;
}

const routes = new Map<string, Route>(assessRoutes.map((route) => [route.path.split('/').at(-1)!, route]));

/** Calls a route as the guard does: query and body checked by its schemas, one transaction. */
async function act(
  deed: 'take' | 'release' | 'decision' | 'undo' | 'reopen',
  actor: Actor,
  reportId: string,
  options: { now?: Date; body?: unknown } = {},
): Promise<{ reply: DeskReply; answer: Answer; events: string[] }> {
  const route = routes.get(deed)!;
  const params = checked(route.params!, { reportId }, 'params');
  const body = route.body === undefined ? undefined : checked(route.body, options.body, 'body');
  const context = testCtx(db, { actor, now: options.now ?? noon });
  const input = { params, query: {}, body, received: undefined, request: {} } as never;
  const answer = await context.run((ctx) => route.handle(ctx, input));
  const events = context.events.map((event) => `${event.name} ${event.subject}`);
  return { reply: answer.body as DeskReply, answer, events };
}

async function refused(work: Promise<unknown>, code: keyof typeof assessCodes): Promise<Refusal> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    assert.equal(error.code, code);
    assert.equal(error.status, assessCodes[code].status);
    seenCodes.add(code);
    return error;
  }
  throw new assert.AssertionError({ message: `was not refused with ${code}` });
}

async function decisionsOf(reportId: string) {
  const { rows } = await sql<{
    kind: string;
    reason: string | null;
    undone: Date | null;
    why: string | null;
  }>`
    select kind, reason, undone_at as undone, undone_why as why from assess.decision
    where report_id = ${reportId} order by decided_at`.execute(db.kysely);
  return rows;
}

describe('assessing', () => {
  test('puts a filed report into the line with its reasons, once', async () => {
    const { id } = await aFiledReport(db.kysely, { escalation: 'Meeting arranged for tonight (invented).' });
    const first = await assess(id);
    assert.deepEqual(first.result, { kind: 'done' });
    assert.deepEqual(first.events, [{ name: 'report.assessed', subject: id }]);
    const again = await assess(id, minutesLater(5));
    assert.equal(again.result.kind, 'skipped');
    assert.deepEqual(again.events, []);
    const { rows } = await sql<Record<string, unknown>>`
      select assessment.urgency, entry.urgency as line_urgency, urgency_reasons->0->>'code' as reason, rules_version,
        entry.state, entry.environment, entry.filed_at = report.filed_at as same_time, assessed_at
      from assess.assessment
      join assess.line_entry entry using (report_id)
      join intake.report report on report.id = report_id
      where report_id = ${id}`.execute(db.kysely);
    assert.deepEqual(rows, [
      {
        urgency: 1,
        line_urgency: 1,
        reason: 'escalated-by-service',
        rules_version: 'urgency-1 completeness-1',
        state: 'waiting',
        environment: 'production',
        same_time: true,
        assessed_at: noon,
      },
    ]);
  });

  test('finds the facts that help in what both doors send', async () => {
    const says = (name: string, value: unknown) => ({
      name: 'report',
      children: [{ name: 'x', children: [value] }],
    });
    const cases: readonly [string, ReportOverrides, string[]][] = [
      [
        'identifiers of the reported user',
        {
          parties: [
            {
              role: 'reported-user',
              identifiers: [
                { kind: 'email', value: 'someone@mail.example' },
                {
                  kind: 'ip',
                  value: '192.0.2.7',
                  attributes: { dateTime: '2026-11-01T00:00:00Z', port: '4433' },
                },
                { kind: 'provider-account', value: 'u-1' },
              ],
            },
          ],
        },
        ['account', 'email', 'ip', 'ip-time', 'ip-port'],
      ],
      [
        'an address of a file, from the JSON door',
        {
          files: [
            {
              isViewedByProvider: false,
              annotations: ['viral'],
              identifiers: [{ kind: 'ip', value: '192.0.2.8', attributes: { at: '2026-11-01T00:00:00Z' } }],
            },
          ],
        },
        ['ip', 'ip-time', 'file', 'file-viewed', 'file-labelled'],
      ],
      [
        'location',
        { sent: says('', { name: 'estimatedLocation', children: [{ name: 'countryCode', value: 'GB' }] }) },
        ['location'],
      ],
      ['context', { sent: says('', { name: 'additionalInfo', value: 'words\nin lines' }) }, ['context']],
      ['a blank field', { sent: says('', { name: 'additionalInfo', value: ' \n ' }) }, []],
      [
        'a field not held, with the reason why',
        {
          sent: says('', {
            name: 'detectedContent',
            children: [
              { name: 'notHeld', value: 'true' },
              { name: 'reason', value: 'no copy was kept' },
            ],
          }),
        },
        [],
      ],
      [
        'a field held',
        {
          sent: says('', { name: 'detectedContent', children: [{ name: 'value', value: 'neutral words' }] }),
        },
        ['context'],
      ],
      [
        'what the service says of itself',
        {
          sent: {
            name: 'report',
            children: [{ name: 'reporter', children: [{ name: 'notes', value: 'terms' }] }],
          },
        },
        [],
      ],
    ];
    for (const [what, overrides, codes] of cases) {
      const id = await anAssessedReport(overrides);
      const { rows } = await sql<{ codes: string[] }>`
        select coalesce(jsonb_path_query_array(present, '$[*].code'), '[]') as codes
        from assess.assessment where report_id = ${id}`.execute(db.kysely);
      assert.deepEqual(rows[0]?.codes, codes, what);
    }
  });

  test('a rule that changes its mind moves the report, and leaves what people did', async () => {
    const id = await anAssessedReport();
    await act('take', ada, id);
    await sql`update intake.report set declared_priority = 2 where id = ${id}`.execute(db.kysely);
    const again = await assess(id);
    assert.deepEqual(again.result, { kind: 'done' });
    const { rows } =
      await sql`select urgency, state, taken_by from assess.line_entry where report_id = ${id}`.execute(
        db.kysely,
      );
    assert.deepEqual(rows, [{ urgency: 2, state: 'taken', taken_by: ada.id }]);
  });

  test('skips what is not filed and fails for what is no report', async () => {
    const open = await aFiledReport(db.kysely, { state: 'open' });
    assert.equal((await assess(open.id)).result.kind, 'skipped');
    assert.equal((await assess('999999999')).result.kind, 'skipped');
    assert.equal((await assess('nonsense')).result.kind, 'failed');
    await refused(act('take', ada, open.id), 'assess.unknown-report');
  });

  test('two assessments at once leave one row and one event', async () => {
    const { id } = await aFiledReport(db.kysely);
    const both = await Promise.all([assess(id), assess(id)]);
    assert.equal(both.flatMap((one) => one.events).length, 1);
  });
});

describe('taking', () => {
  test('takes a waiting report; taking it again changes nothing', async () => {
    const id = await anAssessedReport();
    const first = await act('take', ada, id);
    assert.deepEqual(first.reply, {
      reportId: id,
      state: 'taken',
      takenBy: { id: ada.id, name: 'Ada Vale' },
    });
    assert.deepEqual(first.events, [`report.taken ${id}`]);
    assert.equal(first.answer.subject, `report:${id}`);
    const again = await act('take', ada, id);
    assert.equal(again.reply.state, 'taken');
    assert.deepEqual(again.events, []);
  });

  test('of two officers at once one wins, and the other is told who', async () => {
    for (let round = 0; round < 10; round += 1) {
      const id = await anAssessedReport();
      const results = await Promise.allSettled([act('take', ada, id), act('take', bo, id)]);
      const won = results.filter((one) => one.status === 'fulfilled');
      const lost = results.filter((one) => one.status === 'rejected');
      assert.equal(won.length, 1);
      const refusal = await refused(Promise.reject(lost[0]?.reason), 'assess.taken-by-another');
      assert.equal(refusal.details['takenBy'], won[0]?.value.reply.takenBy?.name);
      assert.equal(refusal.details['subject'], `report:${id}`);
    }
  });

  test('is refused for a decided report', async () => {
    const id = await anAssessedReport();
    await act('decision', ada, id, { body: { kind: 'refer' } });
    const refusal = await refused(act('take', bo, id), 'assess.already-decided');
    assert.equal(refusal.details['decidedBy'], 'Ada Vale');
  });

  test('needs a report, and a person', async () => {
    await refused(act('take', ada, '4711'), 'assess.unknown-report');
    await refused(act('take', ada, 'abc'), 'assess.unknown-report');
    const machine: Actor = { kind: 'system', id: 'machine', name: 'administrator of this machine' };
    await refused(act('take', machine, await anAssessedReport()), 'assess.named-person-needed');
  });
});

describe('releasing', () => {
  test('puts the report back into the line', async () => {
    const id = await anAssessedReport();
    await act('take', ada, id);
    const released = await act('release', ada, id);
    assert.deepEqual(released.reply, { reportId: id, state: 'waiting' });
    assert.deepEqual(released.events, [`report.released ${id}`]);
    assert.equal((await act('take', bo, id)).reply.takenBy?.name, 'Bo Marsh');
  });

  test('is for whoever took it or a supervisor', async () => {
    const id = await anAssessedReport();
    await refused(act('release', ada, id), 'assess.not-taken');
    await act('take', ada, id);
    await refused(act('release', bo, id), 'assess.taken-by-another');
    assert.equal((await act('release', lead, id)).reply.state, 'waiting');
  });

  test('is refused once decided', async () => {
    const id = await anAssessedReport();
    await act('decision', ada, id, { body: { kind: 'refer' } });
    await refused(act('release', ada, id), 'assess.already-decided');
  });
});

describe('deciding', () => {
  test('takes a waiting report in the same act', async () => {
    const id = await anAssessedReport();
    const { reply, events, answer } = await act('decision', ada, id, { body: { kind: 'refer' } });
    assert.deepEqual(reply, {
      reportId: id,
      state: 'decided',
      takenBy: { id: ada.id, name: 'Ada Vale' },
      decision: 'refer',
      undoUntil: '2026-11-24T12:15:00.000Z',
    });
    assert.deepEqual(events, [`report.decided ${id}`]);
    assert.deepEqual(answer.details, { kind: 'refer' });
  });

  test('is for whoever took it', async () => {
    const id = await anAssessedReport();
    await act('take', ada, id);
    const refusal = await refused(
      act('decision', bo, id, { body: { kind: 'refer' } }),
      'assess.taken-by-another',
    );
    assert.equal(refusal.details['takenBy'], 'Ada Vale');
    await act('decision', ada, id, { body: { kind: 'refer' } });
    await refused(act('decision', bo, id, { body: { kind: 'refer' } }), 'assess.already-decided');
  });

  test('needs a reason for everything but a referral', async () => {
    const id = await anAssessedReport();
    for (const kind of ['informational', 'needs-information', 'not-a-matter']) {
      await refused(act('decision', ada, id, { body: { kind } }), 'assess.reason-needed');
      await refused(act('decision', ada, id, { body: { kind, reason: '    ' } }), 'assess.reason-needed');
    }
    const body = { kind: 'informational', reason: 'no-location-derivable' };
    assert.equal((await act('decision', ada, id, { body })).reply.decision, 'informational');
    assert.deepEqual(await decisionsOf(id), [
      { kind: 'informational', reason: 'no-location-derivable', undone: null, why: null },
    ]);
  });

  test('the same decision sent twice by the same person counts once', async () => {
    const id = await anAssessedReport();
    const body = { kind: 'not-a-matter', reason: 'sent by mistake' };
    await act('decision', ada, id, { body });
    const again = await act('decision', ada, id, { body, now: minutesLater(1) });
    assert.deepEqual(again.events, []);
    assert.equal((await decisionsOf(id)).length, 1);
    await refused(act('decision', ada, id, { body: { kind: 'refer' } }), 'assess.already-decided');
  });

  test('two people at once leave one decision', async () => {
    const id = await anAssessedReport();
    const body = { kind: 'refer' };
    const results = await Promise.allSettled([
      act('decision', ada, id, { body }),
      act('decision', bo, id, { body }),
    ]);
    assert.equal(results.filter((one) => one.status === 'fulfilled').length, 1);
    assert.equal((await decisionsOf(id)).length, 1);
  });

  test('a reason with a NUL, or of three thousand letters, is refused by the schema', async () => {
    const id = await anAssessedReport();
    for (const reason of ['a\u0000bc', 'x'.repeat(3_000), 'x']) {
      await assert.rejects(act('decision', ada, id, { body: { kind: 'refer', reason } }), {
        name: 'DefectList',
      });
    }
  });
});

describe('undoing', () => {
  test('takes the own decision back to taken for fifteen minutes, and keeps its row', async () => {
    const id = await anAssessedReport();
    await act('decision', ada, id, { body: { kind: 'refer' } });
    const undone = await act('undo', ada, id, { now: minutesLater(15) });
    assert.equal(undone.reply.state, 'taken');
    assert.equal(undone.reply.takenBy?.name, 'Ada Vale');
    assert.deepEqual(undone.events, [`report.decision-undone ${id}`]);
    assert.deepEqual(await decisionsOf(id), [
      { kind: 'refer', reason: null, undone: minutesLater(15), why: null },
    ]);
    const body = { kind: 'needs-information', reason: 'which account?' };
    await act('decision', ada, id, { body, now: minutesLater(16) });
    assert.equal((await decisionsOf(id)).length, 2);
  });

  test('is refused a millisecond later', async () => {
    const id = await anAssessedReport();
    await act('decision', ada, id, { body: { kind: 'refer' } });
    const late = new Date(minutesLater(15).getTime() + 1);
    const refusal = await refused(act('undo', ada, id, { now: late }), 'assess.undo-too-late');
    assert.equal(refusal.details['undoUntil'], '2026-11-24T12:15:00.000Z');
  });

  test('is refused for somebody else’s decision', async () => {
    const id = await anAssessedReport();
    await act('decision', ada, id, { body: { kind: 'refer' } });
    const refusal = await refused(act('undo', lead, id), 'assess.decided-by-another');
    assert.equal(refusal.details['decidedBy'], 'Ada Vale');
  });

  test('of a take is a release, for whoever took it', async () => {
    const id = await anAssessedReport();
    await refused(act('undo', ada, id), 'assess.not-taken');
    await act('take', ada, id);
    await refused(act('undo', lead, id), 'assess.taken-by-another');
    const undone = await act('undo', ada, id, { now: minutesLater(600) });
    assert.equal(undone.reply.state, 'waiting');
    assert.deepEqual(undone.events, [`report.released ${id}`]);
  });
});

describe('reopening', () => {
  test('puts a decided report back into the line and marks the decision with the reason', async () => {
    const id = await anAssessedReport();
    await act('decision', ada, id, { body: { kind: 'not-a-matter', reason: 'looked like spam' } });
    const body = { reason: 'a second report names the same account' };
    const reopened = await act('reopen', bo, id, { body, now: minutesLater(60) });
    assert.deepEqual(reopened.reply, { reportId: id, state: 'waiting' });
    assert.deepEqual(reopened.events, [`report.reopened ${id}`]);
    assert.deepEqual(await decisionsOf(id), [
      { kind: 'not-a-matter', reason: 'looked like spam', undone: minutesLater(60), why: body.reason },
    ]);
    assert.equal((await act('take', bo, id)).reply.takenBy?.name, 'Bo Marsh');
  });

  test('needs a decision and a reason', async () => {
    const id = await anAssessedReport();
    await refused(act('reopen', ada, id, { body: { reason: 'because' } }), 'assess.not-decided');
    await act('decision', ada, id, { body: { kind: 'refer' } });
    await refused(act('reopen', ada, id, { body: { reason: '     ' } }), 'assess.reason-needed');
    await assert.rejects(act('reopen', ada, id, { body: {} }), { name: 'DefectList' });
  });
});

test('every change tells the live screens, in its own commit', async () => {
  const client = await db.pool.connect();
  const heard: string[] = [];
  try {
    client.on('notification', (message) => heard.push(message.channel));
    await client.query('listen firstlight_line');
    const id = await anAssessedReport();
    await act('take', ada, id);
    await act('release', ada, id);
    await act('decision', ada, id, { body: { kind: 'refer' } });
    await act('undo', ada, id);
    await act('decision', ada, id, { body: { kind: 'refer' } });
    await act('reopen', ada, id, { body: { reason: 'because' } });
    await client.query('select 1');
    assert.deepEqual(
      heard,
      Array.from({ length: 7 }, () => 'firstlight_line'),
    );
    await client.query('unlisten firstlight_line');
  } finally {
    client.release();
  }
});

test('every refusal code of the stage was met above', () => {
  assert.deepEqual([...seenCodes].sort(), Object.keys(assessCodes).sort());
});
