import type { Ctx } from '#access';
import { Outage } from '#base/errors';
import type { ReportId, Sha256 } from '#base/ids';
import { mayRemoveEvidence } from '#platform/evidence-pin';
import type { Vault } from './open-vault.ts';
import { lockSeal, markDestroyed } from './store.ts';
import { hasHolder, insertCustody, unheldSeals } from './store-custody.ts';
import { takeSetAside } from './store-keys.ts';

/** Most seals that one transaction destroys. */
const batch = 1000;

/**
 * Destroys bytes that no file record holds: those of one report, or any. The seal's row stays as a tombstone.
 *
 * Whatever is removed here was let go by a committed transaction, and each seal is held alone meanwhile, so an
 * upload of the same bytes either comes first and keeps them or comes after and brings its own copy. Should the
 * transaction fail after bytes are gone, the seal names bytes that are not there: the next run finishes it, and an
 * upload in between sees that they are missing and brings its own.
 * Throws an Outage for the moments in which a backup copies what its snapshot names.
 */
export async function sweepSeals(
  ctx: Ctx,
  vault: Vault,
  input: { readonly reportId?: ReportId },
): Promise<{ readonly destroyed: number; readonly isComplete: boolean }> {
  if (!(await mayRemoveEvidence(ctx.tx.db)))
    throw new Outage('A backup is copying evidence at this moment. Try again in a minute.');
  const unheld = await unheldSeals(ctx.tx.db, { ...input, limit: batch });
  let destroyed = 0;
  for (const sha256 of unheld) {
    if (await destroyUnheld(ctx, vault, sha256, input.reportId)) destroyed += 1;
  }
  return { destroyed, isComplete: unheld.length < batch };
}

async function destroyUnheld(ctx: Ctx, vault: Vault, sha256: Sha256, reportId?: ReportId): Promise<boolean> {
  const { db } = ctx.tx;
  const seal = await lockSeal(db, sha256);
  if (seal?.place === undefined) return false;
  // Asked after the lock: whoever held the row before may have added a holder.
  if (await hasHolder(db, sha256)) return false;
  // A damaged copy of destroyed bytes is not kept either.
  const copies = [{ store: seal.store, place: seal.place }, ...(await takeSetAside(db, sha256))];
  for (const { store, place } of copies) await (await vault.stores.byId(store)).remove(place);
  await markDestroyed(db, sha256, ctx.now);
  const entry = {
    at: ctx.now,
    sha256,
    act: 'destroyed',
    actor: ctx.actor,
    note: 'No report holds these bytes.',
  } as const;
  await insertCustody(db, [reportId === undefined ? entry : { ...entry, reportId }]);
  return true;
}
