import type { DayFrame } from './casting.ts';
import { composeReport } from './compose.ts';
import { FileSupply, fileKey, originKey } from './files.ts';
import type { DayReport } from './report.ts';

export interface DayRequest extends DayFrame {
  /** Everything happened in the 24 hours before this moment, or earlier. */
  readonly until: Date;
}

/**
 * The invented day, one report after another: whatever the number, only one is held at a time. The same request
 * gives the same reports. A report that is sent twice counts as two of `reports`.
 */
export async function* inventDay(request: DayRequest): AsyncGenerator<DayReport, void, void> {
  const supply = new FileSupply(request.seed, request.day);
  let submissions = 0;
  for (let index = 0; submissions < request.reports; index++) {
    const report = composeReport(request, index, request.until, supply);
    submissions += report.course === 'sent-twice' ? 2 : 1;
    yield report;
  }
}

/** What is planted in a report, as one line of the truth file. `reportIds` are the numbers that the bureau gave. */
export function truthLine(report: DayReport, reportIds: readonly string[]): string {
  return JSON.stringify({
    day: report.day,
    index: report.index,
    reportIds,
    service: report.service.name,
    course: report.course,
    isBatched: report.isBatched,
    ...report.truth,
    files: report.files.map((file) => ({ same: fileKey(file.recipe), near: originKey(file.recipe) })),
  });
}
