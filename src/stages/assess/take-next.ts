import type { Ctx, StaffActor } from '#access';
import type { ReportId } from '#base/ids';
import type { Environment } from '#contract/shapes';
import { assessRefusal } from './codes.ts';
import { recordEvent } from './events.ts';
import { deadlineLeadMs, isDeadlineTurn, isWorthALook, laneOf } from './rules/look-order.ts';
import { type Lane, lookSentence } from './rules/look-sentence.ts';
import type { RuleReason } from './rules/urgency.ts';
import { announceLine, setTaken } from './store.ts';
import {
  addLook,
  type Candidate,
  type LookOrder,
  lockBest,
  lockExpiring,
  lockOldest,
  openTurn,
  readReasons,
} from './store-order.ts';

export interface NextReport {
  readonly reportId: ReportId;
  readonly lane: Exclude<Lane, 'chosen'>;
  readonly number: number;
  readonly urgency: 1 | 2 | 3 | 4;
  readonly score: number;
  readonly sentence: string;
  readonly reasons: readonly RuleReason[];
  readonly leaseEndsAt: Date;
}

/** Who holds this many has enough to decide; more would be picking the order by hand. Chosen. */
const mostHeld = 10;

/**
 * Takes the next report of the order for whoever asks, and keeps why. The turn's number says whose turn it is; the
 * turn of urgency goes to the first in its order, or, where that is not above the bar, to the one that waited longest.
 * Officers who ask at once never get the same report and do not wait for each other.
 * @returns the report, leased; undefined when nothing waits
 */
export async function takeNext(
  ctx: Ctx<StaffActor>,
  input: { readonly environment: Environment },
): Promise<NextReport | undefined> {
  const { actor, now, tx } = ctx;
  const { environment } = input;
  const { number, held, order } = await openTurn(tx.db, environment, actor.id);
  if (held >= mostHeld) throw assessRefusal('assess.too-many-taken', { held });
  const turn = await lockTurn(ctx, { environment, order, number });
  if (turn === undefined) return undefined;
  const { candidate, lane, isGivenAway } = turn;
  const { reasons, isCorrected } = await readReasons(tx.db, candidate.reportId);
  const sentence = lookSentence({
    lane,
    isGivenAway,
    urgency: candidate.urgency,
    isCorrected,
    reasons,
    waitingShare: order.waitingShare,
    filedAt: candidate.filedAt.getTime(),
    dataExpiresAt: candidate.dataExpiresAt?.getTime(),
    now: now.getTime(),
  });
  const { reportId, urgency, score } = candidate;
  const until = await setTaken(tx.db, { reportId, takenBy: actor.id, takenAt: now }, now);
  const look = { environment, number, reportId, lane, urgency, score, order, sentence };
  await addLook(tx.db, { ...look, filedAt: candidate.filedAt, by: actor.id }, now);
  await announceLine(tx.db);
  recordEvent(tx, { name: 'report.taken', subject: reportId });
  const leaseEndsAt = until ?? new Date(now.getTime() + order.leaseMinutes * 60_000);
  return { reportId, lane, number, urgency, score, sentence, reasons, leaseEndsAt };
}

interface Turn {
  readonly candidate: Candidate;
  readonly lane: Exclude<Lane, 'chosen'>;
  readonly isGivenAway: boolean;
}

async function lockTurn(
  { tx, now }: Ctx,
  turn: { readonly environment: Environment; readonly order: LookOrder; readonly number: number },
): Promise<Turn | undefined> {
  const { environment, order, number } = turn;
  const isUrgencys = laneOf(number, order.waitingShare) === 'by-urgency';
  if (isUrgencys) {
    const best = await lockBest(tx.db, environment, now);
    if (
      best !== undefined &&
      isWorthALook({ ...best, filedAt: best.filedAt.getTime() }, order.bar, now.getTime())
    )
      return { candidate: best, lane: 'by-urgency', isGivenAway: false };
  } else if (isDeadlineTurn(number, order.waitingShare)) {
    const to = new Date(now.getTime() + deadlineLeadMs);
    const expiring = await lockExpiring(tx.db, environment, { from: now, to });
    if (expiring !== undefined) return { candidate: expiring, lane: 'by-deadline', isGivenAway: false };
  }
  const oldest = await lockOldest(tx.db, environment);
  return oldest === undefined
    ? undefined
    : { candidate: oldest, lane: 'by-waiting', isGivenAway: isUrgencys };
}
