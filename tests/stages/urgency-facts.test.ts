import assert from 'node:assert/strict';
import { before, beforeEach, describe, test } from 'node:test';
import { assessJobs } from '#assess';
import type { Brief } from '#contract/desk';
import { aFiledReport, type ReportOverrides } from '../build.ts';
import { testCtx } from '../harness/database.ts';
import { type Desk, minutesLater, noon, openDesk } from './desk-build.ts';

/** What the rules of urgency see in a filed report, and what they must not see. */
let desk: Desk;

before(async () => {
  desk = await openDesk();
});

beforeEach(async () => await desk.clear());

const enticement = 'Online Enticement of Children for Sexual Acts';
const at = (hoursAgo: number) => new Date(noon.getTime() - hoursAgo * 3_600_000);
const says = (text: string) => ({
  name: 'report',
  children: [{ name: 'additionalInfo', value: text }],
});

async function runJob(name: string, now: Date): Promise<readonly string[]> {
  const job = assessJobs.find((one) => one.name === name) ?? assert.fail(`no job ${name}`);
  const context = testCtx(desk.db, { now });
  await context.run((ctx) => job.run(ctx, 'clock'));
  return context.events.map((event) => `${event.name} ${event.subject}`);
}

async function lineOf(reportId: string) {
  return await desk.db.kysely
    .selectFrom('assess.line_entry')
    .selectAll()
    .where('report_id', '=', reportId)
    .executeTakeFirstOrThrow();
}

describe('facts', () => {
  const strangers: readonly (readonly [string, ReportOverrides])[] = [
    ['plain', person('Anna Muster', 'Berlin', 'DE', 'en', 'PhoneModel-1')],
    ['another origin of names', person('Adaeze Beispiel', 'Berlin', 'DE', 'en', 'PhoneModel-1')],
    ['another nationality', person('Anna Muster', 'Berlin', 'NG', 'en', 'PhoneModel-1')],
    ['another place', person('Anna Muster', 'Hintertupfing', 'DE', 'en', 'PhoneModel-1')],
    ['another language of the screen', person('Anna Muster', 'Berlin', 'DE', 'tr', 'PhoneModel-1')],
    ['a dearer device', person('Anna Muster', 'Berlin', 'DE', 'en', 'PhoneModel-Pro-Max')],
  ];

  function person(
    name: string,
    city: string,
    country: string,
    language: string,
    model: string,
  ): ReportOverrides {
    return {
      filedAt: at(1),
      incidentType: enticement,
      parties: [
        {
          role: 'reported-user',
          identifiers: [
            { kind: 'name', value: name },
            { kind: 'address', value: city, attributes: { city, country } },
            { kind: 'ip', value: '192.0.2.9', attributes: { dateTime: '2026-11-20T00:00:00Z' } },
          ],
        },
        { role: 'victim', identifiers: [{ kind: 'screen-name', value: name }] },
      ],
      sent: {
        name: 'report',
        children: [
          {
            name: 'personOrUserReported',
            children: [
              { name: 'name', value: name },
              {
                name: 'estimatedLocation',
                children: [
                  { name: 'city', value: city },
                  { name: 'countryCode', value: country },
                ],
              },
              { name: 'language', value: language },
              { name: 'deviceId', children: [{ name: 'idType', value: model }] },
              {
                name: 'additionalInfo',
                value: `${name} of ${city} (${country}) uses ${model} in ${language}.`,
              },
            ],
          },
        ],
      },
    };
  }

  test('about who somebody is, where, in which language and with what device do not move the rank', async () => {
    const ranks: [string, number][] = [];
    for (const [name, report] of strangers)
      ranks.push([name, (await lineOf(await desk.inLine(report))).rank]);
    const first = ranks[0]?.[1] ?? assert.fail('no rank');
    assert.ok(first > 1, 'the report should have a reason, or there is nothing to compare');
    for (const [name, rank] of ranks) assert.equal(rank, first, name);
  });

  test('the same identifier in an earlier report counts, exactly, and of another service more', async () => {
    const user = (value: string) => ({
      filedAt: at(1),
      parties: [{ role: 'reported-user', identifiers: [{ kind: 'email', value }] }],
    });
    const codesOf = async (id: string) => {
      const brief = await desk.ask<Brief>('GET /desk/reports/:reportId', { params: { reportId: id } });
      return brief.urgencyReasons.map(({ code }) => code);
    };
    const first = await aFiledReport(desk.db.kysely, { ...user('Someone@Mail.example'), filedAt: at(3) });
    const known = await desk.inLine(user('someone@mail.example'));
    assert.deepEqual(await codesOf(known), ['repeat-subject-other-service', 'repeat-subject']);
    const alike = await desk.inLine(user('someone1@mail.example'));
    assert.deepEqual(await codesOf(alike), ['nothing-found']);
    const own = await desk.inLine({
      ...user('someone@mail.example'),
      filedAt: at(2),
      providerId: first.providerId,
    });
    assert.deepEqual(await codesOf(own), ['repeat-subject']);
    const again = await desk.inLine({
      ...user('someone@mail.example'),
      filedAt: at(2.5),
      providerId: first.providerId,
      duplicateOf: first.id,
    });
    assert.deepEqual(await codesOf(again), ['nothing-found']);
  });

  test('text is quoted to whoever may read reports, and to nobody in the line', async () => {
    const id = await desk.inLine({ sent: says('A child is in danger.') });
    const brief = await desk.ask<Brief>('GET /desk/reports/:reportId', { params: { reportId: id } });
    assert.deepEqual(brief.urgencyReasons[0]?.evidence, [
      { kind: 'text', where: 'additionalInfo', quote: 'A child is in danger.' },
    ]);
    assert.doesNotMatch(JSON.stringify(await desk.line()), /in danger\./);
  });

  test('ages of victims and recipients are read by both doors', async () => {
    const xml = {
      name: 'report',
      children: [
        { name: 'victim', children: [{ name: 'victimPerson', children: [{ name: 'age', value: '9' }] }] },
        {
          name: 'personOrUserReported',
          children: [{ name: 'personOrUserReportedPerson', children: [{ name: 'age', value: '12' }] }],
        },
      ],
    };
    const json = {
      name: 'report',
      children: [
        {
          name: 'parties',
          children: [
            { name: 'role', value: 'reported-user' },
            { name: 'age', value: '12' },
          ],
        },
        {
          name: 'parties',
          children: [
            { name: 'role', value: 'victim' },
            { name: 'age', value: '15' },
          ],
        },
      ],
    };
    const birth = {
      parties: [{ role: 'recipient', identifiers: [{ kind: 'date-of-birth', value: '2013-11-25' }] }],
    };
    const codes: string[][] = [];
    for (const report of [{ sent: xml }, { sent: json }, birth] as ReportOverrides[]) {
      const id = await desk.inLine({ ...report, filedAt: at(1) });
      const brief = await desk.ask<Brief>('GET /desk/reports/:reportId', { params: { reportId: id } });
      codes.push(brief.urgencyReasons.map(({ code }) => code));
    }
    assert.deepEqual(codes, [
      ['child-under-13'],
      ['child-13-to-17'],
      ['young-child-in-contact', 'child-under-13'],
    ]);
  });

  test('time changes what they say: the report is ranked again, and the change is shown', async () => {
    const used = new Date(noon.getTime() - 80 * 24 * 3_600_000);
    const id = await desk.inLine({
      filedAt: at(1),
      parties: [
        {
          role: 'reported-user',
          identifiers: [{ kind: 'ip', value: '192.0.2.7', attributes: { dateTime: used.toISOString() } }],
        },
      ],
    });
    const weekLater = minutesLater(8 * 24 * 60);
    assert.deepEqual(await runJob('reassess-due', noon), []);
    assert.deepEqual(await runJob('reassess-due', weekLater), [`report.reassessment-due ${id}`]);
    assert.deepEqual(await runJob('reassess-due', weekLater), []);
    await desk.assess(id, weekLater);
    const brief = await desk.ask<Brief>('GET /desk/reports/:reportId', { params: { reportId: id } });
    assert.deepEqual(brief.rankChanges, [
      {
        at: weekLater.toISOString(),
        fromUrgency: 3,
        toUrgency: 3,
        came: ['data-expires-at-once'],
        went: [],
        isByRules: false,
      },
    ]);
    assert.equal(brief.dataExpiresAt, new Date(used.getTime() + 90 * 24 * 3_600_000).toISOString());
  });
});
