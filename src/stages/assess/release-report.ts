import type { Ctx, StaffActor } from '#access';
import type { ReportId } from '#base/ids';
import { assessRefusal, refuseDecided, refuseTaken, refuseUnknown, subjectOf } from './codes.ts';
import { recordEvent } from './events.ts';
import { announceLine, type LineEntry, lockEntry, setWaiting } from './store.ts';

/**
 * Puts a taken report back into the line. Whoever took it may, and a supervisor, so that no report is stuck with
 * somebody who has gone home.
 */
export async function releaseReport(
  ctx: Ctx<StaffActor>,
  input: { readonly reportId: ReportId },
): Promise<LineEntry> {
  const { actor, now, tx } = ctx;
  const entry = (await lockEntry(tx.db, input.reportId)) ?? refuseUnknown(input.reportId);
  if (entry.decision !== undefined) return refuseDecided(entry, entry.decision);
  if (entry.takenBy === undefined)
    throw assessRefusal('assess.not-taken', { subject: subjectOf(entry.reportId) });
  if (entry.takenBy.id !== actor.id && !actor.roles.includes('supervisor'))
    return refuseTaken(entry, entry.takenBy);
  await setWaiting(tx.db, input.reportId, now);
  await announceLine(tx.db);
  recordEvent(tx, { name: 'report.released', subject: input.reportId });
  return { reportId: input.reportId, state: 'waiting' };
}
