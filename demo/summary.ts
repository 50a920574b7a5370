import type { BureauCounts } from './outcome.ts';
import type { DayTotals } from './send/send-day.ts';

/** What happened in one run; everything measured from answers or asked from the bureau. */
export interface DemoResult {
  readonly ok: boolean;
  readonly url: string;
  readonly signInLink: string;
  readonly day: number;
  readonly seed: number;
  readonly sent: {
    readonly reports: number;
    readonly filed: number;
    readonly retracted: number;
    readonly twice: number;
    readonly files: number;
    readonly bytes: number;
    /** Files with different bytes among those. */
    readonly contents: number;
    readonly services: number;
  };
  readonly refused: Readonly<Record<string, number>>;
  readonly bureau: BureauCounts;
  /** From the first submit to the last receipt, on to the last assessment, and on until no job was left. */
  readonly seconds: { readonly sending: number; readonly untilAssessed: number; readonly untilQuiet: number };
  readonly reportsPerSecond: number;
  readonly problems: readonly string[];
}

export interface Measured {
  readonly url: string;
  readonly signInLink: string;
  readonly day: number;
  readonly seed: number;
  readonly services: number;
  readonly sendingMs: number;
  readonly untilAssessedMs: number;
  readonly untilQuietMs: number;
}

export function resultOf(
  totals: DayTotals,
  bureau: BureauCounts,
  problems: string[],
  measured: Measured,
): DemoResult {
  const seconds = {
    sending: rounded(measured.sendingMs / 1000),
    untilAssessed: rounded(measured.untilAssessedMs / 1000),
    untilQuiet: rounded(measured.untilQuietMs / 1000),
  };
  return {
    ok: problems.length === 0,
    url: measured.url,
    signInLink: measured.signInLink,
    day: measured.day,
    seed: measured.seed,
    sent: {
      reports: totals.reports,
      filed: totals.filed,
      retracted: totals.retracted,
      twice: totals.sentTwice,
      files: totals.files,
      bytes: totals.bytes,
      contents: totals.contents.size,
      services: measured.services,
    },
    refused: Object.fromEntries([...totals.refusals].sort()),
    bureau,
    seconds,
    reportsPerSecond: rounded((totals.filed * 1000) / Math.max(1, measured.untilAssessedMs)),
    problems,
  };
}

/** The table that a person reads. */
export function tableOf(result: DemoResult): string {
  const { sent, bureau, refused, seconds } = result;
  const ahead = bureau.urgency['1'] + bureau.urgency['2'] + bureau.urgency['3'];
  const repeated = sent.files === 0 ? 0 : Math.round(100 * (1 - sent.contents / sent.files));
  const rows: [string, number | string, string][] = [
    ['Reports filed', bureau.reports, `by ${sent.services} services; ${sent.retracted} more taken back`],
    ['  shown as sent twice', bureau.duplicates, 'the same report again, by a client that missed the answer'],
    [
      '  ahead in line',
      ahead,
      `Urgent 1: ${bureau.urgency['1']}, Urgent 2: ${bureau.urgency['2']}, Urgent 3: ${bureau.urgency['3']}`,
    ],
    ['Incidents', bureau.incidents, 'reported users; a batched report holds many'],
    ['Files', bureau.files, `${megabytes(sent.bytes)}, each MD5 as sent`],
    ['  different contents', sent.contents, `${repeated} % repeat another file of the day`],
    ['  new to the bureau', bureau.newContents, 'sealed; each content is kept once'],
    [
      'Refused',
      Object.values(refused).reduce((sum, n) => sum + n, 0),
      'faulty documents; corrected and sent again',
    ],
    ...Object.entries(refused).map(([reason, count]): [string, number, string] => ['', count, reason]),
    [
      'Seconds',
      seconds.untilAssessed,
      `${result.reportsPerSecond} reports a second, from the first byte to assessed`,
    ],
  ];
  const widest = Math.max(...rows.map(([, value]) => String(grouped(value)).length));
  const name = Math.max(...rows.map(([label]) => label.length));
  const lines = rows.map(
    ([label, value, remark]) => `  ${label.padEnd(name)}  ${grouped(value).padStart(widest)}  ${remark}`,
  );
  const title = `The invented day ${result.day} (seed ${result.seed}): everything in it is made up.`;
  return `\n${title}\n\n${lines.join('\n')}\n${problemsOf(result)}`;
}

/** What stands under the table while the bureau goes on. */
export function farewellOf(result: DemoResult, officer: string): string {
  const first =
    result.bureau.urgency['1'] > 0
      ? 'Look first at the top of the line: the reports that a service escalated stand before everything else.'
      : 'Look first at the top of the line, and open the newest report.';
  return `\nSign in as ${officer}; the link works once:\n  ${result.signInLink}\n${first}\nPress Ctrl-C to stop. The data stays; npm run demo -- --fresh starts over.\n`;
}

function problemsOf(result: DemoResult): string {
  if (result.ok) return '';
  return `\nNot everything went the whole way:\n${result.problems.map((problem) => `  - ${problem}`).join('\n')}\n`;
}

function grouped(value: number | string): string {
  return typeof value === 'string' ? value : value.toLocaleString('en-GB');
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toLocaleString('en-GB', { maximumFractionDigits: 1 })} MB`;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
