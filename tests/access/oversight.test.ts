import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, describe, test } from 'node:test';
import fc from 'fast-check';
import { sql } from 'kysely';
import type {
  LookUp,
  LookUpListReply,
  SampleReply,
  UnusualNumbersReply,
  WatchListReply,
} from '#contract/oversight';
import { floors, unusualNumbers } from '../../src/access/control/unusual-number.ts';
import { watchForm } from '../../src/access/control/watch-form.ts';
import { aFiledReport } from '../build.ts';
import { type Staff, startTestBureau, type TestBureau } from '../harness/bureau.ts';

const noon = new Date('2026-11-24T12:00:00Z');
let bureau: TestBureau;
let auditor: Staff;
const codeOf = (body: unknown) => (body as { code?: string }).code;

before(async () => {
  bureau = await startTestBureau({ now: noon });
  auditor = await bureau.signIn('Ann Auditor', ['auditor']);
});

async function inLine(email = 'someone@lantern.example', name?: string): Promise<string> {
  const identifiers = [
    { kind: 'email', value: email },
    ...(name === undefined ? [] : [{ kind: 'name', value: name }]),
  ];
  const { id } = await aFiledReport(bureau.db.kysely, { parties: [{ role: 'reported-user', identifiers }] });
  await sql`insert into assess.line_entry (report_id, provider_id, environment, urgency, filed_at, state, changed_at)
    select id, provider_id, environment, 4, filed_at, 'waiting', filed_at from intake.report where id = ${id}`.execute(
    bureau.db.kysely,
  );
  return id;
}

const lookUps = async (show: 'marked' | 'all' = 'marked') => {
  const { status, body } = await auditor.ask('GET', `/v1/desk/oversight/look-ups?show=${show}&limit=200`);
  assert.equal(status, 200, JSON.stringify(body));
  return (body as LookUpListReply).items;
};
const lookUpOf = async (
  staff: Staff,
  reportId: string,
  show: 'marked' | 'all' = 'all',
): Promise<LookUp | undefined> =>
  (await lookUps(show)).find((one) => one.by.id === staff.id && one.reportId === reportId);

describe('why a report is opened', () => {
  test('comes from the task where there is one, and is asked for where somebody else has it', async () => {
    const [ada, bo] = [
      await bureau.signIn('Ada One', ['triage-officer']),
      await bureau.signIn('Bo Two', ['triage-officer']),
    ];
    const reportId = await inLine();
    const path = `/v1/desk/reports/${reportId}`;
    assert.equal((await bo.ask('GET', path)).status, 200, 'what waits is for everybody who triages');
    assert.equal((await lookUpOf(bo, reportId))?.task, 'triage');
    await ada.ask('POST', `${path}/take`, {});
    assert.equal((await ada.ask('GET', path)).status, 200);
    assert.equal((await lookUpOf(ada, reportId))?.task, 'own');
    const refused = await bo.ask('GET', path);
    assert.equal(codeOf(refused.body), 'screens.reason-needed');
    assert.equal((await bo.ask('GET', `${path}?why=x`)).status, 400);
    assert.equal((await bo.ask('GET', `${path}?why=Ada+asked+me+to+look`)).status, 200);
    assert.equal((await lookUpOf(bo, reportId, 'marked'))?.why, 'Ada asked me to look');
    assert.equal((await bo.ask('GET', path)).status, 200, 'the reason holds for an hour');
    bureau.clock.advance(61 * 60_000);
    assert.equal((await bo.ask('GET', path)).status, 400);
    await ada.ask('POST', `${path}/decision`, { kind: 'refer' });
    assert.equal((await ada.ask('GET', path)).status, 200, 'what one decided is one’s own');
    assert.equal(codeOf((await bo.ask('GET', path)).body), 'screens.reason-needed');
    const { rows } = await sql<{ why: string }>`select why from access.audit where actor_id = ${bo.id}
      and action = 'read-report' and why = 'Ada asked me to look'`.execute(bureau.db.kysely);
    assert.ok(rows.length >= 1);
    bureau.clock.set(noon);
  });

  test('of the machine is kept too, marked as without a task', async () => {
    const reportId = await inLine();
    const reply = await fetch(`${bureau.url}/v1/desk/reports/${reportId}`, {
      headers: { authorization: `Bearer ${bureau.machineToken}` },
    });
    assert.equal(reply.status, 200);
    const found = (await lookUps()).find((one) => one.reportId === reportId);
    assert.equal(found?.task, 'none');
    assert.equal(found?.by.id, 'machine');
  });
});

describe('the watch-list', () => {
  test('marks whoever opens a report that names somebody on it, and keeps no name itself', async () => {
    const officer = await bureau.signIn('Wim Watcher', ['triage-officer']);
    const watch = { kind: 'email', category: 'neighbour', value: ' Nele.Neighbour@LANTERN.example ' };
    const made = await auditor.ask('POST', '/v1/desk/oversight/watch-list', watch);
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const twice = await auditor.ask('POST', '/v1/desk/oversight/watch-list', {
      ...watch,
      value: 'nele.neighbour@lantern.example',
    });
    assert.equal(codeOf(twice.body), 'control.watched-already');
    const kept = await sql<{ row: string }>`select row::text as row from access.watch_entry row`.execute(
      bureau.db.kysely,
    );
    assert.ok(!/nele|neighbour@/i.test(JSON.stringify(kept.rows)));
    const reportId = await inLine('nele.neighbour@lantern.example');
    const plain = await inLine('another@lantern.example');
    for (const id of [reportId, plain]) await officer.ask('GET', `/v1/desk/reports/${id}`);
    assert.deepEqual((await lookUpOf(officer, reportId, 'marked'))?.watched, ['neighbour']);
    assert.equal(await lookUpOf(officer, plain, 'marked'), undefined);
    const list = (await auditor.ask('GET', '/v1/desk/oversight/watch-list')).body as WatchListReply;
    assert.deepEqual(
      list.items.map(({ kind, category, isDead }) => [kind, category, isDead]),
      [['email', 'neighbour', false]],
    );
    const { id } = made.body as { id: string };
    assert.equal((await auditor.ask('POST', `/v1/desk/oversight/watch-list/${id}/removal`, {})).status, 200);
    assert.deepEqual(
      (await lookUpOf(officer, reportId, 'marked'))?.watched,
      ['neighbour'],
      'what was marked stays',
    );
  });

  test('has everybody who works here on it, by name', async () => {
    const officer = await bureau.signIn('Curious Officer', ['triage-officer']);
    await bureau.signIn('Jörg Beispiel', ['grader']);
    const reportId = await inLine('x@lantern.example', 'BEISPIEL, Jorg');
    await officer.ask('GET', `/v1/desk/reports/${reportId}`);
    assert.deepEqual((await lookUpOf(officer, reportId, 'marked'))?.watched, ['colleague']);
  });

  test('finds one person in every spelling, and never tells two apart by case or order', () => {
    assert.equal(watchForm('phone', '+44 7700 900123'), watchForm('phone', '07700 900 123'));
    assert.equal(watchForm('name', 'Élodie  Example'), watchForm('name', 'EXAMPLE, Elodie'));
    assert.equal(watchForm('account', '@Moon_Heron'), watchForm('account', 'moon_heron'));
    assert.equal(watchForm('name', 'Example'), undefined);
    assert.equal(watchForm('email', 'no address'), undefined);
    fc.assert(
      fc.property(
        fc.constantFrom('email' as const, 'phone' as const, 'name' as const, 'account' as const),
        fc.string(),
        (kind, text) => {
          const form = watchForm(kind, text);
          if (form === undefined) return;
          assert.equal(watchForm(kind, form), form, 'a form is its own form');
        },
      ),
    );
  });
});

describe('unusual numbers', () => {
  const day = 86_400_000;
  const counts = (person: string, numbers: readonly number[]) =>
    numbers.map((reports, index) => ({ person, from: index * day, reports }));

  test('are those far above what the person or the others usually open, and above the floor', () => {
    const quiet = counts('a', [30, 28, 33, 31, 29, 30, 32]);
    const busy = counts('b', [30, 31, 29, 30, 28, 33, 200]);
    assert.deepEqual(
      unusualNumbers([...quiet, ...busy], floors.day).map(({ person, reports, against }) => [
        person,
        reports,
        against,
      ]),
      [['b', 200, ['own', 'others']]],
    );
    const always = counts('c', [150, 150, 149, 151, 150, 152, 150]);
    const found = unusualNumbers([...quiet, ...always], floors.day);
    assert.ok(
      found.length > 0 && found.every(({ person, against }) => person === 'c' && against.includes('others')),
    );
    assert.deepEqual(unusualNumbers(counts('d', [1, 1, 1, 1, 1, 1, 40]), floors.day), [], 'below the floor');
    assert.deepEqual(unusualNumbers(counts('e', [100]), floors.day), []);
    assert.deepEqual(unusualNumbers(counts('e', [500]), floors.day)[0]?.against, ['floor']);
  });

  test('never hold a count at or below the floor, and equal days are never unusual', () => {
    const some = fc.array(
      fc.record({ person: fc.constantFrom('a', 'b', 'c'), from: fc.nat(30), reports: fc.nat(1000) }),
    );
    fc.assert(
      fc.property(some, (all) => {
        for (const one of unusualNumbers(all, 60)) assert.ok(one.reports > 60);
        assert.deepEqual(
          unusualNumbers(
            all.map((one) => ({ ...one, reports: 61 })),
            60,
          ),
          [],
        );
      }),
    );
  });

  test('are shown to the auditor with who and when', async () => {
    const officer = await bureau.signIn('Fast Officer', ['triage-officer']);
    await sql`insert into access.look_up (at, actor_kind, actor_id, actor_name, report_id, task, why)
      select ${noon}, 'staff', ${officer.id}, 'Fast Officer', n, 'triage', 'test' from generate_series(1, 300) n`.execute(
      bureau.db.kysely,
    );
    const { items } = (await auditor.ask('GET', '/v1/desk/oversight/unusual-numbers'))
      .body as UnusualNumbersReply;
    const found = items.filter(({ by }) => by.id === officer.id);
    assert.deepEqual(found.map(({ per, reports }) => [per, reports]).sort(), [
      ['day', 300],
      ['hour', 300],
    ]);
  });
});

describe('the monthly sample', () => {
  test('is drawn by the auditor only, and again by whoever has its seed', async () => {
    const supervisor = await bureau.signIn('Sue Super', ['supervisor']);
    const body = { month: '2026-11', size: 20, seed: 'seed-4417' };
    assert.equal((await supervisor.ask('POST', '/v1/desk/oversight/samples', body)).status, 403);
    const machine = await fetch(`${bureau.url}/v1/desk/oversight/samples`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bureau.machineToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.equal(machine.status, 403);
    bureau.clock.advance(60_000);
    const first = (await auditor.ask('POST', '/v1/desk/oversight/samples', body)).body as SampleReply;
    const again = (await auditor.ask('POST', '/v1/desk/oversight/samples', body)).body as SampleReply;
    const other = (await auditor.ask('POST', '/v1/desk/oversight/samples', { ...body, seed: 'another' }))
      .body as SampleReply;
    const idsOf = (reply: SampleReply) => reply.items.map(({ id }) => id);
    assert.equal(first.items.length, 20);
    assert.deepEqual(idsOf(first), idsOf(again));
    assert.notDeepEqual(idsOf(first), idsOf(other));
    // Drawn again without this program: the lowest SHA-256 of seed and id.
    const { rows } = await sql<{
      id: string;
    }>`select id::text as id from access.look_up where at < ${first.sample.until}`.execute(bureau.db.kysely);
    const number = (id: string) => createHash('sha256').update(`seed-4417:${id}`).digest('hex');
    assert.deepEqual(
      idsOf(first),
      rows
        .map(({ id }) => id)
        .toSorted((a, b) => (number(a) < number(b) ? -1 : 1))
        .slice(0, 20),
    );
    assert.equal(first.sample.population, rows.length);
    const ahead = await auditor.ask('POST', '/v1/desk/oversight/samples', { ...body, month: '2027-01' });
    assert.equal(codeOf(ahead.body), 'control.month-ahead');
    bureau.clock.set(noon);
  });

  test('holds what the auditor made of each look-up; marks add up and the newest stands', async () => {
    const [one] = await lookUps('all');
    assert.ok(one !== undefined);
    const mark = async (mark: string) =>
      await auditor.ask('POST', `/v1/desk/oversight/look-ups/${one.id}/mark`, {
        mark,
        note: 'asked the person',
      });
    assert.equal((await mark('follow-up')).status, 200);
    assert.equal((await mark('explained')).status, 200);
    assert.equal((await lookUps('all')).find(({ id }) => id === one.id)?.mark?.mark, 'explained');
    await assert.rejects(sql`delete from access.look_up_mark`.execute(bureau.db.kysely), /append-only/);
    await assert.rejects(sql`update access.look_up set why = 'x'`.execute(bureau.db.kysely), /append-only/);
    const unknown = await auditor.ask('POST', '/v1/desk/oversight/look-ups/99999999/mark', {
      mark: 'explained',
      note: 'abc',
    });
    assert.equal(codeOf(unknown.body), 'control.unknown-look-up');
  });
});
