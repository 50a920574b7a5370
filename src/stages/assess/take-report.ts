import type { Ctx, StaffActor } from '#access';
import type { ReportId } from '#base/ids';
import { refuseDecided, refuseTaken, refuseUnknown } from './codes.ts';
import { recordEvent } from './events.ts';
import { announceLine, type LineEntry, lockEntry, setTaken } from './store.ts';
import { addChosenLook, renewLease } from './store-order.ts';

/** Takes a waiting report, so that nobody else works on it. Taking what one has already taken only prolongs the lease. */
export async function takeReport(
  ctx: Ctx<StaffActor>,
  input: { readonly reportId: ReportId },
): Promise<LineEntry> {
  const { actor, now, tx } = ctx;
  const entry = (await lockEntry(tx.db, input.reportId)) ?? refuseUnknown(input.reportId);
  if (entry.decision !== undefined) return refuseDecided(entry, entry.decision);
  if (entry.takenBy?.id === actor.id) {
    await renewLease(tx.db, input.reportId, now);
    return entry;
  }
  if (entry.takenBy !== undefined) return refuseTaken(entry, entry.takenBy);
  await setTaken(tx.db, { reportId: input.reportId, takenBy: actor.id, takenAt: now }, now);
  await addChosenLook(tx.db, { reportId: input.reportId, by: actor.id }, now);
  await announceLine(tx.db);
  recordEvent(tx, { name: 'report.taken', subject: input.reportId });
  return {
    reportId: input.reportId,
    state: 'taken',
    takenBy: { id: actor.id, name: actor.name },
    takenAt: now,
  };
}
