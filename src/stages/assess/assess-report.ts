import type { Ctx } from '#access';
import type { ReportId } from '#base/ids';
import { recordEvent } from './events.ts';
import { readReportFacts } from './report-facts.ts';
import { completenessOf, completenessVersion } from './rules/completeness.ts';
import { urgencyOf, urgencyVersion } from './rules/urgency.ts';
import { announceLine, placeInLine, saveAssessment } from './store.ts';

/**
 * Lets the rules look at a filed report and puts it into the line. May run twice: the same rules on the same report
 * change nothing, and a report that somebody works on keeps its place on the desk.
 * @returns what became of it; `not-filed` when the report is not (or no longer) filed
 */
export async function assessReport(
  ctx: Ctx,
  input: { readonly reportId: ReportId },
): Promise<'assessed' | 'unchanged' | 'not-filed'> {
  const { now, tx } = ctx;
  const facts = await readReportFacts(tx.db, input.reportId);
  if (facts === undefined) return 'not-filed';
  const { urgency, reasons } = urgencyOf(facts);
  const { share, present, missing } = completenessOf(facts);
  const isNew = await saveAssessment(
    tx.db,
    {
      reportId: input.reportId,
      urgency,
      urgencyReasons: reasons,
      completeness: share,
      present,
      missing,
      rulesVersion: `${urgencyVersion} ${completenessVersion}`,
    },
    now,
  );
  const isMoved = await placeInLine(tx.db, { reportId: input.reportId, urgency }, now);
  if (!isNew && !isMoved) return 'unchanged';
  await announceLine(tx.db);
  recordEvent(tx, { name: 'report.assessed', subject: input.reportId });
  return 'assessed';
}
