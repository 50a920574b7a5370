import type { Kysely } from 'kysely';
import type { DB } from '#platform/database-types';
import type { Vault } from './open-vault.ts';
import { insertKey } from './store-keys.ts';

/**
 * Notes the current key as the bureau's own, so that a start with an older key file is refused even where nothing was
 * sealed under the newer key yet. Run once per start.
 */
export async function registerKeys(db: Kysely<DB>, vault: Vault, now: Date): Promise<void> {
  await insertKey(db, vault.keys.currentId, now);
}
