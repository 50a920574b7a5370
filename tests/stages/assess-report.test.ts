import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { sql } from 'kysely';
import { aFiledReport, type ReportOverrides } from '../build.ts';
import { type Desk, minutesLater, noon, openDesk } from './desk-build.ts';

let desk: Desk;

before(async () => {
  desk = await openDesk();
});

const says = (value: unknown) => ({
  name: 'report',
  children: [{ name: 'x', children: [value] }],
});

/** What was sent, and which useful facts the rules find in it. */
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
    'an address of a file',
    {
      files: [
        {
          isViewedByProvider: false,
          annotations: ['viral'],
          identifiers: [{ kind: 'ip', value: '192.0.2.8', attributes: { dateTime: '2026-11-01T00:00:00Z' } }],
        },
      ],
    },
    ['ip', 'ip-time', 'file', 'file-viewed', 'file-labelled'],
  ],
  [
    'location',
    { sent: says({ name: 'estimatedLocation', children: [{ name: 'countryCode', value: 'GB' }] }) },
    ['location'],
  ],
  ['context', { sent: says({ name: 'additionalInfo', value: 'words\nin lines' }) }, ['context']],
  ['a blank field', { sent: says({ name: 'additionalInfo', value: ' \n ' }) }, []],
  [
    'a field not held, with the reason why',
    {
      sent: says({
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
      sent: says({ name: 'detectedContent', children: [{ name: 'value', value: 'neutral words' }] }),
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

describe('assessing', () => {
  test('puts a filed report into the line with its reasons, once', async () => {
    const { id } = await aFiledReport(desk.db.kysely, {
      escalation: 'Meeting arranged for tonight (invented).',
    });
    const first = await desk.assess(id);
    assert.deepEqual(first.result, { kind: 'done' });
    assert.deepEqual(first.events, [{ name: 'report.assessed', subject: id }]);
    const again = await desk.assess(id, minutesLater(5));
    assert.equal(again.result.kind, 'skipped');
    assert.deepEqual(again.events, []);
    const { rows } = await sql<Record<string, unknown>>`
      select assessment.urgency, entry.urgency as line_urgency, urgency_reasons->0->>'code' as reason, rules_version,
        entry.state, entry.environment, entry.filed_at = report.filed_at as same_time, assessed_at
      from assess.assessment
      join assess.line_entry entry using (report_id)
      join intake.report report on report.id = report_id
      where report_id = ${id}`.execute(desk.db.kysely);
    assert.deepEqual(rows, [
      {
        urgency: 1,
        line_urgency: 1,
        reason: 'escalated-by-service',
        rules_version: 'urgency-2 phrases-1 completeness-1',
        state: 'waiting',
        environment: 'production',
        same_time: true,
        assessed_at: noon,
      },
    ]);
  });

  test('finds the facts that help in what both doors send', async () => {
    for (const [what, overrides, codes] of cases) {
      const id = await desk.inLine(overrides);
      const { rows } = await sql<{ codes: string[] }>`
        select coalesce(jsonb_path_query_array(present, '$[*].code'), '[]') as codes
        from assess.assessment where report_id = ${id}`.execute(desk.db.kysely);
      assert.deepEqual(rows[0]?.codes, codes, what);
    }
  });

  test('a rule that changes its mind moves the report, and leaves what people did', async () => {
    const id = await desk.inLine();
    await desk.act('take', id);
    await sql`update intake.report set declared_priority = 2 where id = ${id}`.execute(desk.db.kysely);
    const again = await desk.assess(id);
    assert.deepEqual(again.result, { kind: 'done' });
    const { rows } =
      await sql`select urgency, state, taken_by from assess.line_entry where report_id = ${id}`.execute(
        desk.db.kysely,
      );
    assert.deepEqual(rows, [{ urgency: 2, state: 'taken', taken_by: desk.ada.id }]);
  });

  test('skips what is not filed and fails for what is no report', async () => {
    const open = await aFiledReport(desk.db.kysely, { state: 'open' });
    assert.equal((await desk.assess(open.id)).result.kind, 'skipped');
    assert.equal((await desk.assess('999999999')).result.kind, 'skipped');
    assert.equal((await desk.assess('nonsense')).result.kind, 'failed');
    await assert.rejects(desk.act('take', open.id), { code: 'assess.unknown-report' });
  });

  test('two assessments at once leave one row and one event', async () => {
    const { id } = await aFiledReport(desk.db.kysely);
    const both = await Promise.all([desk.assess(id), desk.assess(id)]);
    assert.equal(both.flatMap((one) => one.events).length, 1);
  });
});
