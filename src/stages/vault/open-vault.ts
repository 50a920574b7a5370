import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '#platform/clock';
import { createOnce, readIfThere } from './durable-file.ts';
import type { EvidenceStore } from './evidence-store.ts';
import { createKeyFile, type Keyring, readKeyFile } from './keyring.ts';
import { openLocalStore } from './local-store.ts';

/** Where evidence stands and the keys to read it. Built once by the application and given to every deed. */
export interface Vault {
  readonly store: EvidenceStore;
  readonly keys: Keyring;
}

export interface VaultOptions {
  /** Folder of the local evidence store; made when it is not there. */
  readonly folder: string;
  readonly keyFile: string;
  /** Whether a key may be made when there is none: only at a first start, when the database knows of no seal. */
  readonly create: boolean;
}

/**
 * Opens the vault. A key is made only where nothing was sealed: the caller has asked the database, and neither the
 * folder nor its note of the keys in use says otherwise.
 */
export async function openVault(options: VaultOptions): Promise<Vault> {
  const { folder, keyFile } = options;
  const notePath = join(folder, 'keys-in-use.json');
  // The note is read before the key file: whoever writes them writes the key first.
  const sealedUnder = keyIdsOf(await readIfThere(notePath), notePath);
  let keys = await readKeyFile(keyFile);
  if (keys === undefined && sealedUnder.length > 0) {
    throw new Error(
      `The evidence in ${folder} is sealed under key ${sealedUnder.join(', ')}, and the key file ${keyFile} is not there. ` +
        'Restore that key file from its backup: without it nothing that was sealed can be read. No second key was made.',
    );
  }
  if (keys === undefined && !options.create) {
    throw new Error(
      `The key file ${keyFile} is not there. Restore it from its backup: without it nothing that was sealed can be read.`,
    );
  }

  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (process.platform !== 'win32') await chmod(folder, 0o700);
  const store = await openLocalStore(folder);
  if (keys === undefined) {
    if (await holdsAnything(store)) {
      throw new Error(
        `There is sealed evidence in ${folder}, and the key file ${keyFile} is not there. Restore that key file from ` +
          'its backup: without it nothing that was sealed can be read. No second key was made.',
      );
    }
    keys = await createKeyFile(keyFile, systemClock.now());
  }

  const { ids } = keys;
  const unknown = sealedUnder.filter((id) => !ids.includes(id));
  if (unknown.length > 0) {
    throw new Error(
      `The evidence in ${folder} is sealed under key ${unknown.join(', ')}, which the key file ${keyFile} does not hold. ` +
        'Restore the key file that belongs to this folder from its backup.',
    );
  }
  if (sealedUnder.length === 0) await createOnce(notePath, `${JSON.stringify({ keyIds: ids })}\n`);
  return { store, keys };
}

async function holdsAnything(store: EvidenceStore): Promise<boolean> {
  for await (const _place of store.list()) return true;
  return false;
}

function keyIdsOf(text: string | undefined, path: string): readonly string[] {
  if (text === undefined) return [];
  const broken = `The file ${path} is damaged. Restore it from its backup; it names the keys that the evidence is sealed under.`;
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (cause) {
    throw new Error(broken, { cause });
  }
  const keyIds = typeof read === 'object' && read !== null && 'keyIds' in read ? read.keyIds : undefined;
  if (!Array.isArray(keyIds) || !keyIds.every((id) => typeof id === 'string')) throw new Error(broken);
  return keyIds;
}
