import type { Ctx } from '#access';
import type { ReportId } from '#base/ids';
import { releaseHoldings } from './store-custody.ts';

/**
 * Ends a report's hold on its files, for a report that was retracted or has expired. Bytes that no other report
 * holds are destroyed by a later transaction, because what is removed cannot be rolled back.
 * Records `files.released` with the report as subject when anything was released.
 * @returns how many file records let go
 */
export async function releaseFiles(ctx: Ctx, input: { readonly reportId: ReportId }): Promise<number> {
  const released = await releaseHoldings(ctx.tx.db, input.reportId, ctx.now, ctx.actor);
  if (released > 0) ctx.tx.record({ name: 'files.released', subject: input.reportId });
  return released;
}
