import type { Vault } from '#vault';
import { placeIdOf } from './catalogue.ts';
import type { EvidenceSource } from './copy-evidence.ts';
import type { EvidenceTarget } from './restore-evidence.ts';

/** The vault's stores as a backup reads them and a restore fills them: ciphertext only, never a key. */
export function evidenceOf(vault: Vault): EvidenceSource & EvidenceTarget {
  return {
    size: async ({ store, place }) => await (await vault.stores.byId(store)).size(place),
    read: async ({ store, place }) => await (await vault.stores.byId(store)).read(place),
    put: async ({ store, place }, bytes) => {
      const target = await vault.stores.byId(store);
      const id = placeIdOf(place);
      // What an interrupted run left half written would be in the way.
      await target.remove(target.temporaryPlace(id));
      const writer = await target.write(id);
      try {
        for await (const chunk of bytes) await writer.write(chunk);
        await writer.commit(place);
      } catch (error) {
        await writer.abort();
        throw error;
      }
    },
  };
}
