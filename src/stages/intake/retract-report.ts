import type { Ctx, ProviderActor } from '#access';
import type { ReportId } from '#base/ids';
import { releaseFiles } from '#vault';
import { endUploadsOf } from './end-uploads.ts';
import { lockOpenReport } from './find-open-report.ts';
import { buryReport } from './store.ts';

/** Takes an open report back: what was sent is removed at once, the number stays taken. Records `report.retracted`. */
export async function retractReport(
  ctx: Ctx<ProviderActor>,
  input: { readonly reportId: ReportId },
): Promise<{ readonly retractedAt: Date }> {
  await lockOpenReport(ctx, input.reportId);
  await buryReport(ctx.tx.db, input.reportId, 'retracted', ctx.now);
  await endUploadsOf(ctx, { reportId: input.reportId, note: 'report retracted' });
  await releaseFiles(ctx, { reportId: input.reportId });
  ctx.tx.record({ name: 'report.retracted', subject: input.reportId });
  return { retractedAt: ctx.now };
}
