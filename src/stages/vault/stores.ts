import { stat } from 'node:fs/promises';
import { Outage } from '#base/errors';
import { type EvidenceConfig, isObjectStore } from '#platform/config-evidence';
import type { EvidenceStore } from './evidence-store.ts';
import { localStoreId, openLocalStore } from './local-store.ts';
import { openS3Store } from './s3-store.ts';

/** Every store that seals name. New evidence goes to one of them, reads follow the seal. */
export interface Stores {
  /** Opens a store at its first use. Throws Outage, with what to do, when it cannot be there. */
  byId(id: string): Promise<EvidenceStore>;
}

/** @param folder where the local store lies; a store that is only read must be there already */
export function createStores(folder: string, settings: EvidenceConfig, current: EvidenceStore): Stores {
  const opened = new Map<string, Promise<EvidenceStore>>([[current.id, Promise.resolve(current)]]);
  return {
    byId: async (id) => {
      const known = opened.get(id);
      if (known !== undefined) return await known;
      const opening = openFormerStore(id, folder, settings);
      opened.set(id, opening);
      try {
        return await opening;
      } catch (error) {
        opened.delete(id);
        throw error;
      }
    },
  };
}

/** Opens the store that new evidence goes to; a local one is made when it is not there. */
export async function openCurrentStore(folder: string, settings: EvidenceConfig): Promise<EvidenceStore> {
  return settings.store === localStoreId
    ? await openLocalStore(folder)
    : await openS3Store(settings.store, settings.s3);
}

async function openFormerStore(id: string, folder: string, settings: EvidenceConfig): Promise<EvidenceStore> {
  if (isObjectStore(id)) return await openS3Store(id, settings.s3);
  if (id !== localStoreId) throw new Error(`${id} is not a store that this version of the bureau knows`);
  try {
    await stat(folder);
  } catch (cause) {
    throw new Outage(
      `There is evidence in the local store, and its folder ${folder} is not there. Mount its volume or restore the folder.`,
      { cause },
    );
  }
  return await openLocalStore(folder);
}
