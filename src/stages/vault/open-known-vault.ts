import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { DB } from '#platform/database-types';
import { openVault, type Vault, type VaultOptions } from './open-vault.ts';
import { knownKeys } from './store-keys.ts';

/** How long a worker that takes a retired key away may need between the database and the key file. */
const settleMs = 500;

/**
 * Opens the vault with what the database knows of its keys. The database and the key file are read one after the
 * other; a key that is taken away in between looks lost, so both are read once more before the vault refuses.
 */
export async function openKnownVault(db: Kysely<DB>, options: Omit<VaultOptions, 'known'>): Promise<Vault> {
  try {
    return await openVault({ ...options, known: await knownKeys(db) });
  } catch {
    await sleep(settleMs);
    return await openVault({ ...options, known: await knownKeys(db) });
  }
}
