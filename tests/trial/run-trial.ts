import { setTimeout as sleep } from 'node:timers/promises';
import { randomOf } from '../../demo/day/random.ts';
import { BureauUnderTrial, type StrikeKind, strikeKinds } from './bureau-under-trial.ts';
import type { Service } from './journeys.ts';
import { Ledger } from './ledger.ts';
import { addServices, reckon, underLoad } from './load.ts';
import { emptyReckoning, type Reckoning } from './reckoning.ts';

export interface TrialPlan {
  /** Decides everything that is random: contents, what is killed, after how many answers, and what is killed twice. */
  readonly seed: number;
  /** Reports that are sent at the same time. */
  readonly inFlight: number;
  /** Reports of one round; after each the bureau may come to rest and everything is checked. */
  readonly reportsPerRound: number;
  /** Answers between two kills, at least and at most. */
  readonly answersBetween: readonly [number, number];
  readonly dataFolder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Asked after each round, with how many there were. */
  readonly goesOn: (rounds: number) => boolean;
  readonly note: (line: string) => void;
  /** Every single kill and recovery. */
  readonly trace: (line: string) => void;
}

export interface Tally {
  readonly seed: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly kills: Readonly<Record<StrikeKind, number>>;
  readonly acknowledged: { readonly reports: number; readonly files: number; readonly bytes: number };
  readonly answers: number;
  readonly refused: number;
  /** Requests whose connection broke before the answer, and those that found nobody listening. */
  readonly unanswered: number;
  readonly unreachable: number;
  /** Encrypted bytes that no seal and no note names; see `countStrays`. */
  readonly strays: number;
  /** Seals that were read from end to end in the last round. */
  readonly verifiedSeals: number;
  readonly recoverySeconds: Readonly<
    Record<StrikeKind, { readonly median: number; readonly longest: number }>
  >;
  readonly faults: Readonly<Record<string, number>>;
  /** What the log says of them. */
  readonly loggedFaults: Readonly<Record<string, number>>;
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly untidy: readonly string[];
}

interface Trial {
  readonly plan: TrialPlan;
  readonly bureau: BureauUnderTrial;
  readonly ledger: Ledger;
  readonly kills: Record<StrikeKind, number>;
  readonly recoveries: Record<StrikeKind, number[]>;
  readonly found: Reckoning;
  strikes: number;
  verifiedSeals: number;
  strays: number;
}

/** Runs a bureau, sends to it, kills its parts, and checks after each round that it kept its word. */
export async function runTrial(plan: TrialPlan): Promise<Tally> {
  const startedMs = performance.now();
  const trial: Trial = {
    plan,
    bureau: new BureauUnderTrial(plan.dataFolder, plan.environment),
    ledger: new Ledger(),
    kills: recordOf(() => 0),
    recoveries: recordOf(() => []),
    found: emptyReckoning(),
    strikes: 0,
    verifiedSeals: 0,
    strays: 0,
  };
  let rounds = 0;
  try {
    await trial.bureau.start();
    const services = await addServices(trial.bureau, trial.ledger);
    do {
      await runRound(trial, services, rounds);
      rounds += 1;
      plan.note(lineOf(trial, rounds));
    } while (plan.goesOn(rounds) && trial.found.lost.length === 0);
  } finally {
    await trial.bureau.stop();
  }
  return tallyOf(trial, rounds, (performance.now() - startedMs) / 1000);
}

async function runRound(trial: Trial, services: readonly Service[], round: number): Promise<void> {
  const { plan, bureau, ledger, found } = trial;
  const { seed, inFlight, reportsPerRound: count } = plan;
  const outcome = await underLoad(
    bureau,
    { seed, services, ledger, first: round * count, count, inFlight },
    async (isOver) => await strikeUntil(trial, isOver),
    async (senders) => await reckon(bureau, senders, ledger),
  );
  for (const kind of ['lost', 'doubled', 'untidy'] as const) found[kind].push(...outcome[kind]);
  trial.verifiedSeals = outcome.verifiedSeals;
  trial.strays = outcome.strays;
  ledger.closeRound();
}

/** Kills after so many answers, waits until the bureau is itself again, and so on. Every fourth kill hits the recovery of the last. */
async function strikeUntil(trial: Trial, isOver: AbortSignal): Promise<void> {
  const { plan, ledger, bureau } = trial;
  const over = new Promise<void>((resolve) => isOver.addEventListener('abort', () => resolve()));
  while (!isOver.aborted) {
    const random = randomOf(plan.seed, 'strike', trial.strikes);
    const after = random.whole(...plan.answersBetween);
    await Promise.race([ledger.untilAnswer(ledger.answers + after), over]);
    if (isOver.aborted) return;
    const kinds = [kindOf(plan.seed, trial.strikes)];
    trial.strikes += 1;
    if (random.chance(0.25)) kinds.push(kindOf(plan.seed, trial.strikes++));
    const sinceMs = performance.now();
    const struck: number[] = [];
    for (const [position, kind] of kinds.entries()) {
      if (position > 0) await sleep(random.whole(0, 400));
      const pids = await bureau.strike(kind, (candidates) => random.pick(candidates));
      plan.trace(`answer ${ledger.answers}: kill ${kind} (${pids.length} processes)`);
      if (pids.length > 0) trial.kills[kind] += 1;
      struck.push(...pids);
    }
    await bureau.recover(struck);
    plan.trace(`recovered after ${((performance.now() - sinceMs) / 1000).toFixed(2)} s`);
    const [kind] = kinds;
    if (kind !== undefined && kinds.length === 1)
      trial.recoveries[kind].push((performance.now() - sinceMs) / 1000);
  }
}

/** Decks of all kinds, each shuffled by the seed, so that a short trial meets every kind. */
function kindOf(seed: number, strike: number): StrikeKind {
  const random = randomOf(seed, 'deck', Math.floor(strike / strikeKinds.length));
  const deck = strikeKinds.map((kind) => ({ kind, order: random.unit() }));
  deck.sort((one, other) => one.order - other.order);
  const kind = deck[strike % strikeKinds.length]?.kind;
  if (kind === undefined) throw new Error('a deck holds every kind');
  return kind;
}

function recordOf<T>(value: () => T): Record<StrikeKind, T> {
  return Object.fromEntries(strikeKinds.map((kind) => [kind, value()])) as Record<StrikeKind, T>;
}

function lineOf({ ledger, kills, found }: Trial, rounds: number): string {
  const killed = Object.values(kills).reduce((sum, count) => sum + count, 0);
  return (
    `round ${rounds}: ${killed} kills, ${ledger.acknowledgedReports} reports and ${ledger.acknowledgedFiles} files acknowledged, ` +
    `${ledger.unanswered} unanswered, ${found.lost.length} lost, ${found.doubled.length} doubled, ${found.untidy.length} untidy`
  );
}

function tallyOf(
  { plan, bureau, ledger, kills, recoveries, found, verifiedSeals, strays }: Trial,
  rounds: number,
  seconds: number,
): Tally {
  const times = recordOf(() => ({ median: 0, longest: 0 }));
  for (const kind of strikeKinds) {
    const sorted = recoveries[kind].toSorted((a, b) => a - b);
    const [median = 0, longest = 0] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
    times[kind] = { median: rounded(median), longest: rounded(longest) };
  }
  return {
    seed: plan.seed,
    rounds,
    seconds: rounded(seconds),
    kills,
    acknowledged: {
      reports: ledger.acknowledgedReports,
      files: ledger.acknowledgedFiles,
      bytes: ledger.acknowledgedBytes,
    },
    answers: ledger.answers,
    refused: ledger.refused,
    unanswered: ledger.unanswered,
    unreachable: ledger.unreachable,
    strays,
    verifiedSeals,
    recoverySeconds: times,
    faults: Object.fromEntries(ledger.faults),
    loggedFaults: Object.fromEntries(bureau.loggedFaults),
    ...found,
  };
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
