import type { Ctx } from '#access';
import type { Environment } from '#contract/shapes';
import { barDays, barOf } from './rules/look-order.ts';
import { countWeek, firstLookAt, rankAt, saveBar } from './store-bar.ts';
import { readLookOrder } from './store-order.ts';

const dayMs = 24 * 60 * 60 * 1000;

/**
 * Sets the bar anew from what came and was looked at within a week, or since the first look where that is less. There
 * is no bar in the first day: a bureau that has just opened has not shown what it can reach.
 */
export async function setBar(ctx: Ctx, environment: Environment): Promise<void> {
  const { now, tx } = ctx;
  const first = await firstLookAt(tx.db, environment);
  const weekAgo = now.getTime() - barDays * dayMs;
  const since = new Date(Math.max(weekAgo, first?.getTime() ?? now.getTime()));
  const week = await countWeek(tx.db, environment, since);
  const { waitingShare } = await readLookOrder(tx.db, environment);
  const isSettled = now.getTime() - since.getTime() >= dayMs;
  let place: number | undefined;
  if (isSettled) {
    // The rule asks for one place in the order; which one is known before the rank there is.
    barOf(week, waitingShare, (n) => {
      place = n;
      return 0;
    });
  }
  const bar = place === undefined ? undefined : await rankAt(tx.db, environment, since, place);
  await saveBar(tx.db, { environment, bar, since, ...week }, now);
}
