import { done, type JobDefinition } from '#access';
import { parseReportId } from '#base/ids';
import { assessReport } from './assess-report.ts';
import { foldLineCounts } from './fold-line-counts.ts';

/** `assess-report` runs after a report was filed, with its number as subject; `fold-line-counts` by the clock. */
export const assessJobs: readonly JobDefinition[] = [
  {
    name: 'assess-report',
    subjectKind: 'report',
    isPatient: true,
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
  {
    name: 'fold-line-counts',
    schedule: '* * * * *',
    run: async (ctx) => {
      const changes = await foldLineCounts(ctx);
      // Skipped, because nothing that anybody sees is different afterwards, so there is nothing to audit.
      return { kind: 'skipped', reason: `${changes} changes of the counts were folded in.` };
    },
  },
];
