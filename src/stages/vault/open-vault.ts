import { chmod, mkdir } from 'node:fs/promises';
import { Outage } from '#base/errors';
import { systemClock } from '#platform/clock';
import { type EvidenceConfig, isKmsKey } from '#platform/config-evidence';
import type { EvidenceStore } from './evidence-store.ts';
import { KeyFile } from './key-file.ts';
import { Keyring } from './keyring.ts';
import { readKeysNote, writeKeysNote } from './keys-note.ts';
import { localStoreId } from './local-store.ts';
import type { KnownKeys } from './store-keys.ts';
import { createStores, openCurrentStore, type Stores } from './stores.ts';

/** Where evidence stands and the keys to read it. Built once by the application and given to every deed. */
export interface Vault {
  /** Where new evidence goes. */
  readonly store: EvidenceStore;
  /** Every store that a seal may name. */
  readonly stores: Stores;
  readonly keys: Keyring;
  /** Every sealed file is read again within so many days. */
  readonly verifyDays: number;
  /** Throws, with what to do, when nothing can be sealed now. */
  readonly checkWritable: () => Promise<void>;
}

export interface VaultOptions {
  /** Folder of the local evidence store; made when evidence goes there and it is not there. */
  readonly folder: string;
  readonly keyFile: string;
  /** Whether a key may be made: only by whoever starts the bureau, and only where nothing needs another one. */
  readonly create: boolean;
  /** Absent: a local store and a key file. */
  readonly settings?: EvidenceConfig;
  /** What the database knows of, see `knownKeys`; absent where nobody asked it. */
  readonly known?: KnownKeys;
}

const usualSettings: EvidenceConfig = {
  store: localStoreId,
  s3: { endpoint: undefined, region: undefined, isPathStyle: false, credentials: undefined },
  kms: { key: undefined, endpoint: undefined },
  verifyDays: 30,
};

/**
 * Opens the vault. A key is made only where nothing was sealed: neither the database nor the store nor its note of
 * the keys in use may say otherwise. Throws an Error that says what to restore when a key is missing that evidence
 * is sealed under.
 */
export async function openVault(options: VaultOptions): Promise<Vault> {
  const { folder, keyFile, settings = usualSettings } = options;
  const known = options.known ?? { keyIds: [], removedIds: [], files: 0 };
  if (settings.store === localStoreId) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (process.platform !== 'win32') await chmod(folder, 0o700);
  }
  const store = await openCurrentStore(folder, settings);
  // The note is read before the key file: whoever writes them writes the key first.
  const noted = (await noteOf(store, known)).filter((id) => !known.removedIds.includes(id));
  let file = await KeyFile.read(keyFile);
  assertHeld(known.keyIds, file, keyFile, `The database knows of ${known.files} sealed files, some`);
  assertHeld(noted, file, keyFile, `The evidence in ${store.name} is`);
  if (file === undefined && settings.kms.key === undefined) {
    const isLeavingService = known.keyIds.length > 0 && known.keyIds.every(isKmsKey);
    if (!options.create) {
      throw new Error(
        `The key file ${keyFile} is not there. Restore it from its backup: without it nothing that was sealed can be read.`,
      );
    }
    if (!isLeavingService && (await holdsAnything(store))) {
      throw new Error(
        `There is sealed evidence in ${store.name}, and the key file ${keyFile} is not there. Restore that key file from ` +
          'its backup: without it nothing that was sealed can be read. No second key was made.',
      );
    }
    file = await KeyFile.create(keyFile, systemClock.now());
  }
  const keys = new Keyring(file, keyFile, settings.kms);
  await noteKeys(store, [...new Set([...noted, ...keys.ids])], known);
  return {
    store,
    stores: createStores(folder, settings, store),
    keys,
    verifyDays: settings.verifyDays,
    checkWritable: async () => {
      await keys.check();
      await store.checkWritable();
    },
  };
}

/** Throws, with what to restore, when a key is not held that something is sealed under. */
function assertHeld(
  needed: readonly string[],
  file: KeyFile | undefined,
  keyFile: string,
  who: string,
): void {
  const held = file?.ids ?? [];
  const missing = needed.filter((id) => !isKmsKey(id) && !held.includes(id));
  if (missing.length === 0) return;
  const names = missing.join(', ');
  const keys = missing.length === 1 ? 'key' : 'keys';
  if (file === undefined) {
    throw new Error(
      `${who} sealed under ${keys} ${names}, and the key file ${keyFile} is not there. ` +
        'Restore that key file from its backup: without it nothing that was sealed can be read. No second key was made.',
    );
  }
  const isOlder = needed.some((id) => held.includes(id));
  throw new Error(
    isOlder
      ? `${who} sealed under ${keys} ${names}, which the key file ${keyFile} does not hold. ` +
          'It is an older copy: restore the newest one, that was backed up after the last "firstlight keys rotate".'
      : `${who} sealed under ${keys} ${names}, which the key file ${keyFile} does not hold. ` +
          'It belongs to another bureau: restore the key file that belongs to this evidence from its backup.',
  );
}

/** A store that does not answer keeps nobody from reading what the database knows to be sealed. */
async function noteOf(store: EvidenceStore, known: KnownKeys): Promise<readonly string[]> {
  try {
    return await readKeysNote(store);
  } catch (error) {
    if (error instanceof Outage && known.keyIds.length > 0) return [];
    throw error;
  }
}

async function noteKeys(store: EvidenceStore, keyIds: readonly string[], known: KnownKeys): Promise<void> {
  try {
    await writeKeysNote(store, keyIds);
  } catch (error) {
    if (!(error instanceof Outage) || known.keyIds.length === 0) throw error;
  }
}

async function holdsAnything(store: EvidenceStore): Promise<boolean> {
  for await (const _place of store.list()) return true;
  return false;
}
