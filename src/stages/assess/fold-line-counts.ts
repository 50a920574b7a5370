import type { Ctx } from '#access';
import { foldCounts } from './store.ts';

/**
 * Keeps counting the line cheap: what was noted change by change becomes part of the tally. The counts that anybody
 * reads are the same before and after. @returns how many changes there were
 */
export async function foldLineCounts(ctx: Ctx): Promise<number> {
  return await foldCounts(ctx.tx.db);
}
