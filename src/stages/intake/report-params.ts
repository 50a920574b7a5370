import { Type } from 'typebox';
import { parseReportId, type ReportId } from '#base/ids';
import { intakeRefusal } from './codes.ts';

export const reportParams = Type.Object({
  reportId: Type.String({ description: 'number of a report of your own' }),
});

/** A number that has not the form of one is the number of no report. */
export function reportIdOf(params: { readonly reportId: string }): ReportId {
  const reportId = parseReportId(params.reportId);
  if (reportId === undefined) throw intakeRefusal('intake.unknown-report');
  return reportId;
}
