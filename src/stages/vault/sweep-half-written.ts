import type { Ctx } from '#access';
import type { Vault } from './open-vault.ts';
import { knownPlaces } from './store.ts';

/** Longer than any upload lives that could still be filed. */
const days = 7;
/** Most places that one run clears. */
const most = 1000;

/**
 * Removes what was begun in the store that new evidence goes to, never completed, and is noted nowhere: what is left
 * when a power cut took the note as well. It was never whole, so nothing that was acknowledged is among it.
 */
export async function sweepHalfWritten(ctx: Ctx, vault: Vault): Promise<number> {
  const startedBefore = new Date(ctx.now.getTime() - days * 24 * 60 * 60 * 1000);
  const found: string[] = [];
  for await (const place of vault.store.halfWritten(startedBefore)) {
    found.push(place);
    if (found.length === most) break;
  }
  const known = await knownPlaces(ctx.tx.db, found);
  const forgotten = found.filter((place) => !known.has(place));
  for (const place of forgotten) await vault.store.remove(place);
  return forgotten.length;
}
