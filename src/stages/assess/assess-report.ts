import type { Ctx } from '#access';
import type { ReportId } from '#base/ids';
import { isDrawn } from '#platform/random';
import { recordEvent } from './events.ts';
import { blindShare } from './read-blind.ts';
import { readReportFacts } from './report-facts.ts';
import { completenessOf, completenessVersion } from './rules/completeness.ts';
import { shippedRuling, urgencyOf, versionOf } from './rules/urgency.ts';
import { announceLine, lockEntry, placeInLine, saveAssessment } from './store.ts';
import { drawIntoSample } from './store-blind.ts';
import { standingCorrection } from './store-urgency.ts';
import { readUrgencyFacts } from './urgency-facts.ts';

/**
 * Lets the rules look at a filed report and puts it into the line. May run twice: the same rules on the same report
 * change nothing, and a report that somebody works on keeps its place on the desk. Where a person corrected the urgency,
 * the rules say what they say, and the report stays where the person put it.
 * @returns what became of it; `not-filed` when the report is not (or no longer) filed
 */
export async function assessReport(
  ctx: Ctx,
  input: { readonly reportId: ReportId },
): Promise<'assessed' | 'unchanged' | 'not-filed'> {
  const { now, tx } = ctx;
  // A correction made at the same moment waits, or is seen.
  const isFirst = (await lockEntry(tx.db, input.reportId)) === undefined;
  const facts = await readReportFacts(tx.db, input.reportId);
  const urgencyFacts = await readUrgencyFacts(tx.db, input.reportId);
  if (facts === undefined || urgencyFacts === undefined) return 'not-filed';
  const { urgency, score, reasons, dataExpiresAt, reassessAt } = urgencyOf(urgencyFacts, now.getTime());
  const { share, present, missing } = completenessOf(facts);
  const isNew = await saveAssessment(
    tx.db,
    {
      reportId: input.reportId,
      urgency,
      score,
      urgencyReasons: reasons,
      dataExpiresAt,
      completeness: share,
      present,
      missing,
      rulesVersion: `${versionOf(shippedRuling)} ${completenessVersion}`,
    },
    now,
  );
  const corrected = await standingCorrection(tx.db, input.reportId);
  const isMoved = await placeInLine(
    tx.db,
    { reportId: input.reportId, urgency: corrected?.urgency ?? urgency, score, dataExpiresAt, reassessAt },
    now,
  );
  if (isFirst && isDrawn(blindShare)) {
    const rulesVersion = versionOf(shippedRuling);
    await drawIntoSample(tx.db, { reportId: input.reportId, urgency, rulesVersion }, now);
  }
  if (!isNew && !isMoved) return 'unchanged';
  await announceLine(tx.db);
  recordEvent(tx, { name: 'report.assessed', subject: input.reportId });
  return 'assessed';
}
