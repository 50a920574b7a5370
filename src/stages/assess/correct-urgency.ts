import type { Ctx, StaffActor } from '#access';
import type { ReportId } from '#base/ids';
import { assessRefusal, refuseDecided, refuseUnknown, subjectOf } from './codes.ts';
import { recordEvent } from './events.ts';
import { announceLine, lockEntry } from './store.ts';
import { addCorrection, readRuling, setUrgency, standingCorrection } from './store-urgency.ts';

export interface Corrected {
  readonly reportId: ReportId;
  readonly urgency: 1 | 2 | 3 | 4;
  readonly rulesUrgency: 1 | 2 | 3 | 4;
}

/**
 * Sets the urgency that a person sees, with a reason, whoever has the report. The rules go on to say what they say; the
 * report stays where the person put it until somebody corrects it again. The same correction sent twice counts once.
 */
export async function correctUrgency(
  ctx: Ctx<StaffActor>,
  input: { readonly reportId: ReportId; readonly urgency: 1 | 2 | 3 | 4; readonly reason: string },
): Promise<Corrected> {
  const { actor, now, tx } = ctx;
  const { reportId, urgency } = input;
  const reason = input.reason.trim();
  const subject = subjectOf(reportId);
  const entry = (await lockEntry(tx.db, reportId)) ?? refuseUnknown(reportId);
  if (entry.decision !== undefined) return refuseDecided(entry, entry.decision);
  if (reason.length < 3) throw assessRefusal('assess.reason-needed', { subject });
  const ruling = await readRuling(tx.db, reportId);
  if (ruling === undefined) throw assessRefusal('assess.not-assessed', { subject });
  const standing = await standingCorrection(tx.db, reportId);
  const corrected: Corrected = { reportId, urgency, rulesUrgency: ruling.urgency };
  if (standing?.urgency === urgency && standing.by === actor.id && standing.reason === reason)
    return corrected;
  await addCorrection(tx.db, { reportId, urgency, reason, by: actor.id }, ruling, now);
  await setUrgency(tx.db, { reportId, urgency }, now);
  await announceLine(tx.db);
  recordEvent(tx, { name: 'report.urgency-corrected', subject: reportId });
  return corrected;
}
