import type { EvidenceStore } from './evidence-store.ts';

/**
 * A note beside the evidence of which keys it is sealed under, by id. It keeps a bureau whose database and key file
 * were both lost from beginning anew on top of evidence that it could never read.
 */
const keysNoteName = 'keys-in-use.json';

export async function readKeysNote(store: EvidenceStore): Promise<readonly string[]> {
  return keyIdsOf(await store.readNote(keysNoteName), `${store.name}/${keysNoteName}`);
}

/** Brings the note up to date; writes nothing where it says the same already. */
export async function writeKeysNote(store: EvidenceStore, keyIds: readonly string[]): Promise<void> {
  const standing = await readKeysNote(store);
  if (standing.length === keyIds.length && keyIds.every((id) => standing.includes(id))) return;
  await store.writeNote(keysNoteName, `${JSON.stringify({ keyIds })}\n`);
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
