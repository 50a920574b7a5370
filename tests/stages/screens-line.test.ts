import assert from 'node:assert/strict';
import { before, beforeEach, describe, test } from 'node:test';
import { sql } from 'kysely';
import { assessJobs } from '#assess';
import { aFiledReport, aProvider } from '../build.ts';
import { testCtx } from '../harness/database.ts';
import { type Desk, idsOf, minutesLater, noon, openDesk, refusedWith } from './desk-build.ts';

let desk: Desk;

before(async () => {
  desk = await openDesk();
});

describe('the line', () => {
  beforeEach(() => desk.clear());

  test('shows the most urgent first, and of equals whoever waits longest', async () => {
    const routine = await desk.inLine({ filedAt: minutesLater(-60) });
    const older = await desk.inLine({ filedAt: minutesLater(-50), declaredPriority: 2 });
    const newer = await desk.inLine({ filedAt: minutesLater(-40), declaredPriority: 2 });
    const escalated = await desk.inLine({ filedAt: minutesLater(-1), escalation: 'please look (invented)' });
    assert.deepEqual(idsOf(await desk.line()), [escalated, older, newer, routine]);
    assert.deepEqual(idsOf(await desk.line({ order: 'newest' })), [escalated, newer, older, routine]);
    assert.deepEqual(idsOf(await desk.line({ order: 'oldest' })), [routine, older, newer, escalated]);
  });

  test('gives what an officer needs to choose', async () => {
    const providerId = await aProvider(desk.db.kysely, { name: 'Harbour Chat' });
    const first = await desk.inLine({ providerId });
    const { id, reference } = await aFiledReport(desk.db.kysely, {
      providerId,
      declaredPriority: 3,
      duplicateOf: first,
      files: [{}, {}],
      parties: [{ role: 'reported-user' }, { role: 'reported-user' }],
    });
    await desk.assess(id);
    await desk.act('decision', id, { body: { kind: 'refer' } });
    const reply = await desk.line({ urgency: '3' });
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
              'The service declared priority 3 under SI 2026/268: to be dealt with without undue delay. Every other reason of this class counts for more.',
          },
          {
            code: 'first-seen-file',
            sentence:
              'A file was in no report before, by its bytes; a changed copy of a known one counts as new here.',
          },
        ],
        completeness: 0.067,
        incidentType: 'Child Pornography (possession, manufacture, and distribution)',
        incidentAt: '2026-11-24T08:00:00.000Z',
        filedAt: '2026-11-24T09:00:00.000Z',
        incidents: 2,
        files: 2,
        state: 'decided',
        takenBy: { id: desk.ada.id, name: 'Ada Vale' },
        decision: 'refer',
        duplicateOf: first,
        isSynthetic: true,
      },
    ]);
    assert.equal(reply.asOf, noon.toISOString());
    const answer = await desk.answerOf('GET /desk/line');
    assert.deepEqual(answer.details, { count: 2 });
  });

  test('keeps production and sandbox apart, in lists and in counts', async () => {
    const real = await desk.inLine();
    const sandbox = await desk.inLine({ environment: 'sandbox' });
    assert.deepEqual(idsOf(await desk.line()), [real]);
    const other = await desk.line({ environment: 'sandbox' });
    assert.deepEqual(idsOf(other), [sandbox]);
    assert.deepEqual(other.counts, { waiting: 1, taken: 0, decided: 0 });
  });

  test('filters by state, urgency and service, and counts what the filter fits whatever its state', async () => {
    const providerId = await aProvider(desk.db.kysely, { name: 'Filter Fold' });
    const waiting = await desk.inLine({ providerId, declaredPriority: 2 });
    const taken = await desk.inLine({ providerId, declaredPriority: 2 });
    const decided = await desk.inLine({ providerId });
    await desk.inLine({ declaredPriority: 2 });
    await desk.act('take', taken);
    await desk.act('decision', decided, { body: { kind: 'refer' } });
    assert.deepEqual(idsOf(await desk.line({ provider: providerId, state: 'waiting' })), [waiting]);
    assert.deepEqual(idsOf(await desk.line({ provider: providerId, state: 'decided' })), [decided]);
    const urgent = await desk.line({ provider: providerId, urgency: 2 });
    assert.deepEqual(idsOf(urgent), [waiting, taken]);
    assert.deepEqual(urgent.counts, { waiting: 1, taken: 1, decided: 0 });
    assert.deepEqual((await desk.line({ state: 'waiting' })).counts, { waiting: 2, taken: 1, decided: 1 });
  });

  test('finds a report by number or reference, and services by the beginning of their name', async () => {
    const providerId = await aProvider(desk.db.kysely, { name: 'Quay 100% Talk' });
    const { id, reference } = await aFiledReport(desk.db.kysely, { providerId });
    await desk.assess(id);
    const second = await desk.inLine({ providerId, filedAt: minutesLater(-1) });
    await desk.inLine();
    assert.deepEqual(idsOf(await desk.line({ q: id })), [id]);
    assert.deepEqual(idsOf(await desk.line({ q: reference })), [id]);
    assert.deepEqual(idsOf(await desk.line({ q: ` ${reference.toLowerCase()} ` })), [id]);
    assert.deepEqual(idsOf(await desk.line({ q: 'quay 100% t' })), [id, second]);
    assert.deepEqual(idsOf(await desk.line({ q: 'quay', limit: 1, order: 'newest' })), [second]);
    for (const nothing of ['uay', '%', '_', 'quay 1000', id.slice(0, 3), "'; drop table", '\\']) {
      const reply = await desk.line({ q: nothing });
      assert.deepEqual([idsOf(reply), reply.counts.waiting, reply.next], [[], 0, undefined], nothing);
    }
    const other = await aProvider(desk.db.kysely);
    assert.deepEqual(idsOf(await desk.line({ q: id, provider: other })), []);
    assert.deepEqual(idsOf(await desk.line({ q: 'quay', provider: other })), []);
  });

  for (const order of ['urgent', 'newest', 'oldest'] as const) {
    test(`walked by cursor (${order}) skips nothing and doubles nothing while reports arrive`, async () => {
      const providerId = await aProvider(desk.db.kysely);
      const expected = new Set<string>();
      const priorities = [1, 2, 3, undefined] as const;
      const add = async (minute: number, index: number) => {
        const priority = priorities[index % 4];
        const at = minutesLater(minute);
        return await desk.inLine({
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
        const reply = await desk.line({ order, limit: 5, ...(cursor !== undefined && { cursor }) });
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
    for (let index = 0; index < 4; index += 1) ids.push(await desk.inLine());
    for (const [index, id] of ids.entries()) {
      await sql`update assess.line_entry set filed_at = filed_at + ${`${index} microseconds`}::interval
        where report_id = ${id}`.execute(desk.db.kysely);
    }
    const first = await desk.line({ limit: 2 });
    const second = await desk.line({ limit: 2, cursor: first.next });
    assert.deepEqual([...idsOf(first), ...idsOf(second)], ids);
    assert.equal(second.next, undefined);
  });

  test('counts the same before and after the counts are folded', async () => {
    const ids = [];
    for (let index = 0; index < 6; index += 1) ids.push(await desk.inLine());
    await desk.inLine({ declaredPriority: 1 });
    const fold = assessJobs.find((job) => job.name === 'fold-line-counts')!;
    const foldNow = () => testCtx(desk.db).run((ctx) => fold.run(ctx, 'clock'));
    for (const id of ids.slice(0, 4)) await desk.act('take', id);
    await foldNow();
    for (const id of ids.slice(0, 2)) await desk.act('decision', id, { body: { kind: 'refer' } });
    const before = await desk.line();
    assert.deepEqual(before.counts, { waiting: 3, taken: 2, decided: 2 });
    // Two at once, as when a worker is started a second time.
    await Promise.all([foldNow(), foldNow()]);
    assert.deepEqual((await desk.line()).counts, before.counts);
    assert.deepEqual((await desk.line({ urgency: 1 })).counts, { waiting: 1, taken: 0, decided: 0 });
    const { rows } = await sql<{ left: number; wrong: number }>`
      select (select count(*)::int from assess.line_change) as left,
        (select count(*)::int from (
          select environment, provider_id, urgency, state, entries from assess.line_tally where entries <> 0
          except
          select environment, provider_id, urgency, state, count(*) from assess.line_entry group by 1, 2, 3, 4
        ) as difference) as wrong`.execute(desk.db.kysely);
    assert.deepEqual(rows, [{ left: 0, wrong: 0 }]);
  });

  test('refuses a cursor that it did not give', async () => {
    for (let index = 0; index < 3; index += 1) await desk.inLine();
    const { next } = await desk.line({ limit: 1 });
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
    for (const cursor of bad) await refusedWith(desk.line({ cursor }), 'screens.bad-cursor');
    await refusedWith(desk.line({ cursor: next, order: 'newest' }), 'screens.bad-cursor');
    const extreme = made({ ...good, filedAt: '9'.repeat(18) });
    assert.deepEqual((await desk.line({ cursor: extreme, urgency: 4 })).items, []);
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
    for (const query of bad)
      await assert.rejects(desk.line(query), { name: 'DefectList' }, JSON.stringify(query));
  });
});
