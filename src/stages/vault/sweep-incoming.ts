import type { Ctx } from '#access';
import { mayRemoveEvidence } from '#platform/evidence-pin';
import type { Vault } from './open-vault.ts';
import { deleteIncoming, lockForgotten } from './store.ts';

/**
 * How long staged bytes may wait to be sealed: as long as an open report may live at the shortest, so that no upload
 * that could still be filed is taken away. Bytes that were abandoned on purpose do not wait.
 */
const stagingHours = 24;
/** Most places that one transaction clears. */
const batch = 500;

/**
 * Removes bytes that belong to nobody: of uploads that a crash cut off, and fresh copies of known files.
 * An upload that is sealed at the same moment either comes first and keeps its bytes or is refused.
 * @returns how many places were cleared, and whether none are left
 */
export async function sweepIncoming(
  ctx: Ctx,
  vault: Vault,
): Promise<{ readonly removed: number; readonly isComplete: boolean }> {
  const startedBefore = new Date(ctx.now.getTime() - stagingHours * 3_600_000);
  if (!(await mayRemoveEvidence(ctx.tx.db))) return { removed: 0, isComplete: true };
  const places = await lockForgotten(ctx.tx.db, startedBefore, batch);
  for (const { store, place } of places) {
    await (await vault.stores.byId(store)).remove(place);
    await deleteIncoming(ctx.tx.db, place);
  }
  return { removed: places.length, isComplete: places.length < batch };
}
