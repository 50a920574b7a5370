import { once } from 'node:events';
import { type ChildBureau, dataFolderOf, startBureau } from './bureau.ts';
import { settleOfficer, settleServices } from './cast.ts';
import { inventDay, truthLine } from './day/day.ts';
import { DemoTrouble, readState, settleFolder, writeState } from './folder.ts';
import { type DemoOptions, readOptions, usage } from './options.ts';
import { countAtBureau, differences, statusOf, waitUntilAssessed, waitUntilQuiet } from './outcome.ts';
import { Progress } from './progress.ts';
import { type DayTotals, sendDay } from './send/send-day.ts';
import { type DemoResult, farewellOf, resultOf, tableOf } from './summary.ts';
import { TruthFile } from './truth-file.ts';

/** Services that send at the same time. */
const concurrency = 6;
const secondSignalMs = 1500;

/** Gives the exit status. */
async function demonstrate(options: DemoOptions): Promise<number> {
  const asked = new AbortController();
  let bureau: ChildBureau | undefined;
  let isStopping = false;
  let askedMs = Number.POSITIVE_INFINITY;
  const stop = (): void => {
    isStopping = true;
    // npm passes on the signal that the terminal has sent already; only a later one is a second Ctrl-C.
    if (performance.now() - askedMs > secondSignalMs) bureau?.hurry();
    askedMs = Math.min(askedMs, performance.now());
    asked.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  try {
    const folder = dataFolderOf(process.env);
    refuseHalfFresh(options);
    await settleFolder(folder, options.fresh);
    process.stderr.write(`Starting a bureau for the demonstration in ${folder}\n`);
    const running = await startBureau(folder, process.env, asked.signal);
    bureau = running;
    const died = running.ended.then(() => {
      if (!isStopping) process.stderr.write(`\nThe bureau ended by itself.\n${running.lastWords()}\n`);
      asked.abort();
    });
    const result = await sendInventedDay(running, folder, options, asked.signal);
    if (result === undefined) return isStopping ? 130 : 1;
    if (options.exit) return result.ok ? 0 : 1;
    await Promise.race([died, aborted(asked.signal)]);
    return isStopping ? 0 : 1;
  } catch (error) {
    if (asked.signal.aborted) return isStopping ? 130 : 1;
    process.stderr.write(`${error instanceof DemoTrouble ? error.message : (error as Error).stack}\n`);
    return 1;
  } finally {
    isStopping = true;
    if (asked.signal.aborted) process.stderr.write('\nStopping the bureau\n');
    await bureau?.stop();
  }
}

function refuseHalfFresh(options: DemoOptions): void {
  if (!options.fresh || (process.env.DATABASE_URL ?? '') === '') return;
  throw new DemoTrouble(
    '--fresh cannot empty the database of DATABASE_URL. Leave DATABASE_URL out to use the built-in one, or name an empty database and an empty FIRSTLIGHT_DATA.',
  );
}

async function sendInventedDay(
  bureau: ChildBureau,
  folder: string,
  options: DemoOptions,
  signal: AbortSignal,
): Promise<DemoResult | undefined> {
  const administrator = await bureau.administrator();
  try {
    const state = await readState(folder);
    const credentials = await settleServices(administrator, state);
    const officer = await settleOfficer(administrator);
    // Before anything is sent: a day that was broken off is never sent a second time.
    state.day += 1;
    await writeState(folder, state);
    const before = await statusOf(administrator);

    const day = inventDay({
      seed: options.seed,
      day: state.day,
      reports: options.reports,
      until: new Date(),
    });
    const startedMs = performance.now();
    const truth = new TruthFile(folder);
    const totals = await sendWithProgress(
      day,
      { url: bureau.url, credentials, concurrency, signal },
      truth,
      options.reports,
    );
    const sendingMs = performance.now() - startedMs;
    await truth.close();
    const untilAssessedMs = await waitFor(
      'Assessing',
      totals.filed,
      startedMs,
      async (show) =>
        await waitUntilAssessed(administrator, (assessed) => show(assessed - before.reports.filed), signal),
    );
    const untilQuietMs = await waitFor(
      'Verifying',
      totals.contents.size,
      startedMs,
      async (show) =>
        await waitUntilQuiet(administrator, (left) => show(totals.contents.size - left), signal),
    );
    if (signal.aborted) return undefined;

    const counts = await countAtBureau(administrator, before, truth.firstReportId);
    const problems = differences(totals, counts, options.reports, before.files.seals === 0);
    const result = resultOf(totals, counts, problems, {
      url: bureau.url,
      signInLink: officer.link,
      day: state.day,
      seed: options.seed,
      services: truth.services.size,
      sendingMs,
      untilAssessedMs,
      untilQuietMs,
    });
    present(result, officer.name, options);
    return result;
  } finally {
    administrator.close();
  }
}

/** Shows how a wait goes on; gives the time since the start at its end, whether it ended well or was given up. */
async function waitFor(
  label: string,
  total: number,
  startedMs: number,
  wait: (show: (done: number) => void) => Promise<boolean>,
): Promise<number> {
  const progress = new Progress(label, total);
  const isDone = await wait((done) => progress.show(Math.min(total, Math.max(0, done))));
  const elapsedMs = performance.now() - startedMs;
  progress.end(isDone ? total : 0, isDone ? '' : 'gave up waiting');
  return elapsedMs;
}

async function sendWithProgress(
  day: ReturnType<typeof inventDay>,
  options: Omit<Parameters<typeof sendDay>[1], 'onReport'>,
  truth: TruthFile,
  reports: number,
): Promise<DayTotals> {
  const progress = new Progress('Sending  ', reports);
  const remark = (totals: DayTotals) => `${totals.files} files, ${Math.round(totals.bytes / 1_000_000)} MB`;
  const totals = await sendDay(day, {
    ...options,
    onReport: async (sofar, report, sending) => {
      progress.show(sofar.reports, remark(sofar));
      truth.services.add(report.service.key);
      await truth.write(truthLine(report, [...sending.filed, ...sending.retracted]), sending.filed);
    },
  });
  progress.end(totals.reports, remark(totals));
  return totals;
}

/** With `--json --exit` standard output carries the document and nothing else. */
function present(result: DemoResult, officer: string, options: DemoOptions): void {
  if (options.json) {
    if (!options.exit) process.stdout.write(`Firstlight is ready: ${result.url}\n`);
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  process.stdout.write(tableOf(result));
  if (options.exit) return;
  process.stdout.write(`\nFirstlight is ready: ${result.url}\n${farewellOf(result, officer)}`);
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

/** `npm run demo`: a bureau of its own, one invented day sent to it, a table of what happened. */
const reading = readOptions(process.argv.slice(2));
if (reading.kind === 'help') {
  process.stdout.write(usage);
} else if (reading.kind === 'faults') {
  process.stderr.write(`${reading.faults.join('\n')}\n`);
  process.exitCode = 2;
} else {
  process.exitCode = await demonstrate(reading.options);
}
