import type { Ctx } from '#access';
import type { Sha256 } from '#base/ids';
import { refuse } from './codes.ts';
import { abandon, lockSeal } from './store.ts';
import { insertCustody } from './store-custody.ts';
import { takeSetAside } from './store-keys.ts';

/**
 * Lets the damaged copies of a file go that were set aside; the next sweep removes them. Only while the file itself
 * is sound: until then they may be all that is left of it.
 * @returns how many copies
 */
export async function letGo(ctx: Ctx, input: { readonly sha256: Sha256 }): Promise<number> {
  const { db } = ctx.tx;
  const seal = await lockSeal(db, input.sha256);
  if (seal === undefined) throw refuse('vault.unknown-file');
  if (seal.isDamaged) throw refuse('vault.file-damaged');
  const copies = await takeSetAside(db, input.sha256);
  if (copies.length === 0) throw refuse('vault.nothing-set-aside');
  for (const copy of copies) await abandon(db, copy);
  const note = `A damaged copy that was set aside was let go (${copies.length}).`;
  await insertCustody(db, [{ at: ctx.now, sha256: input.sha256, act: 'destroyed', actor: ctx.actor, note }]);
  return copies.length;
}
