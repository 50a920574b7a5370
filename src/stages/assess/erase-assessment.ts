import type { Ctx } from '#access';
import type { ReportId } from '#base/ids';
import { clearWords, type ErasedWords } from './store-erasure.ts';

/**
 * Removes the words that rules and people wrote about a report. Urgency, completeness, the kinds of the decisions, by
 * whom and when stay, because they are counts and belong to who decided. A report that nobody decided leaves the line.
 */
export async function eraseAssessment(
  ctx: Ctx,
  input: { readonly reportId: ReportId },
): Promise<ErasedWords> {
  return await clearWords(ctx.tx.db, input.reportId);
}
