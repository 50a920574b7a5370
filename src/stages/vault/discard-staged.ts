import type { Kysely } from 'kysely';
import type { DB } from '#platform/database-types';
import type { Vault } from './open-vault.ts';
import type { StagedBytes } from './stage-bytes.ts';
import { deleteIncoming } from './store.ts';

/**
 * Removes staged bytes that were not sealed after all. Safe to call whatever became of them: bytes whose sealing was
 * committed, or is being committed right now, are left alone.
 * Opens its own short transaction, because it undoes what another one could not use.
 */
export async function discardStaged(vault: Vault, db: Kysely<DB>, staged: StagedBytes): Promise<void> {
  await db.transaction().execute(async (tx) => {
    if (await deleteIncoming(tx, staged.location)) {
      await (await vault.stores.byId(staged.storeId)).remove(staged.location);
    }
  });
}
