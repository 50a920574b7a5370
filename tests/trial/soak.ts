import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runTrial, type Tally } from './run-trial.ts';

/**
 * `npm run soak -- --minutes N [--seed S] [--json]`: a bureau of its own that is sent to and killed for so long.
 * Everything random follows from the seed, which is printed. Status 0 only when nothing was lost or done twice.
 */
const usage = `Usage: npm run soak -- [--minutes N] [--seed S] [--in-flight N] [--json] [--verbose]

Sends reports to a bureau of its own, kills its processes at random moments, and checks after every round that all
that was acknowledged is there, whole, and once. Takes its folder below the system's temporary one.
`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string' },
    'in-flight': { type: 'string', default: '200' },
    json: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
const inFlight = Number(values['in-flight']);
const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
if (values.help) process.stdout.write(usage);
else if (!(minutes > 0) || !Number.isInteger(inFlight) || inFlight < 1 || !Number.isInteger(seed)) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else {
  process.exitCode = await soak().catch((error: unknown) => {
    process.stderr.write(
      `The trial broke off, seed ${seed}: ${error instanceof Error ? error.message : error}\n`,
    );
    return 1;
  });
}

async function soak(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'firstlight-soak-'));
  const note = (line: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
  note(`seed ${seed}`);
  const deadline = performance.now() + minutes * 60_000;
  try {
    const tally = await runTrial({
      seed,
      inFlight,
      reportsPerRound: Math.max(1_000, inFlight),
      answersBetween: [50, 900],
      dataFolder: join(folder, 'data'),
      environment: { FIRSTLIGHT_LOG: 'error' },
      goesOn: () => performance.now() < deadline,
      note,
      trace: values.verbose ? note : () => {},
    });
    process.stdout.write(values.json ? `${JSON.stringify(tally)}\n` : textOf(tally));
    const bad =
      tally.lost.length + tally.doubled.length + tally.untidy.length + Object.keys(tally.faults).length;
    return bad === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

function textOf(tally: Tally): string {
  const kills = Object.entries(tally.kills).map(([kind, count]) => {
    const { median, longest } = tally.recoverySeconds[kind as keyof Tally['kills']];
    return `  ${kind.padEnd(12)}${String(count).padStart(5)} killed, back after ${median} s (longest ${longest} s)`;
  });
  const megabytes = (tally.acknowledged.bytes / 1_000_000).toFixed(1);
  return `${[
    `${tally.rounds} rounds in ${(tally.seconds / 60).toFixed(1)} minutes, seed ${tally.seed}`,
    ...kills,
    `acknowledged: ${tally.acknowledged.reports} reports, ${tally.acknowledged.files} files, ${megabytes} MB`,
    `answers: ${tally.answers}; asked to wait: ${tally.refused}; broken off: ${tally.unanswered}; nobody there: ${tally.unreachable}`,
    `seals read from end to end in the last round: ${tally.verifiedSeals}`,
    `encrypted bytes that only a search for strays finds: ${tally.strays}`,
    `answers that should not be: ${JSON.stringify(tally.faults)}`,
    ...Object.entries(tally.loggedFaults).map(([fault, count]) => `  ${count} times: ${fault}`),
    `lost: ${tally.lost.length}; doubled: ${tally.doubled.length}; untidy: ${tally.untidy.length}`,
    ...[...tally.lost, ...tally.doubled, ...tally.untidy].map((sentence) => `  ${sentence}`),
  ].join('\n')}\n`;
}
