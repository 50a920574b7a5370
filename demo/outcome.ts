import { setTimeout as sleep } from 'node:timers/promises';
import type { ReportListReply, StatusReply } from '#contract/desk';
import type { Connection } from './send/connection.ts';
import type { DayTotals } from './send/send-day.ts';

/** What the bureau itself says about the reports of one run. */
export interface BureauCounts {
  reports: number;
  incidents: number;
  files: number;
  /** Reports that are shown as sent before. */
  duplicates: number;
  assessed: number;
  /** Reports by urgency, 1 to 4. */
  readonly urgency: Record<'1' | '2' | '3' | '4', number>;
  retracted: number;
  /** Contents that the bureau keeps now and did not keep before, counted when no job was left to do. */
  newContents: number;
  needAttention: number;
}

export async function statusOf(administrator: Connection): Promise<StatusReply> {
  return await administrator.json<StatusReply>('GET', '/v1/desk/status');
}

const pollMs = 200;
const patienceMs = 60_000;

/** Waits until every filed report stands in the line; gives up after a minute in which nothing moved. */
export async function waitUntilAssessed(
  administrator: Connection,
  onStatus: (assessed: number) => void,
  signal: AbortSignal,
): Promise<boolean> {
  return await waitUntilNothingLeft(administrator, signal, ({ desk, reports }) => {
    const assessed = desk.waiting + desk.taken + desk.decided;
    onStatus(assessed);
    return reports.filed - assessed;
  });
}

/**
 * Waits until no job is left: what was sealed has been read back, and what belonged to a retracted report is gone.
 * Gives up after a minute in which nothing moved.
 */
export async function waitUntilQuiet(
  administrator: Connection,
  onStatus: (left: number) => void,
  signal: AbortSignal,
): Promise<boolean> {
  return await waitUntilNothingLeft(administrator, signal, ({ jobs }) => {
    onStatus(jobs.waiting + jobs.running);
    return jobs.waiting + jobs.running;
  });
}

async function waitUntilNothingLeft(
  administrator: Connection,
  signal: AbortSignal,
  leftOf: (status: StatusReply) => number,
): Promise<boolean> {
  let [fewest, movedMs] = [Number.POSITIVE_INFINITY, performance.now()];
  while (!signal.aborted) {
    const left = leftOf(await statusOf(administrator));
    if (left <= 0) return true;
    if (left < fewest) [fewest, movedMs] = [left, performance.now()];
    if (performance.now() - movedMs > patienceMs) return false;
    await sleep(pollMs);
  }
  return false;
}

/**
 * Asks the bureau what it has of this run.
 * @param before its status before the first report was sent
 * @param firstReportId number of the first report of this run
 */
export async function countAtBureau(
  administrator: Connection,
  before: StatusReply,
  firstReportId: number,
): Promise<BureauCounts> {
  const after = await statusOf(administrator);
  const counts: BureauCounts = {
    reports: 0,
    incidents: 0,
    files: 0,
    duplicates: 0,
    assessed: 0,
    urgency: { '1': 0, '2': 0, '3': 0, '4': 0 },
    retracted: after.reports.retracted - before.reports.retracted,
    newContents: after.files.seals - before.files.seals,
    needAttention: after.jobs.needAttention - before.jobs.needAttention,
  };
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({
      state: 'filed',
      limit: '200',
      ...(cursor === undefined ? {} : { cursor }),
    });
    const page = await administrator.json<ReportListReply>('GET', `/v1/desk/reports?${query}`);
    for (const item of page.items) {
      if (Number(item.reportId) < firstReportId) continue;
      counts.reports += 1;
      counts.incidents += item.incidents;
      counts.files += item.files;
      if (item.duplicateOf !== undefined) counts.duplicates += 1;
      if (item.deskState !== undefined && item.urgency !== undefined) counts.assessed += 1;
      if (item.urgency !== undefined) counts.urgency[`${item.urgency}` as '1' | '2' | '3' | '4'] += 1;
    }
    cursor = page.next;
  } while (cursor !== undefined);
  return counts;
}

/**
 * Every way in which what the bureau has differs from what was sent, as sentences; empty when all went the whole way.
 * @param wasEmpty the bureau kept no content before this run, so what it keeps now must be what was filed
 */
export function differences(
  totals: DayTotals,
  counts: BureauCounts,
  wanted: number,
  wasEmpty: boolean,
): string[] {
  const pairs: [string, number, number][] = [
    ['reports opened', totals.reports, wanted],
    ['reports filed', counts.reports, totals.filed],
    ['reports retracted', counts.retracted, totals.retracted],
    ['reports assessed', counts.assessed, totals.filed],
    ['incidents', counts.incidents, totals.incidents],
    ['file records', counts.files, totals.files],
    ['reports shown as sent twice', counts.duplicates, totals.sentTwice],
    ['jobs that need attention', counts.needAttention, 0],
  ];
  if (wasEmpty) pairs.push(['contents kept', counts.newContents, totals.contents.size]);
  const unequal = pairs.filter(([, is, should]) => is !== should);
  return [
    ...totals.troubles,
    ...totals.mismatches,
    ...unequal.map(([what, is, should]) => `${what}: ${is}, expected ${should}`),
  ];
}
