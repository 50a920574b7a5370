import type { Ctx } from '#access';
import type { ReportId } from '#base/ids';
import { newUuid } from '#platform/random';
import { retainRefusal, subjectOf } from './codes.ts';
import { insertHold, reportFacts, takeTurns } from './store.ts';
import { stopErasure } from './store-erasures.ts';

const longestHoldYears = 5;

export interface NewHold {
  readonly reportId: ReportId;
  readonly reason: string;
  readonly caseReference: string;
  /** When somebody looks whether it is still needed; a hold does not end by itself. */
  readonly reviewAt: Date;
}

/**
 * Places a legal hold: nothing of the report is erased while it stands, whatever is due or was approved. One person
 * may, because a hold destroys nothing; lifting it takes two. An approved erasure that has not run yet is stopped.
 */
export async function placeHold(ctx: Ctx, input: NewHold): Promise<{ readonly id: string }> {
  const { db } = ctx.tx;
  const { reportId, reviewAt } = input;
  const subject = subjectOf(reportId);
  await takeTurns(db, [reportId]);
  const [facts] = await reportFacts(db, [reportId]);
  if (facts === undefined) throw retainRefusal('retain.unknown-report', { subject });
  if (facts.erasedAt !== null) throw retainRefusal('retain.erased-already', { subject });
  const latest = new Date(ctx.now);
  latest.setUTCFullYear(latest.getUTCFullYear() + longestHoldYears);
  if (reviewAt <= ctx.now || reviewAt > latest) throw retainRefusal('retain.review-in-past', { subject });
  const id = newUuid();
  await insertHold(db, {
    id,
    reportId,
    reason: input.reason.trim(),
    caseReference: input.caseReference.trim(),
    placedByKind: ctx.actor.kind,
    placedBy: ctx.actor.id,
    placedByName: ctx.actor.name,
    placedAt: ctx.now,
    reviewAt,
  });
  await stopErasure(db, reportId);
  return { id };
}
