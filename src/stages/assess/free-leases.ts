import type { Ctx } from '#access';
import { recordEvent } from './events.ts';
import { announceLine } from './store.ts';
import { freeExpired } from './store-order.ts';

/** Of one run; what is left goes with the next. */
const mostFreed = 1000;

/** Puts reports back into the line whose holder has not been heard of for a lease. @returns how many */
export async function freeLeases(ctx: Ctx): Promise<number> {
  const freed = await freeExpired(ctx.tx.db, ctx.now, mostFreed);
  for (const reportId of freed) recordEvent(ctx.tx, { name: 'report.released', subject: reportId });
  if (freed.length > 0) await announceLine(ctx.tx.db);
  return freed.length;
}
