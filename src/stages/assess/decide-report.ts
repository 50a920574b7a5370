import type { Ctx, StaffActor } from '#access';
import type { ReportId } from '#base/ids';
import type { DecisionKind } from '#contract/desk';
import { newUuid } from '#platform/random';
import { assessRefusal, refuseDecided, refuseTaken, refuseUnknown, subjectOf } from './codes.ts';
import { recordEvent } from './events.ts';
import { addDecision, announceLine, type Decision, type LineEntry, lockEntry } from './store.ts';
import { addChosenLook } from './store-order.ts';

/** Only a referral speaks for itself: the report says why. Everything else ends or delays work, so it says why. */
const needsReason: Readonly<Record<DecisionKind, boolean>> = {
  refer: false,
  informational: true,
  'needs-information': true,
  'not-a-matter': true,
};

/**
 * Decides a report that one has taken; a waiting one is taken in the same act. The same decision sent twice by the
 * same person counts once. Leaves the reason as given; it is a code of the list or free text.
 */
export async function decideReport(
  ctx: Ctx<StaffActor>,
  input: { readonly reportId: ReportId; readonly kind: DecisionKind; readonly reason?: string | undefined },
): Promise<LineEntry> {
  const { actor, now, tx } = ctx;
  const reason = input.reason?.trim() || undefined;
  const entry = (await lockEntry(tx.db, input.reportId)) ?? refuseUnknown(input.reportId);
  if (entry.decision !== undefined) {
    const isSame =
      entry.decision.by.id === actor.id &&
      entry.decision.kind === input.kind &&
      entry.decision.reason === reason;
    return isSame ? entry : refuseDecided(entry, entry.decision);
  }
  if (entry.takenBy !== undefined && entry.takenBy.id !== actor.id) return refuseTaken(entry, entry.takenBy);
  if (needsReason[input.kind] && (reason === undefined || reason.length < 3)) {
    throw assessRefusal('assess.reason-needed', { subject: subjectOf(input.reportId), kind: input.kind });
  }
  if (entry.takenBy === undefined)
    await addChosenLook(tx.db, { reportId: input.reportId, by: actor.id }, now);
  const by = { id: actor.id, name: actor.name };
  const decision: Decision = {
    id: newUuid(),
    kind: input.kind,
    ...(reason !== undefined && { reason }),
    by,
    at: now,
  };
  await addDecision(tx.db, { ...decision, reportId: input.reportId, by: actor.id }, now);
  await announceLine(tx.db);
  recordEvent(tx, { name: 'report.decided', subject: input.reportId });
  return { reportId: input.reportId, state: 'decided', takenBy: by, takenAt: entry.takenAt ?? now, decision };
}
