import type { Kysely } from 'kysely';
import { type Ctx, done, type JobResult } from '#access';
import type { DB } from '#platform/database-types';
import { refuse } from './codes.ts';
import { writeKeysNote } from './keys-note.ts';
import type { Vault } from './open-vault.ts';
import {
  countUnder,
  insertKey,
  isKnownKey,
  isRetirementKnown,
  keysInUse,
  markRemoved,
  markRetired,
  takeBackRetirement,
} from './store-keys.ts';
import { runUnderWay, storesInUse, tryToLead } from './store-reseal.ts';

/**
 * Retires a key: from the commit on nothing is sealed under it. Refused while anything stands under it, with the
 * count. Records `key.retired`, whose job takes the key out of the key file.
 */
export async function retireKey(ctx: Ctx, vault: Vault, input: { readonly keyId: string }): Promise<void> {
  const { db } = ctx.tx;
  const { keyId } = input;
  const key = (await keysInUse(db)).find((each) => each.keyId === keyId);
  if (key === undefined && !vault.keys.ids.includes(keyId)) throw refuse('vault.unknown-key');
  if (key?.removedAt !== undefined) throw refuse('vault.unknown-key');
  if ((await runUnderWay(db)) !== undefined) throw refuse('vault.reseal-under-way');
  if (keyId === vault.keys.currentId) throw refuse('vault.key-current');
  const files = await countUnder(db, keyId);
  if (files > 0) throw refuse('vault.key-in-use', { files });
  await insertKey(db, keyId, ctx.now);
  await markRetired(db, keyId, ctx.now);
  ctx.tx.record({ name: 'key.retired', subject: keyId });
}

/**
 * Takes a retired key out of the key file, once every transaction that could still have sealed under it has ended.
 * The database says so first: a key file and a note that still name the key then harm nobody.
 */
export async function removeRetiredKey(
  ctx: Ctx,
  vault: Vault,
  db: Kysely<DB>,
  input: { readonly keyId: string },
): Promise<JobResult> {
  const { keyId } = input;
  if (!(await isKnownKey(ctx.tx.db, keyId))) return { kind: 'failed', reason: 'The subject is not a key.' };
  if (!(await tryToLead(ctx.tx.db))) return { kind: 'skipped', reason: 'Another worker is at it.' };
  // A later run by the clock comes back to it.
  if (!(await isRetirementKnown(ctx.tx.db, keyId)))
    return { kind: 'skipped', reason: 'Transactions that began before are still at work.' };
  const files = await countUnder(ctx.tx.db, keyId);
  if (files > 0) {
    await takeBackRetirement(ctx.tx.db, keyId);
    return {
      kind: 'failed',
      reason: `${files} files were sealed under this key while it was retired, so it is kept. Wait until they are sealed again, then retire it again.`,
    };
  }
  await markRemoved(db, keyId, ctx.now);
  await vault.keys.drop(keyId);
  for (const { id } of await storesInUse(db)) {
    await writeKeysNote(await vault.stores.byId(id), vault.keys.ids);
  }
  await writeKeysNote(vault.store, vault.keys.ids);
  return done;
}
