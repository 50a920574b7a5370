import type { Ctx } from '#access';
import type { ReportId } from '#base/ids';
import { clearReport, type ErasedContent, lockForErasure } from './store-erasure.ts';

/**
 * Removes everything that a filed report said: its documents, parties, identifiers, names of files and every text.
 * Number, reference, service, times by the month, kinds and counts stay, so that a count stays what it was.
 * Gives undefined for a report that is not filed or was erased before. Records `report.erased`; the vault lets go of
 * the files by itself.
 */
export async function eraseReport(
  ctx: Ctx,
  input: { readonly reportId: ReportId },
): Promise<ErasedContent | undefined> {
  const { db } = ctx.tx;
  const before = await lockForErasure(db, input.reportId);
  if (before === undefined) return undefined;
  await clearReport(db, input.reportId, ctx.now);
  ctx.tx.record({ name: 'report.erased', subject: input.reportId });
  return before;
}
