import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { inventDay, truthLine } from './day.ts';
import { fileKey, originKey } from './files.ts';
import type { DayReport } from './report.ts';

const until = new Date('2026-11-24T20:00:00Z');

async function dayOf(reports: number, seed = 1, day = 1): Promise<DayReport[]> {
  const list: DayReport[] = [];
  for await (const report of inventDay({ seed, day, reports, until })) list.push(report);
  return list;
}

const large = await dayOf(5000);

function near(actual: number, wanted: number, tolerance: number, what: string): void {
  assert.ok(
    Math.abs(actual - wanted) <= tolerance,
    `${what} is ${actual.toFixed(4)}, wanted ${wanted} within ${tolerance}`,
  );
}

function shareOf(list: readonly DayReport[], has: (report: DayReport) => boolean): number {
  return list.filter(has).length / list.length;
}

test('the same seed gives the same day, another seed or day another one', async () => {
  const text = async (seed: number, day: number) => JSON.stringify(await dayOf(120, seed, day));
  assert.equal(await text(3, 1), await text(3, 1));
  assert.notEqual(await text(3, 1), await text(4, 1));
  assert.notEqual(await text(3, 1), await text(3, 2));
});

test('a day has as many submissions as were asked for, sent twice counting double', async () => {
  for (const reports of [20, 21, 150, 400]) {
    const list = await dayOf(reports);
    const submissions = list.reduce((sum, report) => sum + (report.course === 'sent-twice' ? 2 : 1), 0);
    assert.equal(submissions, reports);
  }
});

test('the smallest day holds an urgent report, one with files and one without', async () => {
  const list = await dayOf(20);
  assert.ok(list.some((report) => report.truth.isUrgent));
  assert.ok(list.some((report) => report.files.length > 0));
  assert.ok(list.some((report) => report.files.length === 0));
});

test('files per report: zero-inflated, heavy tail, mean 2.9', () => {
  const counts = large.map((report) => report.files.length);
  near(counts.reduce((sum, count) => sum + count, 0) / large.length, 2.9, 0.4, 'mean');
  near(
    shareOf(large, (report) => report.files.length === 0),
    0.22,
    0.03,
    'share without files',
  );
  assert.ok(Math.max(...counts) > 60, 'the tail is heavy');
});

test('files: kinds, exact and near duplicates', () => {
  const files = large.flatMap((report) => report.files.map((file) => file.recipe));
  const seen = (series: string | undefined, key: typeof fileKey): number => {
    const chosen = files.filter((recipe) => series === undefined || recipe.series === series);
    return 1 - new Set(chosen.map(key)).size / chosen.length;
  };
  near(seen(undefined, fileKey), 0.52, 0.03, 'exact duplicates');
  near(seen('picture', fileKey), 0.41, 0.03, 'exact duplicates of pictures');
  near(seen('video', fileKey), 0.64, 0.03, 'exact duplicates of videos');
  near(seen(undefined, originKey), 0.68, 0.04, 'near duplicates');
  near(files.filter((recipe) => recipe.series === 'video').length / files.length, 0.5, 0.02, 'videos');
});

test('a report never holds the same bytes twice', () => {
  for (const report of large) {
    assert.equal(new Set(report.files.map((file) => fileKey(file.recipe))).size, report.files.length);
  }
});

test('urgent, escalated, batched, retracted, sent twice, refused first', () => {
  near(
    shareOf(large, (report) => report.truth.isUrgent),
    0.013,
    0.002,
    'urgent',
  );
  near(
    shareOf(large, (report) => report.escalation !== undefined),
    0.009,
    0.004,
    'escalated',
  );
  near(
    shareOf(large, (report) => report.isBatched),
    0.013,
    0.005,
    'batched',
  );
  near(
    shareOf(large, (report) => report.course === 'retracted'),
    0.005,
    0.002,
    'retracted',
  );
  near(
    shareOf(large, (report) => report.course === 'sent-twice'),
    0.01,
    0.002,
    'sent twice',
  );
  near(
    shareOf(large, (report) => report.firstTry !== undefined),
    0.0075,
    0.003,
    'refused first',
  );
  assert.ok(large.every((report) => report.escalation === undefined || report.truth.isUrgent));
});

test('missing identifiers, as the table says', () => {
  const ordinary = large.filter((report) => !report.isBatched);
  const sends = (fact: 'email' | 'phone' | 'access') =>
    shareOf(ordinary, (report) => report.users[0]?.[fact] !== undefined);
  near(sends('email'), 0.6, 0.04, 'e-mail');
  near(sends('phone'), 0.25, 0.03, 'phone');
  near(sends('access'), 0.8, 0.03, 'address and time');
  near(
    shareOf(ordinary, (report) => report.users[0]?.access?.port !== undefined),
    0.2,
    0.03,
    'port',
  );
});

test('8 to 12 % of reports name a person again, with an e-mail address that stands in an earlier one', () => {
  const firstMails = new Map<string, string | undefined>();
  let again = 0;
  for (const report of large) {
    const { person } = report.truth;
    if (person === undefined) continue;
    const mail = report.users[0]?.email;
    if (firstMails.has(person)) {
      again += 1;
      assert.equal(mail, firstMails.get(person));
      assert.notEqual(mail, undefined);
    } else firstMails.set(person, mail);
  }
  near(again / large.length, 0.1, 0.02, 'reported again');
});

test('batched reports hold accounts and one file, thin ones nothing that identifies', () => {
  for (const report of large.filter((one) => one.isBatched)) {
    assert.ok(report.users.length >= 3);
    assert.ok(report.users.every((user) => Object.keys(user).join() === 'accountId'));
    assert.equal(report.files.length, 1);
    assert.equal(report.files[0]?.name, undefined);
  }
  for (const report of large.filter((one) => one.service.kind === 'thin')) {
    const [user = {}] = report.users;
    assert.ok(['', 'accountId'].includes(Object.keys(user).join()));
    assert.equal(report.truth.person, undefined);
  }
});

test('everything lies in the past, most of it within the day, and services have their sizes', () => {
  const dayBefore = until.getTime() - 24 * 60 * 60 * 1000;
  for (const report of large) {
    assert.ok(report.incidentAt < until);
    for (const file of report.files) assert.ok(file.uploadedAt < until);
    for (const user of report.users) {
      assert.ok(user.disabledAt === undefined || user.disabledAt < until);
      assert.ok(user.access === undefined || user.access.at < until);
    }
  }
  assert.ok(shareOf(large, (report) => report.incidentAt.getTime() > dayBefore) > 0.8);
  near(
    shareOf(large, (report) => report.service.key === 'harbour-chat'),
    0.356,
    0.03,
    'the largest service',
  );
});

test('the truth names person, urgency and files, and nothing that the report lacks is in it', () => {
  const urgent = large.find((report) => report.truth.isUrgent);
  assert.ok(urgent !== undefined);
  const line = JSON.parse(truthLine(urgent, ['1000001'])) as Record<string, unknown>;
  assert.equal(line.isUrgent, true);
  assert.deepEqual(line.reportIds, ['1000001']);
  assert.equal(typeof line.person, 'string');
});

test('nothing of 40,000 reports is kept while a day of 100,000 goes on', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const keptBytes = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  let [count, early] = [0, 0];
  for await (const _report of inventDay({ seed: 2, day: 1, reports: 100_000, until })) {
    count += 1;
    if (count === 2000) early = keptBytes();
    if (count === 40_000) break;
  }
  const grown = keptBytes() - early;
  assert.equal(count, 40_000);
  assert.ok(grown < 2_000_000, `${Math.round(grown / 1000)} kB more than after 2,000 reports`);
});
