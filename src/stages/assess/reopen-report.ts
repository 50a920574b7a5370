import type { Ctx, StaffActor } from '#access';
import type { ReportId } from '#base/ids';
import { assessRefusal, refuseUnknown, subjectOf } from './codes.ts';
import { recordEvent } from './events.ts';
import { announceLine, type LineEntry, lockEntry, markUndone, setWaiting } from './store.ts';

/** Puts a decided report back into the line, with a reason. The earlier decision stays, marked with who and why. */
export async function reopenReport(
  ctx: Ctx<StaffActor>,
  input: { readonly reportId: ReportId; readonly reason: string },
): Promise<LineEntry> {
  const { actor, now, tx } = ctx;
  const why = input.reason.trim();
  const entry = (await lockEntry(tx.db, input.reportId)) ?? refuseUnknown(input.reportId);
  const subject = subjectOf(entry.reportId);
  if (entry.decision === undefined) throw assessRefusal('assess.not-decided', { subject });
  if (why.length < 3) throw assessRefusal('assess.reason-needed', { subject });
  await markUndone(tx.db, { decisionId: entry.decision.id, by: actor.id, why }, now);
  await setWaiting(tx.db, input.reportId, now);
  await announceLine(tx.db);
  recordEvent(tx, { name: 'report.reopened', subject: input.reportId });
  return { reportId: input.reportId, state: 'waiting' };
}
