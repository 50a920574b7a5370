import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { rankOf, urgencyOf } from '#assess';
import { startBureau } from '../demo/bureau.ts';
import { readJson } from '../demo/folder.ts';
import { type Benchmark, environmentFor, type Figure, withFolder } from './benchmark.ts';
import { dayOfFacts } from './day-facts.ts';

/**
 * `POST /v1/desk/next` over HTTP, as officers at their desks ask it, with many reports waiting; what ranking a report
 * costs; and how many of the day's planted urgent reports stand among the first looks.
 */
export const triage: Benchmark = {
  summary: 'the next report over HTTP with many waiting, and what the rules find on the invented day',
  defaults: { waiting: 100_000, officers: 200, seconds: 60, pause: 20_000, reports: 20_000, seed: 7 },
  measure: async (numbers, note) => {
    const { waiting = 0, officers = 0, seconds = 0, pause = 0, reports = 0, seed = 0 } = numbers;
    const rules = rulesOnDay(reports, seed);
    note(`ranked ${reports} reports of the invented day`);
    return await withFolder(async (folder) => {
      const bureau = await startBureau(folder, environmentFor(folder));
      try {
        const address = await readJson<{ databaseUrl: string }>(join(folder, 'bureau.json'));
        if (address === undefined) throw new Error('the bureau left no bureau.json');
        const client = new pg.Client({ connectionString: address.databaseUrl });
        await client.connect();
        try {
          await fillLine(client, waiting);
          note(`${waiting} reports wait`);
          const cookies = await signInOfficers(client, bureau.url, officers);
          note(`${officers} officers are signed in and ask about every ${pause} ms`);
          const asked = await askAtDesks(bureau.url, cookies, seconds, pause);
          return [...nextFigures(asked, seconds), ...rules];
        } finally {
          await client.end();
        }
      } finally {
        await bureau.stop();
      }
    });
  },
};

/** Invented entries without reports behind them: ninety days of a line, one in a hundred of class 1 or 2. */
async function fillLine(client: pg.Client, waiting: number): Promise<void> {
  const provider = '00000000-0000-4000-8000-000000000001';
  await client.query(
    "insert into access.provider (id, name, environment, created_at) values ($1, 'Bench service', 'production', now())",
    [provider],
  );
  await client.query(
    `insert into assess.line_entry
      (report_id, provider_id, environment, urgency, score, filed_at, state, data_expires_at, changed_at)
    select 5000000 + n, $1, 'production', case when n % 1000 = 0 then 1 when n % 100 = 0 then 2 when n % 4 = 0 then 3 else 4 end,
      (n::bigint * 7919 % 100003) / 100003.0, now() - n * interval '90 days' / $2::int, 'waiting',
      case when n % 3 = 0 then now() + n % 90 * interval '1 day' end, now()
    from generate_series(1, $2::int) n`,
    [provider, waiting],
  );
  await client.query(
    `insert into assess.assessment
      (report_id, urgency, score, urgency_reasons, completeness, present, missing, rules_version, assessed_at)
    select report_id, urgency, score, '[{"code":"enticement","sentence":"An invented reason for the benchmark."}]', 0.5,
      '[]', '[]', 'bench', now() from assess.line_entry`,
  );
  await client.query('vacuum analyze assess.line_entry');
  await client.query('vacuum analyze assess.assessment');
}

async function signInOfficers(client: pg.Client, url: string, officers: number): Promise<string[]> {
  const cookies: string[] = [];
  for (let n = 0; n < officers; n += 1) {
    const token = `bench-officer-${n}`.padEnd(43, 'x');
    const { rows } = await client.query<{ id: string }>(
      `insert into access.staff (id, name, roles, created_at)
      values (gen_random_uuid(), $1, '{triage-officer}', now()) returning id`,
      [`Officer ${n + 1}`],
    );
    await client.query(
      `insert into access.session (id, token_sha256, staff_id, created_at, last_seen_at, expires_at, method, proved_at)
      values (gen_random_uuid(), sha256($1::bytea), $2, now(), now(), now() + interval '2 hours', 'link', now())`,
      [token, rows[0]?.id],
    );
    cookies.push(`firstlight_session=${token}`);
  }
  const reply = await fetch(`${url}/v1/session`, { headers: { cookie: cookies[0] ?? '' } });
  if (!reply.ok) throw new Error(`an officer is not let in: ${await reply.text()}`);
  return cookies;
}

interface Asked {
  readonly elapsedMs: number[];
  readonly reports: string[];
}

/** Every officer asks, decides at once, thinks for about the pause, and asks again. */
async function askAtDesks(
  url: string,
  cookies: readonly string[],
  seconds: number,
  pause: number,
): Promise<Asked> {
  const asked: Asked = { elapsedMs: [], reports: [] };
  const endMs = performance.now() + seconds * 1000;
  const desk = async (cookie: string, index: number): Promise<void> => {
    await sleep((pause * index) / cookies.length);
    while (performance.now() < endMs) {
      const startedMs = performance.now();
      const { report } = await post<{ report?: { reportId: string } }>(url, '/v1/desk/next', cookie, {});
      asked.elapsedMs.push(performance.now() - startedMs);
      if (report === undefined) throw new Error('nothing was next');
      asked.reports.push(report.reportId);
      await post(url, `/v1/desk/reports/${report.reportId}/decision`, cookie, { kind: 'refer' });
      // Uneven, so that desks do not fall into step with each other.
      await sleep(pause * (0.5 + ((index * 31 + asked.reports.length * 17) % 100) / 100));
    }
  };
  await Promise.all(cookies.map(desk));
  return asked;
}

async function post<T>(url: string, path: string, cookie: string, body: unknown): Promise<T> {
  const reply = await fetch(url + path, {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(`${path} answered ${reply.status}: ${await reply.text()}`);
  return (await reply.json()) as T;
}

function nextFigures({ elapsedMs, reports }: Asked, seconds: number): Figure[] {
  if (new Set(reports).size !== reports.length) throw new Error('two officers were given the same report');
  const sorted = elapsedMs.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return [
    {
      name: 'next over HTTP, 99th percentile',
      value: at(0.99),
      unit: 'ms',
      aim: { kind: 'below', value: 20 },
    },
    { name: 'next over HTTP, median', value: at(0.5), unit: 'ms' },
    { name: 'looks', value: reports.length / seconds, unit: 'a second' },
  ];
}

function rulesOnDay(reports: number, seed: number): Figure[] {
  const day = dayOfFacts(reports, seed);
  const asOf = day.until.getTime();
  const startedMs = performance.now();
  const ranked = day.reports.map(({ facts, isUrgent }, index) => ({
    rank: rankOf(urgencyOf(facts, asOf)),
    isUrgent,
    index,
  }));
  const rankingMs = (performance.now() - startedMs) / day.reports.length;
  const urgent = ranked.filter((one) => one.isUrgent).length;
  const found = (order: readonly { isUrgent: boolean }[], looks: number) =>
    (100 * order.slice(0, looks).filter((one) => one.isUrgent).length) / urgent;
  const byRank = ranked.toSorted((a, b) => b.rank - a.rank || a.index - b.index);
  const twoPercent = Math.round(day.reports.length * 0.02);
  return [
    {
      name: 'ranking one report, rules alone',
      value: rankingMs,
      unit: 'ms',
      aim: { kind: 'below', value: 2 },
    },
    { name: 'planted urgent among as many first looks', value: found(byRank, urgent), unit: '%' },
    { name: 'planted urgent among the first 2 % of looks', value: found(byRank, twoPercent), unit: '%' },
    { name: 'the same, first in first out', value: found(ranked, twoPercent), unit: '%' },
  ];
}
