import assert from 'node:assert/strict';
import type { Readable } from 'node:stream';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { type Actor, type Answer, checked, type Route, recordAudit, type StaffActor } from '#access';
import { assessJobs, assessRoutes } from '#assess';
import { Refusal } from '#base/errors';
import type { AttentionReply } from '#contract/administration';
import type { AuditReply, Brief, LineReply, ReportListReply, StatusReply } from '#contract/desk';
import { createLog } from '#platform/log';
import { type screenCodes, screenRoutes } from '#screens';
import { aFiledReport, aProvider, aStaffMember, type ReportOverrides } from '../build.ts';
import { type TestDatabase, testCtx, testDatabase } from '../harness/database.ts';

const noon = new Date('2026-11-24T12:00:00Z');
const minutesLater = (minutes: number) => new Date(noon.getTime() + minutes * 60_000);

let db: TestDatabase;
let ada: StaffActor;
let auditor: StaffActor;
let byPath: Map<string, Route>;

before(async () => {
  db = await testDatabase();
  ada = await aStaffMember(db.kysely, { name: 'Ada Vale' });
  auditor = await aStaffMember(db.kysely, { name: 'Odd Itor', roles: ['auditor'] });
  const routes = screenRoutes({
    db: db.kysely,
    listenUrl: db.url,
    bureau: { name: 'Test bureau', isDemonstration: true, version: '0.0.0' },
    log: createLog('silent', 'test'),
  });
  byPath = new Map([...routes, ...assessRoutes].map((route) => [`${route.method} ${route.path}`, route]));
});

interface Asking {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, unknown>;
  readonly body?: unknown;
  readonly actor?: Actor;
  readonly now?: Date;
}

/** Calls a route as the guard does: checked by its schemas, one transaction, the answer as JSON. */
async function answerOf(route: string, asking: Asking = {}): Promise<Answer> {
  const found = byPath.get(route);
  assert.ok(found, route);
  const params = found.params === undefined ? {} : checked(found.params, asking.params ?? {}, 'params');
  const query = found.query === undefined ? {} : checked(found.query, asking.query ?? {}, 'query');
  const body = found.body === undefined ? undefined : checked(found.body, asking.body, 'body');
  const context = testCtx(db, { actor: asking.actor ?? ada, now: asking.now ?? noon });
  return await context.run((ctx) =>
    found.handle(ctx, { params, query, body, received: undefined, request: {} } as never),
  );
}

/** The body as a client gets it, checked against the shape that the contract promises. */
async function ask<T>(route: string, asking: Asking = {}): Promise<T> {
  const { body } = await answerOf(route, asking);
  const sent = JSON.parse(JSON.stringify(body)) as T;
  const shape = byPath.get(route)?.reply;
  assert.ok(shape, route);
  checked(shape, sent, 'body');
  return sent;
}

const line = (query: Record<string, unknown> = {}) => ask<LineReply>('GET /desk/line', { query });
const idsOf = (reply: { items: readonly { reportId: string }[] }) => reply.items.map((item) => item.reportId);

async function assess(reportId: string, now = noon) {
  const job = assessJobs.find((one) => one.name === 'assess-report')!;
  await testCtx(db, { now }).run((ctx) => job.run(ctx, reportId));
}

async function inLine(overrides: ReportOverrides = {}): Promise<string> {
  const { id } = await aFiledReport(db.kysely, overrides);
  await assess(id);
  return id;
}

const act = (deed: string, reportId: string, asking: Asking = {}) =>
  answerOf(`POST /desk/reports/:reportId/${deed}`, { params: { reportId }, ...asking });

async function refusedWith(work: Promise<unknown>, code: keyof typeof screenCodes): Promise<void> {
  await assert.rejects(work, (error) => error instanceof Refusal && error.code === code);
}

async function emptyTheDesk(): Promise<void> {
  await sql`truncate assess.line_entry, assess.assessment, assess.decision`.execute(db.kysely);
}

describe('the line', () => {
  beforeEach(emptyTheDesk);

  test('shows the most urgent first, and of equals whoever waits longest', async () => {
    const routine = await inLine({ filedAt: minutesLater(-60) });
    const older = await inLine({ filedAt: minutesLater(-50), declaredPriority: 2 });
    const newer = await inLine({ filedAt: minutesLater(-40), declaredPriority: 2 });
    const escalated = await inLine({ filedAt: minutesLater(-1), escalation: 'please look (invented)' });
    assert.deepEqual(idsOf(await line()), [escalated, older, newer, routine]);
    assert.deepEqual(idsOf(await line({ order: 'newest' })), [escalated, newer, older, routine]);
    assert.deepEqual(idsOf(await line({ order: 'oldest' })), [routine, older, newer, escalated]);
  });

  test('gives what an officer needs to choose', async () => {
    const providerId = await aProvider(db.kysely, { name: 'Harbour Chat' });
    const first = await inLine({ providerId });
    const { id, reference } = await aFiledReport(db.kysely, {
      providerId,
      declaredPriority: 3,
      duplicateOf: first,
      files: [{}, {}],
      parties: [{ role: 'reported-user' }, { role: 'reported-user' }],
    });
    await assess(id);
    await act('decision', id, { body: { kind: 'refer' } });
    const reply = await line({ urgency: '3' });
    assert.deepEqual(reply.items, [
      {
        reportId: id,
        reference,
        provider: { id: providerId, name: 'Harbour Chat', environment: 'production' },
        urgency: 3,
        urgencyReasons: [
          {
            code: 'declared-priority-3',
            sentence:
              'The service declared priority 3 under SI 2026/268: to be dealt with without undue delay.',
          },
        ],
        completeness: 0.067,
        incidentType: 'Child Pornography (possession, manufacture, and distribution)',
        incidentAt: '2026-11-24T08:00:00.000Z',
        filedAt: '2026-11-24T09:00:00.000Z',
        incidents: 2,
        files: 2,
        state: 'decided',
        takenBy: { id: ada.id, name: 'Ada Vale' },
        decision: 'refer',
        duplicateOf: first,
        isSynthetic: true,
      },
    ]);
    assert.equal(reply.asOf, noon.toISOString());
    const answer = await answerOf('GET /desk/line');
    assert.deepEqual(answer.details, { count: 2 });
  });

  test('keeps production and sandbox apart, in lists and in counts', async () => {
    const real = await inLine();
    const sandbox = await inLine({ environment: 'sandbox' });
    assert.deepEqual(idsOf(await line()), [real]);
    const other = await line({ environment: 'sandbox' });
    assert.deepEqual(idsOf(other), [sandbox]);
    assert.deepEqual(other.counts, { waiting: 1, taken: 0, decided: 0 });
  });

  test('filters by state, urgency and service, and counts what the filter fits whatever its state', async () => {
    const providerId = await aProvider(db.kysely, { name: 'Filter Fold' });
    const waiting = await inLine({ providerId, declaredPriority: 2 });
    const taken = await inLine({ providerId, declaredPriority: 2 });
    const decided = await inLine({ providerId });
    await inLine({ declaredPriority: 2 });
    await act('take', taken);
    await act('decision', decided, { body: { kind: 'refer' } });
    assert.deepEqual(idsOf(await line({ provider: providerId, state: 'waiting' })), [waiting]);
    assert.deepEqual(idsOf(await line({ provider: providerId, state: 'decided' })), [decided]);
    const urgent = await line({ provider: providerId, urgency: 2 });
    assert.deepEqual(idsOf(urgent), [waiting, taken]);
    assert.deepEqual(urgent.counts, { waiting: 1, taken: 1, decided: 0 });
    assert.deepEqual((await line({ state: 'waiting' })).counts, { waiting: 2, taken: 1, decided: 1 });
  });

  test('finds a report by number or reference, and services by the beginning of their name', async () => {
    const providerId = await aProvider(db.kysely, { name: 'Quay 100% Talk' });
    const { id, reference } = await aFiledReport(db.kysely, { providerId });
    await assess(id);
    const second = await inLine({ providerId, filedAt: minutesLater(-1) });
    await inLine();
    assert.deepEqual(idsOf(await line({ q: id })), [id]);
    assert.deepEqual(idsOf(await line({ q: reference })), [id]);
    assert.deepEqual(idsOf(await line({ q: ` ${reference.toLowerCase()} ` })), [id]);
    assert.deepEqual(idsOf(await line({ q: 'quay 100% t' })), [id, second]);
    assert.deepEqual(idsOf(await line({ q: 'quay', limit: 1, order: 'newest' })), [second]);
    for (const nothing of ['uay', '%', '_', 'quay 1000', id.slice(0, 3), "'; drop table", '\\']) {
      const reply = await line({ q: nothing });
      assert.deepEqual([idsOf(reply), reply.counts.waiting, reply.next], [[], 0, undefined], nothing);
    }
    const other = await aProvider(db.kysely);
    assert.deepEqual(idsOf(await line({ q: id, provider: other })), []);
    assert.deepEqual(idsOf(await line({ q: 'quay', provider: other })), []);
  });

  for (const order of ['urgent', 'newest', 'oldest'] as const) {
    test(`walked by cursor (${order}) skips nothing and doubles nothing while reports arrive`, async () => {
      const providerId = await aProvider(db.kysely);
      const expected = new Set<string>();
      const priorities = [1, 2, 3, undefined] as const;
      const add = async (minute: number, index: number) => {
        const priority = priorities[index % 4];
        const at = minutesLater(minute);
        return await inLine({
          providerId,
          filedAt: at,
          ...(priority !== undefined && { declaredPriority: priority }),
        });
      };
      // Several share one moment, so that the report's number has to break the tie.
      for (let index = 0; index < 26; index += 1)
        expected.add(await add(-100 + Math.floor(index / 3), index));
      const seen: string[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < 20; page += 1) {
        const reply = await line({ order, limit: 5, ...(cursor !== undefined && { cursor }) });
        seen.push(...idsOf(reply));
        cursor = reply.next;
        if (cursor === undefined) break;
        await add(-10 + page, page);
        await add(-10 + page, page + 1);
      }
      assert.equal(cursor, undefined);
      assert.equal(new Set(seen).size, seen.length, 'doubled');
      assert.deepEqual(
        [...expected].filter((id) => !seen.includes(id)),
        [],
        'skipped',
      );
    });
  }

  test('goes on within one microsecond, finer than a Date can tell', async () => {
    const ids = [];
    for (let index = 0; index < 4; index += 1) ids.push(await inLine());
    for (const [index, id] of ids.entries()) {
      await sql`update assess.line_entry set filed_at = filed_at + ${`${index} microseconds`}::interval
        where report_id = ${id}`.execute(db.kysely);
    }
    const first = await line({ limit: 2 });
    const second = await line({ limit: 2, cursor: first.next });
    assert.deepEqual([...idsOf(first), ...idsOf(second)], ids);
    assert.equal(second.next, undefined);
  });

  test('refuses a cursor that it did not give', async () => {
    for (let index = 0; index < 3; index += 1) await inLine();
    const { next } = await line({ limit: 1 });
    assert.ok(next);
    const made = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const good = JSON.parse(Buffer.from(next, 'base64url').toString()) as Record<string, unknown>;
    const bad = [
      'x',
      '%00',
      next.slice(1),
      made(null),
      made([]),
      made({ ...good, reportId: '1; drop table' }),
      made({ ...good, filedAt: '2026-11-24' }),
      made({ ...good, filedAt: '9'.repeat(40) }),
      made({ ...good, urgency: 5 }),
      made({ ...good, more: 1 }),
    ];
    for (const cursor of bad) await refusedWith(line({ cursor }), 'screens.bad-cursor');
    await refusedWith(line({ cursor: next, order: 'newest' }), 'screens.bad-cursor');
    const extreme = made({ ...good, filedAt: '9'.repeat(18) });
    assert.deepEqual((await line({ cursor: extreme, urgency: 4 })).items, []);
  });

  test('refuses queries that no list understands, before the database sees them', async () => {
    const bad: Record<string, unknown>[] = [
      { q: 'a\u0000b' },
      { q: 'x'.repeat(10_000) },
      { cursor: 'x'.repeat(10_000) },
      { provider: 'not-a-uuid' },
      { state: 'gone' },
      { urgency: '0' },
      { urgency: 'high' },
      { limit: '0' },
      { limit: '100000' },
      { order: 'random()' },
      { environment: 'test' },
    ];
    for (const query of bad) await assert.rejects(line(query), { name: 'DefectList' }, JSON.stringify(query));
  });
});

describe('the brief', () => {
  test('shows everything that was sent, and where it stood', async () => {
    const sent = {
      name: 'report',
      line: 1,
      children: [
        { name: 'incidentSummary', line: 2, children: [{ name: 'platform', line: 3, value: 'Chat' }] },
      ],
    };
    const fileSent = { name: 'fileDetails', children: [{ name: 'additionalInfo', value: 'metadata only' }] };
    const { id, reference, providerId, fileIds } = await aFiledReport(db.kysely, {
      escalation: 'Meeting arranged (invented).',
      annotations: ['sextortion'],
      sent,
      warnings: [
        { element: 'report/x', layer: 'schema', rule: 'unknown-element', message: 'Kept as sent.', line: 9 },
      ],
      parties: [
        { role: 'reporter', identifiers: [{ kind: 'email', value: 'desk@service.example' }] },
        {
          role: 'reported-user',
          identifiers: [
            { kind: 'phone', value: '07700 900123', attributes: { verified: 'true' } },
            { kind: 'ip', value: '2001:db8::7', attributes: { eventName: 'Login', port: '4433' } },
          ],
        },
      ],
      files: [
        {
          originalFileName: '../odd\u202Ename.png',
          isViewedByProvider: true,
          annotations: ['viral'],
          identifiers: [{ kind: 'ip', value: '198.51.100.4' }],
          sent: fileSent,
        },
      ],
    });
    await assess(id);
    const brief = await ask<Brief>('GET /desk/reports/:reportId', { params: { reportId: id } });
    assert.deepEqual(brief.sent, sent);
    assert.equal(brief.reference, reference);
    assert.equal(brief.provider.id, providerId);
    assert.equal(brief.escalation, 'Meeting arranged (invented).');
    assert.deepEqual(brief.annotations, ['sextortion']);
    assert.deepEqual(brief.warnings, [
      { element: 'report/x', rule: 'unknown-element', message: 'Kept as sent.' },
    ]);
    assert.equal(brief.urgency, 1);
    assert.deepEqual(
      brief.urgencyReasons.map((reason) => reason.code),
      ['escalated-by-service'],
    );
    assert.ok(brief.completeness!.present.some((reason) => reason.code === 'phone'));
    assert.ok(brief.completeness!.missing.some((reason) => reason.code === 'email'));
    assert.deepEqual(
      brief.parties.map((party) => [party.role, party.identifiers.map((one) => one.value)]),
      [
        ['reporter', ['desk@service.example']],
        ['reported-user', ['07700 900123', '2001:db8::7']],
      ],
    );
    assert.deepEqual(brief.parties[1]?.identifiers[1], {
      kind: 'ip',
      value: '2001:db8::7',
      path: 'report/identifier[3]',
      line: 3,
      attributes: { eventName: 'Login', port: '4433' },
    });
    const [file] = brief.files;
    assert.equal(file?.fileId, fileIds[0]);
    assert.equal(file?.originalFileName, '../odd\u202Ename.png');
    assert.equal(file?.uploadName, 'upload-1.png');
    assert.equal(file?.mediaType, 'image/png');
    assert.equal(file?.sealState, 'sealed');
    assert.deepEqual(file?.sent, fileSent);
    assert.deepEqual(
      file?.identifiers.map((one) => one.value),
      ['198.51.100.4'],
    );
    assert.deepEqual([brief.fileCount, brief.partyCount, brief.incidents], [1, 2, 1]);
    assert.equal(brief.state, 'waiting');
  });

  test('counts the other reports that hold the same bytes, and names identical filings', async () => {
    const sha256 = 'ab'.repeat(32);
    const first = await aFiledReport(db.kysely, { files: [{ sha256 }, { sha256 }] });
    const second = await aFiledReport(db.kysely, { files: [{ sha256 }], duplicateOf: first.id });
    const brief = await ask<Brief>('GET /desk/reports/:reportId', { params: { reportId: first.id } });
    assert.deepEqual(
      brief.files.map((file) => file.otherReports),
      [1, 1],
    );
    assert.deepEqual(brief.duplicates, [second.id]);
    await sql`update vault.holding set released_at = now() where report_id = ${second.id}`.execute(db.kysely);
    const later = await ask<Brief>('GET /desk/reports/:reportId', { params: { reportId: first.id } });
    assert.deepEqual(
      later.files.map((file) => file.otherReports),
      [0, 0],
    );
  });

  test('tells the state of every seal', async () => {
    const { id } = await aFiledReport(db.kysely, { files: [{}, {}, {}, {}] });
    const stateNow = async () =>
      (await ask<Brief>('GET /desk/reports/:reportId', { params: { reportId: id } })).files.map(
        (file) => file.sealState,
      );
    const change = async (position: number, what: string) => {
      await sql`update vault.seal set ${sql.raw(what)} where sha256 =
        (select sha256 from intake.report_file where report_id = ${id} and position = ${position})`.execute(
        db.kysely,
      );
    };
    await change(2, 'verified_at = now()');
    await change(3, "verified_at = now(), damaged_at = now(), damage = 'x'");
    await change(4, 'destroyed_at = now(), location = null');
    assert.deepEqual(await stateNow(), ['sealed', 'verified', 'damaged', 'destroyed']);
  });

  test('offers exactly what the deeds then allow', async () => {
    const bo = await aStaffMember(db.kysely);
    const lead = await aStaffMember(db.kysely, { roles: ['supervisor'] });
    const stages: readonly [string, (id: string) => Promise<unknown>][] = [
      ['waiting', async () => {}],
      ['taken', (id) => act('take', id)],
      ['decided', (id) => act('decision', id, { body: { kind: 'refer' } })],
    ];
    const bodies: Record<string, unknown> = { decision: { kind: 'refer' }, reopen: { reason: 'because' } };
    const moves = {
      take: 'take',
      release: 'release',
      decide: 'decision',
      undo: 'undo',
      reopen: 'reopen',
    } as const;
    for (const [stage, prepare] of stages) {
      for (const actor of [ada, bo, lead]) {
        for (const now of [noon, minutesLater(16)]) {
          for (const [move, deed] of Object.entries(moves)) {
            const id = await inLine();
            await prepare(id);
            const { can } = await ask<Brief>('GET /desk/reports/:reportId', {
              params: { reportId: id },
              actor,
              now,
            });
            const happened = await act(deed, id, { actor, now, body: bodies[deed] }).then(
              ({ body }) => (body as { state: string }).state !== stage,
              (error: unknown) => {
                assert.ok(error instanceof Refusal, String(error));
                return false;
              },
            );
            assert.equal(
              can[move as keyof typeof moves],
              happened,
              `${stage}: ${move} by ${actor.roles} at ${now.toISOString()}`,
            );
          }
        }
      }
    }
  });

  test('keeps every decision, the undone ones with their mark', async () => {
    const id = await inLine();
    await act('decision', id, { body: { kind: 'refer' } });
    await act('undo', id, { now: minutesLater(1) });
    await act('decision', id, { body: { kind: 'not-a-matter', reason: 'spam' }, now: minutesLater(2) });
    const decided = await ask<Brief>('GET /desk/reports/:reportId', {
      params: { reportId: id },
      now: minutesLater(3),
    });
    assert.deepEqual(
      decided.decisions.map((one) => [one.kind, one.reason, one.by.name, one.undoneAt]),
      [
        ['refer', undefined, 'Ada Vale', minutesLater(1).toISOString()],
        ['not-a-matter', 'spam', 'Ada Vale', undefined],
      ],
    );
    assert.equal(decided.undoUntil, minutesLater(17).toISOString());
    await act('reopen', id, { body: { reason: 'a link appeared' } });
    const reopened = await ask<Brief>('GET /desk/reports/:reportId', { params: { reportId: id } });
    assert.equal(reopened.decisions[1]?.undoneWhy, 'a link appeared');
    assert.equal(reopened.decisions[1]?.undoneBy?.name, 'Ada Vale');
  });

  test('is audited with the report and the task it was read for', async () => {
    const id = await inLine();
    const route = byPath.get('GET /desk/reports/:reportId');
    assert.equal(route?.audit, 'read-report');
    assert.equal(route?.permission, 'report:read');
    const asking = { params: { reportId: id } };
    const before = await answerOf('GET /desk/reports/:reportId', asking);
    assert.deepEqual([before.subject, before.why], [`report:${id}`, `review of report:${id}`]);
    await act('take', id);
    assert.equal((await answerOf('GET /desk/reports/:reportId', asking)).why, `decision on report:${id}`);
  });

  test('is there for reports that never came into the line', async () => {
    for (const state of ['open', 'retracted', 'expired'] as const) {
      const { id } = await aFiledReport(db.kysely, { state });
      const brief = await ask<Brief>('GET /desk/reports/:reportId', { params: { reportId: id } });
      assert.equal(brief.reportState, state);
      assert.equal(brief.reference, '');
      assert.equal(brief.state, undefined);
      assert.equal(Object.values(brief.can).some(Boolean), false);
      if (state !== 'open') assert.deepEqual(brief.sent, { name: 'report' });
    }
  });

  test('refuses a report that does not exist', async () => {
    for (const reportId of ['4711', 'abc', '0', '99999999999999999999']) {
      await refusedWith(
        answerOf('GET /desk/reports/:reportId', { params: { reportId } }),
        'screens.unknown-report',
      );
    }
  });
});

describe('the list of reports', () => {
  test('shows every state, the newest first, a page at a time', async () => {
    const providerId = await aProvider(db.kysely, { name: 'Lists Ltd' });
    const made: string[] = [];
    for (const state of ['open', 'filed', 'retracted', 'expired', 'filed', 'open', 'filed'] as const) {
      made.unshift((await aFiledReport(db.kysely, { providerId, state })).id);
    }
    const first = await ask<ReportListReply>('GET /desk/reports', {
      query: { provider: providerId, limit: 4 },
    });
    const second = await ask<ReportListReply>('GET /desk/reports', {
      query: { provider: providerId, limit: 4, cursor: first.next },
    });
    assert.deepEqual([...idsOf(first), ...idsOf(second)], made);
    assert.equal(second.next, undefined);
    const filed = await ask<ReportListReply>('GET /desk/reports', {
      query: { provider: providerId, state: 'filed' },
    });
    assert.equal(filed.items.length, 3);
    const all = await ask<ReportListReply>('GET /desk/reports', { query: { limit: 7 } });
    assert.deepEqual(idsOf(all), made);
    const sandbox = await aFiledReport(db.kysely, { environment: 'sandbox' });
    const apart = await ask<ReportListReply>('GET /desk/reports', { query: { environment: 'sandbox' } });
    assert.equal(idsOf(apart)[0], sandbox.id);
    assert.ok(apart.items.every((item) => item.provider.environment === 'sandbox'));
    await refusedWith(ask('GET /desk/reports', { query: { cursor: 'abc' } }), 'screens.bad-cursor');
  });
});

describe('the trail of one report', () => {
  test('merges what people, services and jobs did with the custody of the files, the newest last', async () => {
    const { id, fileIds } = await aFiledReport(db.kysely, { files: [{}], filedAt: noon });
    const at = (minutes: number, action: string, subject: string, actor: Actor = ada) =>
      testCtx(db).run((ctx) =>
        recordAudit(ctx.tx, { at: minutesLater(minutes), actor, action, outcome: 'done', subject }),
      );
    await at(1, 'assess-report', id, { kind: 'system', id: 'worker', name: 'worker' });
    await at(3, 'take-report', `report:${id}`);
    await at(2, 'read-report', `report:${id}`);
    await at(2, 'read-report', 'report:1');
    const asking = { params: { reportId: id }, actor: auditor };
    const reply = await ask<AuditReply>('GET /desk/reports/:reportId/audit', asking);
    assert.deepEqual(
      reply.items.map((row) => [row.action, row.actor.name, row.subject]),
      [
        ['custody-received', 'test', `file:${fileIds[0]}`],
        ['assess-report', 'worker', id],
        ['read-report', 'Ada Vale', `report:${id}`],
        ['take-report', 'Ada Vale', `report:${id}`],
      ],
    );
    const paged: string[] = [];
    let cursor: string | undefined;
    do {
      const page: AuditReply = await ask<AuditReply>('GET /desk/reports/:reportId/audit', {
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
    const route = byPath.get('GET /desk/reports/:reportId/audit');
    assert.deepEqual([route?.permission, route?.audit], ['audit:read', 'read-audit-trail']);
    assert.equal((await answerOf('GET /desk/reports/:reportId/audit', asking)).subject, `report:${id}`);
  });

  test('refuses a report that does not exist and a foreign cursor', async () => {
    const path = 'GET /desk/reports/:reportId/audit';
    await refusedWith(answerOf(path, { params: { reportId: '4711' } }), 'screens.unknown-report');
    const id = await inLine();
    await refusedWith(
      answerOf(path, { params: { reportId: id }, query: { cursor: 'eyJ9' } }),
      'screens.bad-cursor',
    );
  });
});

describe('the auditor’s list', () => {
  test('walks every act both ways and filters', async () => {
    const write = (action: string, outcome: 'done' | 'refused', actor: Actor) =>
      testCtx(db).run((ctx) =>
        recordAudit(ctx.tx, { at: noon, actor, action, outcome, subject: 'report:77' }),
      );
    for (let index = 0; index < 5; index += 1) await write('read-report', 'done', ada);
    await write('take-report', 'refused', auditor);
    const query = { subject: 'report:77' };
    const oldest = await ask<AuditReply>('GET /desk/audit', { query });
    const newest = await ask<AuditReply>('GET /desk/audit', { query: { ...query, order: 'newest' } });
    assert.deepEqual(
      newest.items.map((row) => row.id).toReversed(),
      oldest.items.map((row) => row.id),
    );
    assert.equal(oldest.items.length, 6);
    const first = await ask<AuditReply>('GET /desk/audit', {
      query: { ...query, order: 'newest', limit: 4 },
    });
    const second = await ask<AuditReply>('GET /desk/audit', {
      query: { ...query, order: 'newest', limit: 4, cursor: first.next },
    });
    assert.deepEqual([...first.items, ...second.items], newest.items);
    await refusedWith(ask('GET /desk/audit', { query: { cursor: first.next } }), 'screens.bad-cursor');
    const refusals = await ask<AuditReply>('GET /desk/audit', { query: { ...query, outcome: 'refused' } });
    assert.deepEqual(
      refusals.items.map((row) => row.actor.name),
      ['Odd Itor'],
    );
    const byActor = await ask<AuditReply>('GET /desk/audit', {
      query: { actor: ada.id, action: 'read-report' },
    });
    assert.ok(byActor.items.length >= 5);
    assert.ok(byActor.items.every((row) => row.actor.id === ada.id && row.action === 'read-report'));
    await assert.rejects(ask('GET /desk/audit', { query: { actor: 'a\u0000' } }), { name: 'DefectList' });
  });
});

test('the status counts one environment, and what needs attention', async () => {
  await emptyTheDesk();
  const count = async () => await ask<StatusReply>('GET /desk/status', { query: { environment: 'sandbox' } });
  const before = await count();
  const providerId = await aProvider(db.kysely, { environment: 'sandbox' });
  const common = { providerId, environment: 'sandbox' } as const;
  const waiting = await inLine({ ...common, filedAt: minutesLater(-30), files: [{}, {}] });
  const decided = await inLine(common);
  await act('decision', decided, { body: { kind: 'refer' } });
  await aFiledReport(db.kysely, { ...common, state: 'open', files: [{}] });
  await aFiledReport(db.kysely, { ...common, state: 'expired' });
  await inLine();
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
      db.kysely,
    );
  };
  await put('assess-report', '1000042', 2, null, noon);
  await put('verify-seal', 'ab'.repeat(32), 1, null, null);
  await put('assess-report', '1000043', 0, noon, null);
  const reply = await ask<AttentionReply>('GET /desk/attention');
  assert.deepEqual(
    reply.items.map((item) => [item.job, item.subject, item.reportId, item.isRetrying, item.attempts]),
    [
      ['verify-seal', 'ab'.repeat(32), undefined, false, 6],
      ['assess-report', 'report:1000042', '1000042', true, 6],
    ],
  );
  const status = await ask<StatusReply>('GET /desk/status');
  assert.equal(status.jobs.needAttention, 2);
});

describe('the live stream', () => {
  const opened: Readable[] = [];
  after(() => {
    for (const stream of opened) stream.destroy();
  });

  async function listen(
    environment: string,
  ): Promise<{ ticks: Record<string, unknown>[]; stream: Readable }> {
    const answer = await answerOf('GET /desk/live', { query: { environment } });
    assert.match(answer.headers?.['content-type'] ?? '', /^text\/event-stream/);
    const stream = answer.body as Readable;
    opened.push(stream);
    const ticks: Record<string, unknown>[] = [];
    stream.setEncoding('utf8').on('data', (text: string) => {
      for (const [, data] of text.matchAll(/event: line\ndata: (.+)\n\n/g)) {
        ticks.push(JSON.parse(data!) as Record<string, unknown>);
      }
    });
    return { ticks, stream };
  }

  async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
    const deadline = Date.now() + 5_000;
    while (!(await condition())) {
      assert.ok(Date.now() < deadline, `in vain: ${what}`);
      await sleep(10);
    }
  }

  async function listeningConnections(): Promise<number> {
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from pg_stat_activity
      where application_name = 'firstlight listen' and datname = current_database()`.execute(db.kysely);
    return rows[0]?.n ?? -1;
  }

  test('tells at once how the line stands, then every change, through one connection for all', async () => {
    await emptyTheDesk();
    await inLine();
    const one = await listen('production');
    const two = await listen('production');
    const sandbox = await listen('sandbox');
    await until(
      () => one.ticks.length > 0 && two.ticks.length > 0 && sandbox.ticks.length > 0,
      'first ticks',
    );
    assert.deepEqual(one.ticks[0], { waiting: 1, urgent: 0, newestFiledAt: '2026-11-24T09:00:00.000Z' });
    assert.deepEqual(sandbox.ticks, [{ waiting: 0, urgent: 0 }]);
    await until(async () => (await listeningConnections()) === 1, 'the listening connection');
    await inLine({ escalation: 'invented', filedAt: noon });
    await until(() => one.ticks.length > 1 && two.ticks.length > 1, 'the change');
    assert.deepEqual(two.ticks.at(-1), { waiting: 2, urgent: 1, newestFiledAt: noon.toISOString() });
    assert.equal(sandbox.ticks.length, 1);

    const before = one.ticks.length;
    const started = Date.now();
    for (let index = 0; index < 30; index += 1) await inLine({ filedAt: noon });
    await until(() => one.ticks.at(-1)?.['waiting'] === 32, 'the last of many changes');
    const seconds = (Date.now() - started) / 1_000;
    assert.ok(one.ticks.length - before <= seconds + 2, `${one.ticks.length - before} ticks in ${seconds} s`);

    for (const { stream } of [one, two, sandbox]) stream.destroy();
    await until(async () => (await listeningConnections()) === 0, 'the end of the listening connection');
  });

  test('comes back when its connection is lost', async () => {
    const { ticks, stream } = await listen('production');
    await until(async () => (await listeningConnections()) === 1, 'the listening connection');
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'firstlight listen' and datname = current_database()`.execute(db.kysely);
    const before = ticks.length;
    await inLine({ environment: 'production' });
    await until(() => ticks.length > before, 'a tick after the connection came back');
    stream.destroy();
    await until(async () => (await listeningConnections()) === 0, 'the end of the listening connection');
  });
});
