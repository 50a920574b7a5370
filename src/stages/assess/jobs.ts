import { done, type JobDefinition } from '#access';
import { parseReportId } from '#base/ids';
import { assessReport } from './assess-report.ts';

/** What runs after a report was filed. The subject of `assess-report` is the report's number. */
export const assessJobs: readonly JobDefinition[] = [
  {
    name: 'assess-report',
    run: async (ctx, subject) => {
      const reportId = parseReportId(subject);
      if (reportId === undefined)
        return { kind: 'failed', reason: 'The subject is not the number of a report.' };
      const outcome = await assessReport(ctx, { reportId });
      switch (outcome) {
        case 'assessed':
          return done;
        case 'unchanged':
          return { kind: 'skipped', reason: 'The same rules have looked at this report before.' };
        case 'not-filed':
          return { kind: 'skipped', reason: 'There is no filed report with this number.' };
        default:
          return outcome satisfies never;
      }
    },
  },
];
