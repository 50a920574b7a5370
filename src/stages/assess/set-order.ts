import type { Ctx, StaffActor } from '#access';
import type { Environment } from '#contract/shapes';
import { assessRefusal } from './codes.ts';
import { leastWaitingShare, mostWaitingShare } from './rules/look-order.ts';
import { saveOrder } from './store-settings.ts';

/**
 * Sets how looks are shared and how long a report is held, with a reason. The share of those who waited longest is never
 * 0: it is what shows what the rules miss.
 */
export async function setOrder(
  ctx: Ctx<StaffActor>,
  input: {
    readonly environment: Environment;
    readonly waitingShare: number;
    readonly leaseMinutes: number;
    readonly reason: string;
  },
): Promise<void> {
  const { actor, now, tx } = ctx;
  const reason = input.reason.trim();
  if (reason.length < 3) throw assessRefusal('assess.reason-needed');
  if (!(input.waitingShare >= leastWaitingShare && input.waitingShare <= mostWaitingShare)) {
    throw assessRefusal('assess.share-out-of-bounds', { least: leastWaitingShare, most: mostWaitingShare });
  }
  await saveOrder(tx.db, { ...input, reason, by: actor.id }, now);
}
