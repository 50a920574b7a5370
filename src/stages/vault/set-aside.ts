import type { Ctx } from '#access';
import type { Vault } from './open-vault.ts';
import { abandon, type SealRow } from './store.ts';
import { insertCustody } from './store-custody.ts';
import { insertQuarantine } from './store-keys.ts';

/**
 * Keeps a damaged copy after its seal got sound bytes: no read gives it out and no sweep takes it, so that whoever
 * looks into the damage still finds it. It goes when a person lets it go, or with the file itself.
 */
export async function setAside(ctx: Ctx, vault: Vault, former: SealRow): Promise<void> {
  const { sha256, store, place, keyId } = former;
  if (place === undefined) return;
  if ((await (await vault.stores.byId(store)).size(place)) === undefined) {
    await abandon(ctx.tx.db, { store, place });
    return;
  }
  const reason = former.damage ?? 'The bytes were found to be missing, and stood there again.';
  await insertQuarantine(ctx.tx.db, { sha256, store, place, keyId, since: ctx.now, reason });
  await insertCustody(ctx.tx.db, [
    { at: ctx.now, sha256, act: 'quarantined', actor: ctx.actor, note: reason },
  ]);
}
