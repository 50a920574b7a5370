import type { Ctx } from '#access';
import { releaseFiles } from '#vault';
import { endUploadsOf } from './end-uploads.ts';
import { buryReport, lockOverdueReports } from './store.ts';

/** At most this many in one transaction, so that no sweep holds locks for long; the next minute goes on. */
const mostPerSweep = 200;

/**
 * Ends the open reports whose life is over and removes what was sent. Gives how many. Records `report.expired` for
 * each. A report that somebody is filing at this moment is skipped and looked at again by the next sweep.
 */
export async function expireReports(ctx: Ctx): Promise<number> {
  const overdue = await lockOverdueReports(ctx.tx.db, ctx.now, mostPerSweep);
  for (const reportId of overdue) {
    await buryReport(ctx.tx.db, reportId, 'expired', ctx.now);
    await endUploadsOf(ctx, { reportId, note: 'report expired' });
    await releaseFiles(ctx, { reportId });
    ctx.tx.record({ name: 'report.expired', subject: reportId });
  }
  return overdue.length;
}
