import { type Ctx, done, type JobDefinition, type JobResult } from '#access';
import { parseReportId } from '#base/ids';
import { assessReport } from './assess-report.ts';
import { foldLineCounts } from './fold-line-counts.ts';
import { freeLeases } from './free-leases.ts';
import { reassessDue } from './reassess-due.ts';
import { setBar } from './set-bar.ts';

/**
 * `assess-report` runs after a report was filed, with its number as subject; `reassess-report` when time or new rules
 * made it due, in a queue of its own, so that what is filed now never waits behind it. The rest run by the clock.
 */
export const assessJobs: readonly JobDefinition[] = [
  { name: 'assess-report', subjectKind: 'report', isPatient: true, run: assess },
  { name: 'reassess-report', subjectKind: 'report', isPatient: true, run: assess },
  {
    name: 'fold-line-counts',
    schedule: '* * * * *',
    run: async (ctx) => {
      const changes = await foldLineCounts(ctx);
      // Skipped, because nothing that anybody sees is different afterwards, so there is nothing to audit.
      return { kind: 'skipped', reason: `${changes} changes of the counts were folded in.` };
    },
  },
  {
    name: 'free-leases',
    schedule: '* * * * *',
    run: async (ctx) => {
      const freed = await freeLeases(ctx);
      return freed > 0 ? done : { kind: 'skipped', reason: 'No lease has ended.' };
    },
  },
  {
    name: 'reassess-due',
    schedule: '* * * * *',
    run: async (ctx) => {
      const due = await reassessDue(ctx);
      return { kind: 'skipped', reason: `${due} reports are due; each has a job of its own.` };
    },
  },
  {
    name: 'set-bar',
    schedule: '*/5 * * * *',
    run: async (ctx) => {
      for (const environment of ['production', 'sandbox'] as const) await setBar(ctx, environment);
      // Each look keeps the bar that it was made under, so there is nothing more to audit.
      return { kind: 'skipped', reason: 'The bar was set from the last week.' };
    },
  },
];

async function assess(ctx: Ctx, subject: string): Promise<JobResult> {
  const reportId = parseReportId(subject);
  if (reportId === undefined) return { kind: 'failed', reason: 'The subject is not the number of a report.' };
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
}
