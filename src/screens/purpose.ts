import { Type } from 'typebox';
import { type Ctx, permissionsOf, recentReason } from '#access';
import type { ReportId } from '#base/ids';
import type { BriefRow } from './brief-report.ts';
import { screenRefusal } from './codes.ts';
import { subjectOf } from './paging.ts';

/** What a report is opened for, where no task says so. */
export const Why = Type.String({
  minLength: 3,
  maxLength: 300,
  pattern: '^[^\\u0000-\\u001f\\u007f]*$',
  description: 'What it is opened for; asked for only where somebody else works on it or has decided it',
});

/** How long a reason holds for the same person and report, so that nobody is asked again and again. */
const reasonHoldsMs = 60 * 60 * 1000;

export interface Purpose {
  readonly task: 'own' | 'triage' | 'reason' | 'none';
  readonly why: string;
}

/**
 * Why somebody opens a report (R59): taken from the open task, and asked for only where there is none. A report that
 * waits is the task of whoever triages, one that a person has taken or decided is theirs; whatever is somebody
 * else's needs a reason. The machine's administrator, and roles that decide nothing, have no task with what waits;
 * their look-ups are shown to the auditor.
 */
export async function purposeOf(
  ctx: Ctx,
  reportId: ReportId,
  row: Pick<BriefRow, 'state' | 'takenBy' | 'decidedBy' | 'erasedAt'>,
  given: { readonly why: string | undefined; readonly isEmergency: boolean },
): Promise<Purpose> {
  const subject = subjectOf(reportId);
  const { actor } = ctx;
  const review = `review of ${subject}`;
  if (actor.kind !== 'staff') return { task: 'none', why: given.why ?? review };
  if (row.takenBy === actor.id || row.decidedBy === actor.id)
    return { task: 'own', why: `decision on ${subject}` };
  const waits = row.state === null || row.state === 'waiting';
  // An emergency has its own reason; of an erased report there is nothing to look up.
  if (given.isEmergency || row.erasedAt !== null) return { task: 'triage', why: review };
  // Whoever cannot decide has no task with what waits: not asked why, and shown to the auditor.
  if (waits)
    return {
      task: permissionsOf(actor.roles).has('report:decide') ? 'triage' : 'none',
      why: given.why ?? review,
    };
  const since = new Date(ctx.now.getTime() - reasonHoldsMs);
  const why = given.why?.trim() ?? (await recentReason(ctx.tx.db, actor.id, reportId, since));
  if (why === undefined) throw screenRefusal('screens.reason-needed', { subject });
  return { task: 'reason', why };
}
