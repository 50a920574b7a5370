import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { SentReportReply } from '#contract/intake';
import { isDatabaseUnavailable } from '#platform/postgres-errors';
import type { Ledger, ReportRecord } from './ledger.ts';
import type { Sender } from './sender.ts';

/** What is wrong after a trial; empty lists when the bureau kept its word. Each entry is a sentence with ids. */
export interface Reckoning {
  /** Acknowledged, and not there or not as it was. */
  readonly lost: string[];
  /** Done more than once. */
  readonly doubled: string[];
  /** Left behind, unfinished or in disagreement. */
  readonly untidy: string[];
}

export function emptyReckoning(): Reckoning {
  return { lost: [], doubled: [], untidy: [] };
}

const mostTries = 20;

/**
 * Reads from the database. A server that attached to a database on its way out may say that it is ready and lose it a
 * moment later; then all of it is read again.
 */
export async function withDatabase<T>(url: string, read: (client: pg.Client) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    try {
      await client.connect();
      return await read(client);
    } catch (error) {
      const isPassing = isDatabaseUnavailable(error);
      if (!isPassing || tries >= mostTries) throw error;
      await sleep(500);
    } finally {
      await client.end().catch(() => {});
    }
  }
}

const quietMs = 180_000;

/** Resolves when no job waits or runs: a killed worker's jobs come back after the queue's heartbeat. */
export async function untilQuiet(url: string): Promise<void> {
  const deadline = performance.now() + quietMs;
  await withDatabase(url, async (client) => {
    for (;;) {
      const { rows } = await client.query<{ name: string; state: string; count: number }>(
        `select name, state::text as state, count(*)::int as count from pgboss.job
         where state < 'completed' and name not like '\\_\\_pgboss%' group by 1, 2`,
      );
      if (rows.length === 0) return;
      if (performance.now() > deadline) throw new Error(`jobs are still due: ${JSON.stringify(rows)}`);
      await sleep(200);
    }
  });
}

/** Asks for every report as the service that sent it, and compares with what was acknowledged. */
export async function askForAll(
  senders: readonly Sender[],
  reports: readonly ReportRecord[],
  found: Reckoning,
): Promise<void> {
  const queue = reports.filter((report) => report.reportId !== undefined);
  const worker = async () => {
    for (let record = queue.shift(); record !== undefined; record = queue.shift()) {
      const sender = senders[record.service];
      if (sender !== undefined) await askForOne(sender, record, found);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

async function askForOne(sender: Sender, record: ReportRecord, found: Reckoning): Promise<void> {
  const { reportId, state, files } = record;
  const path = `/v1/reports/${reportId}`;
  const reply = await sender.call({ method: 'GET', path, alsoFine: [404] });
  if (reply.status !== 200) return void found.lost.push(`report ${reportId} is not there`);
  const sent = JSON.parse(reply.text) as SentReportReply;
  if (sent.state !== state) found.lost.push(`report ${reportId} is ${sent.state}, was acknowledged ${state}`);
  if (state === 'retracted') return;
  for (const file of files) {
    const kept = sent.fileList.find(({ fileId }) => fileId === file.fileId);
    const isSame = kept?.sha256 === file.sha256 && kept.sizeBytes === file.sizeBytes;
    if (!isSame) found.lost.push(`file ${file.fileId} of report ${reportId} is not as it was sent`);
    else if (file.isDescribed && !kept.isDescribed)
      found.lost.push(`file ${file.fileId} of report ${reportId} lost its details`);
  }
  const extra = sent.fileList.length - files.length - record.unansweredUploads;
  if (extra > 0) found.doubled.push(`report ${reportId} has ${extra} files that nobody sent`);
  if (record.receipt === undefined || record.filing === undefined) return;
  const headers = { 'idempotency-key': record.filing.key };
  const again = await sender.call({ method: 'POST', path: `${path}/filing`, headers, alsoFine: [409] });
  if (!isSameJson(again.text, record.receipt) || again.headers['idempotent-replayed'] !== 'true')
    found.lost.push(`the receipt of report ${reportId} is not told again`);
}

function isSameJson(one: string, other: string): boolean {
  const sorted = (text: string) =>
    JSON.stringify(JSON.parse(text), (_, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        : value,
    );
  return one === other || sorted(one) === sorted(other);
}

interface Rule {
  readonly kind: keyof Reckoning;
  readonly says: string;
  /** Gives one text, `what`, for each place that breaks the rule. */
  readonly sql: string;
}

const filed = "select 'report:' || id as what from intake.report where state = 'filed'";

/** Over the whole database, whoever sent what: everything is there once, and every part agrees with the others. */
export const rules: readonly Rule[] = [
  {
    kind: 'lost',
    says: 'is filed and was never assessed',
    sql: "select id::text as what from intake.report r where state = 'filed' and not exists (select from assess.assessment a where a.report_id = r.id)",
  },
  {
    kind: 'lost',
    says: 'is filed and not in the line',
    sql: "select id::text as what from intake.report r where state = 'filed' and not exists (select from assess.line_entry e where e.report_id = r.id)",
  },
  {
    kind: 'lost',
    says: 'is a kept file without sealed bytes',
    sql: `select f.id as what from intake.report_file f join intake.report r on r.id = f.report_id
      where r.state in ('open', 'filed') and not exists (select from vault.holding h join vault.seal s using (sha256)
        where h.file_id = f.id and h.sha256 = f.sha256 and h.released_at is null and s.location is not null and s.damaged_at is null)`,
  },
  {
    kind: 'lost',
    says: 'was filed without its audit row',
    sql: `${filed} except select subject from access.audit where action = 'file-report' and outcome = 'done'`,
  },
  {
    kind: 'doubled',
    says: 'has more than one audit row of its filing',
    sql: `select subject as what from access.audit where action = 'file-report' and outcome = 'done'
      and coalesce(details->>'isReplay', 'false') = 'false' group by subject having count(*) > 1`,
  },
  {
    kind: 'doubled',
    says: 'was assessed more than once in effect',
    sql: "select subject as what from access.audit where action = 'assess-report' and outcome = 'done' group by subject having count(*) > 1",
  },
  {
    kind: 'doubled',
    says: 'has more than one custody entry of its arrival or release',
    sql: "select file_id || ' ' || act as what from vault.custody where act in ('received', 'released') group by file_id, act having count(*) > 1",
  },
  {
    kind: 'doubled',
    says: 'has more than one standing decision',
    sql: 'select report_id::text as what from assess.decision where undone_at is null group by report_id having count(*) > 1',
  },
  {
    kind: 'untidy',
    says: 'is in the line and not filed',
    sql: "select report_id::text as what from assess.line_entry e where not exists (select from intake.report r where r.id = e.report_id and r.state = 'filed')",
  },
  {
    kind: 'untidy',
    says: 'is counted otherwise than it stands in the line',
    sql: `select coalesce(a.key, b.key) as what from
      (select concat_ws(' ', environment, provider_id, urgency, state) as key, count(*) as n from assess.line_entry group by 1) a
      full join (select concat_ws(' ', environment, provider_id, urgency, state) as key, sum(entries) as n from assess.line_count group by 1 having sum(entries) <> 0) b
      using (key) where a.n is distinct from b.n`,
  },
  {
    kind: 'untidy',
    says: 'needs the attention of a person',
    // A decoder that is killed over a file is what a person is asked about.
    sql: "select job || ' ' || subject || ': ' || reason as what from platform.attention where resolved_at is null and job <> 'fingerprint-file'",
  },
  {
    kind: 'untidy',
    says: 'is retracted and still holds a file',
    sql: "select r.id::text as what from intake.report r join vault.holding h on h.report_id = r.id where r.state = 'retracted' and h.released_at is null",
  },
  {
    kind: 'untidy',
    says: 'has no holder and still has its bytes',
    sql: 'select sha256 as what from vault.seal s where location is not null and not exists (select from vault.holding h where h.sha256 = s.sha256 and h.released_at is null)',
  },
];

/** At most so many of one kind are named; the rest is counted. */
const mostNamed = 5;

export async function askTheDatabase(url: string, ledger: Ledger, found: Reckoning): Promise<void> {
  await withDatabase(url, async (client) => {
    for (const { kind, says, sql } of rules) {
      const { rows } = await client.query<{ what: string }>(sql);
      for (const { what } of rows.slice(0, mostNamed)) found[kind].push(`${what} ${says}`);
      if (rows.length > mostNamed) found[kind].push(`${rows.length - mostNamed} more: ${says}`);
    }
    const { rows } = await client.query<{ door: 'v1' | 'ispws'; count: number }>(
      'select door, count(*)::int as count from intake.report group by door',
    );
    for (const { door, count } of rows) {
      const acknowledged = ledger.countOf(door);
      const inDoubt = door === 'ispws' ? ledger.unansweredSubmits : 0;
      if (count > acknowledged + inDoubt)
        found.doubled.push(
          `${count} reports at ${door}, ${acknowledged} acknowledged and ${inDoubt} in doubt`,
        );
      if (count < acknowledged) found.lost.push(`${count} reports at ${door}, ${acknowledged} acknowledged`);
    }
  });
}

/**
 * Counts bytes in the local store that no seal and no note names. The note of an upload is not waited for on disk, so
 * a killed database may forget it; then the upload was not acknowledged, and only a search for strays finds its bytes.
 */
export async function countStrays(dataFolder: string, url: string): Promise<number> {
  const known = await withDatabase(url, async (client) => {
    const { rows } = await client.query<{ place: string }>(
      'select location as place from vault.seal where location is not null union all select location from vault.incoming',
    );
    return new Set(rows.map(({ place }) => place.slice(-32)));
  });
  const entries = await readdir(join(dataFolder, 'evidence'), { recursive: true, withFileTypes: true });
  const places = entries.filter((entry) => entry.isFile() && /[0-9a-f]{32}$/.test(entry.name));
  return places.filter(({ name }) => !known.has(name.slice(-32))).length;
}

/** Has the bureau read every seal from end to end. */
export async function verifyEvidence(machine: Sender, found: Reckoning): Promise<number> {
  const json = { 'content-type': 'application/json' };
  const reply = await machine.call({
    method: 'POST',
    path: '/v1/desk/verification',
    headers: json,
    body: '{}',
  });
  const lines = reply.text.trim().split('\n');
  const last = JSON.parse(lines.at(-1) ?? '{}') as { done?: boolean; checked?: number; total?: number };
  if (last.done !== true || last.checked !== last.total) found.untidy.push('the verification broke off');
  for (const line of lines) {
    const { damaged } = JSON.parse(line) as { damaged: { sha256: string; reason: string }[] };
    for (const { sha256, reason } of damaged) found.lost.push(`seal ${sha256}: ${reason}`);
  }
  return last.checked ?? 0;
}
