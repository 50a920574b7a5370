import type { Ctx, StaffActor } from '#access';
import type { ReportId } from '#base/ids';
import { undoUntil } from '#contract/desk-moves';
import { assessRefusal, refuseTaken, refuseUnknown, subjectOf } from './codes.ts';
import { recordEvent } from './events.ts';
import { announceLine, type LineEntry, lockEntry, markUndone, setTaken, setWaiting } from './store.ts';

/**
 * Takes back the last act of whoever calls: their decision, within fifteen minutes, which leaves the report taken
 * by them; or their taking it, at any time, which puts it back into the line. The decision's row stays, marked.
 */
export async function undoDecision(
  ctx: Ctx<StaffActor>,
  input: { readonly reportId: ReportId },
): Promise<LineEntry> {
  const { actor, now, tx } = ctx;
  const entry = (await lockEntry(tx.db, input.reportId)) ?? refuseUnknown(input.reportId);
  if (entry.takenBy === undefined)
    throw assessRefusal('assess.not-taken', { subject: subjectOf(entry.reportId) });
  if (entry.decision === undefined) {
    if (entry.takenBy.id !== actor.id) return refuseTaken(entry, entry.takenBy);
    await setWaiting(tx.db, input.reportId, now);
    await announceLine(tx.db);
    recordEvent(tx, { name: 'report.released', subject: input.reportId });
    return { reportId: input.reportId, state: 'waiting' };
  }
  const { decision } = entry;
  if (decision.by.id !== actor.id) {
    throw assessRefusal('assess.decided-by-another', {
      subject: subjectOf(entry.reportId),
      decidedBy: decision.by.name,
    });
  }
  if (now.getTime() > undoUntil(decision.at).getTime()) {
    throw assessRefusal('assess.undo-too-late', {
      subject: subjectOf(entry.reportId),
      undoUntil: undoUntil(decision.at).toISOString(),
    });
  }
  const takenAt = entry.takenAt ?? decision.at;
  await markUndone(tx.db, { decisionId: decision.id, by: actor.id }, now);
  await setTaken(tx.db, { reportId: input.reportId, takenBy: actor.id, takenAt }, now);
  await announceLine(tx.db);
  recordEvent(tx, { name: 'report.decision-undone', subject: input.reportId });
  return { reportId: input.reportId, state: 'taken', takenBy: entry.takenBy, takenAt };
}
