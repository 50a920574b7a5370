import type { Ctx, StaffActor } from '#access';
import type { ReportId } from '#base/ids';
import type { Environment } from '#contract/shapes';
import { assessRefusal, subjectOf } from './codes.ts';
import { recordEvent } from './events.ts';
import { announceLine, lockEntry, setTaken } from './store.ts';
import { answerSample, giveSample, lockSample } from './store-blind.ts';
import { addCorrection, readRuling, setUrgency } from './store-urgency.ts';

/**
 * Share of reports that a person reads without seeing what the rules said (R35). Drawn from every class, so that being
 * drawn tells the reader nothing.
 */
export const blindShare = 0.02;

/**
 * Takes a report of the blind sample for whoever asks. Until they have said how urgent it is, its page shows them
 * nothing of what the rules said. @returns undefined when no report of the sample waits
 */
export async function takeBlind(
  ctx: Ctx<StaffActor>,
  input: { readonly environment: Environment },
): Promise<ReportId | undefined> {
  const { actor, now, tx } = ctx;
  const reportId = await lockSample(tx.db, input.environment, actor.id);
  if (reportId === undefined) return undefined;
  await giveSample(tx.db, { reportId, reader: actor.id }, now);
  await setTaken(tx.db, { reportId, takenBy: actor.id, takenAt: now }, now);
  await announceLine(tx.db);
  recordEvent(tx, { name: 'report.taken', subject: reportId });
  return reportId;
}

/**
 * Keeps how urgent somebody found a report of the sample without knowing what the rules said, once. Where that is not
 * routine, it is a correction too, so the report moves at once.
 */
export async function answerBlind(
  ctx: Ctx<StaffActor>,
  input: { readonly reportId: ReportId; readonly urgency: 1 | 2 | 3 | 4; readonly reason: string },
): Promise<{ readonly rulesUrgency: 1 | 2 | 3 | 4 }> {
  const { actor, now, tx } = ctx;
  const { reportId, urgency } = input;
  const subject = subjectOf(reportId);
  const reason = input.reason.trim();
  if (reason.length < 3) throw assessRefusal('assess.reason-needed', { subject });
  await lockEntry(tx.db, reportId);
  const isTheirs = await answerSample(tx.db, { reportId, reader: actor.id, urgency }, now);
  const ruling = await readRuling(tx.db, reportId);
  if (!isTheirs || ruling === undefined) throw assessRefusal('assess.not-in-sample', { subject });
  if (urgency !== ruling.urgency) {
    await addCorrection(tx.db, { reportId, urgency, reason, by: actor.id }, ruling, now);
    await setUrgency(tx.db, { reportId, urgency }, now);
    await announceLine(tx.db);
    recordEvent(tx, { name: 'report.urgency-corrected', subject: reportId });
  }
  return { rulesUrgency: ruling.urgency };
}
