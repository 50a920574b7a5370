import type { Ctx } from '#access';
import type { ReportId } from '#base/ids';
import { type CustodyEntry, custodyOf } from './store-custody.ts';

/**
 * Everything that happened to the files of one report, oldest first: entries of the report's own file records, and
 * those about the bytes as such, as a verification. What other reports did with the same bytes is theirs.
 */
export async function listCustody(
  ctx: Ctx,
  input: { readonly reportId: ReportId },
): Promise<readonly CustodyEntry[]> {
  return await custodyOf(ctx.tx.db, input.reportId);
}
