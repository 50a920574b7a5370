import { newUuid } from '#platform/random';
import type { Ctx, StaffActor } from '../ctx.ts';
import { controlRefusal } from './codes.ts';
import { countLookUps, drawItems, insertSample } from './oversight-store.ts';

/**
 * Draws a month's sample of look-ups for the auditor. It can be drawn again: the same seed, month and end give the
 * same look-ups. Of a month that is not over it is drawn from what there is up to now.
 */
export async function drawSample(
  ctx: Ctx<StaffActor>,
  input: { readonly month: string; readonly size: number; readonly seed?: string | undefined },
): Promise<string> {
  const from = new Date(`${input.month}-01T00:00:00Z`);
  const next = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1, 1));
  if (from > ctx.now) throw controlRefusal('control.month-ahead');
  const until = next < ctx.now ? next : ctx.now;
  const sample = { id: newUuid(), from, until, seed: input.seed ?? newUuid(), size: input.size };
  const population = await countLookUps(ctx.tx.db, from, until);
  await insertSample(ctx.tx.db, { ...sample, population, by: ctx.actor.id, at: ctx.now });
  await drawItems(ctx.tx.db, sample);
  return sample.id;
}
