/**
 * Which waiting report a person looks at next, when more arrive than can be looked at. Three lessons of queueing
 * under overload stand behind it:
 *
 * - A class with first-in-first-out inside it collapses as soon as the class alone exceeds capacity. So the order
 *   goes on inside the class, by score.
 * - Age added to the score turns every order into first in, first out under overload. So age has a share of the
 *   looks to itself, which also is the only sample that the score did not pick.
 * - A look that the score would spend on a report just good enough by chance of a quiet hour is better spent on the
 *   one that has waited longest. So the score has a bar, set by what a week of looks can reach.
 */

/** The promise is the day of arrival: within a class, reports of the last day come before older ones. */
export const freshMs = 24 * 60 * 60 * 1000;

/** From how many days of arrivals and looks the bar is set: a whole week, so that weekends do not move it. Chosen. */
export const barDays = 7;

/** The share of looks that goes to those who have waited longest, unless a supervisor sets another; never 0. */
export const defaultWaitingShare = 0.15;
export const leastWaitingShare = 0.01;
export const mostWaitingShare = 0.9;

export interface Waiting {
  /** 1 a child in danger now, 2 soon, 3 in time, 4 routine. */
  readonly urgency: 1 | 2 | 3 | 4;
  /** Inside the class; higher comes first. From 0 to below 1. */
  readonly score: number;
  /** Milliseconds since 1970. */
  readonly filedAt: number;
}

/**
 * One number for class and score together: higher comes first, and no score lifts a report out of its class.
 * @returns from 0 (routine without any reason) to below 4
 */
export function rankOf(report: Pick<Waiting, 'urgency' | 'score'>): number {
  return 4 - report.urgency + Math.min(Math.max(report.score, 0), highestScore);
}

const highestScore = 1 - 2 ** -20;

/** Classes 1 and 2 keep their place however long they wait; in the others a report of today comes first. */
function isKeptByAge(urgency: Waiting['urgency']): boolean {
  return urgency <= 2;
}

/**
 * Whose turn the look with this number is, counted from 1: of any hundred looks in a row, the share goes to those who
 * waited longest. Counting instead of drawing lots keeps the share exact and the day repeatable.
 */
export function laneOf(lookNumber: number, waitingShare: number): 'by-urgency' | 'by-waiting' {
  return waitingLooks(lookNumber, waitingShare) > waitingLooks(lookNumber - 1, waitingShare)
    ? 'by-waiting'
    : 'by-urgency';
}

/** How many of the first looks go to those who waited longest. */
function waitingLooks(looks: number, waitingShare: number): number {
  // Rounded, because 20 times 0.15 must be 3 in the machine's numbers too.
  return Math.floor(Math.round(looks * waitingShare * 1e9) / 1e9);
}

/** How long before data is deleted its deadline counts. Chosen: a working week for whoever must ask for it. */
export const deadlineLeadMs = 5 * 24 * 60 * 60 * 1000;

/**
 * Which looks of the waiting share go to data about to be deleted, if there is any: every fourth. Chosen, so that
 * deadlines have a place of their own and never take the share over, which must stay a sample that nothing picked.
 */
const deadlineEvery = 4;

/** Whether this look of the waiting share belongs to data about to be deleted. Only asked of looks of that share. */
export function isDeadlineTurn(lookNumber: number, waitingShare: number): boolean {
  return waitingLooks(lookNumber, waitingShare) % deadlineEvery === 0;
}

/**
 * A bar that lets in exactly what can be reached leaves looks unused in every quiet hour; this much more keeps them
 * in use. Found by playing `simulate` with 1.00 to 1.05: the share of urgent reports seen in a day ends to grow at 1.02,
 * while every hundredth costs those who waited longest a third of a day.
 */
const overbooking = 1.02;

/**
 * How many of the last week's arrivals can be reached by urgency: the looks of that week without the share of those
 * who waited longest.
 */
function reachableOf(looks: number, waitingShare: number): number {
  return Math.floor(looks * (1 - waitingShare) * overbooking);
}

/**
 * The rank below which urgency gives its look away: the lowest rank that the week's looks could reach among the
 * week's arrivals. Where everything can be reached there is no bar.
 * @param nthHighest gives the n-th highest rank among the week's arrivals, from 0
 */
export function barOf(
  week: { readonly arrivals: number; readonly looks: number },
  waitingShare: number,
  nthHighest: (n: number) => number,
): number {
  const reachable = reachableOf(week.looks, waitingShare);
  if (reachable >= week.arrivals || reachable < 1) return Number.NEGATIVE_INFINITY;
  return nthHighest(reachable - 1);
}

/**
 * Whether urgency takes this report, the first in its order, or gives the look to the one that has waited longest.
 * Reports of the two highest classes are always taken.
 */
export function isWorthALook(best: Waiting, bar: number, now: number): boolean {
  if (isKeptByAge(best.urgency)) return true;
  return now - best.filedAt <= freshMs && rankOf(best) >= bar;
}
