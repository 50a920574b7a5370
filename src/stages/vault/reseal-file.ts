import type { Kysely } from 'kysely';
import type { Actor } from '#access';
import { IntegrityFault } from '#base/errors';
import type { DB } from '#platform/database-types';
import { newPlaceId } from '#platform/random';
import { encryptInto } from './encryption.ts';
import type { EvidenceStore } from './evidence-store.ts';
import type { UsableKey } from './keyring.ts';
import type { Vault } from './open-vault.ts';
import { openSeal, plaintextOf } from './read-sealed.ts';
import { abandon, deleteIncoming, insertIncoming, lockSeal, moveIncoming, type SealRow } from './store.ts';
import { insertCustody } from './store-custody.ts';
import { putInPlace } from './store-reseal.ts';

export interface Reseal {
  readonly seal: SealRow;
  readonly key: UsableKey;
  readonly store: EvidenceStore;
  readonly now: Date;
  readonly actor: Pick<Actor, 'kind' | 'id'>;
}

/** How long a former copy stands after it was replaced, for whoever found its place just before. */
const graceMinutes = 10;
const dayMinutes = 24 * 60;

/**
 * Seals one file again: read from end to end and checked, encrypted to a place of its own, that copy read back from
 * end to end, and only then the seal made to point to it and the former copy left to a sweep. Opens its own short
 * transactions. Whatever stops it half way leaves the seal as it was, and a noted place to sweep.
 * @returns the damage that was found while reading the former copy; `moved` false when somebody else was quicker
 */
export async function resealFile(
  vault: Vault,
  db: Kysely<DB>,
  input: Reseal,
): Promise<{ readonly moved: boolean; readonly damage?: string }> {
  const { seal, store, key, now } = input;
  if (seal.place === undefined) return { moved: false };
  const id = newPlaceId();
  let place = store.temporaryPlace(id);
  await insertIncoming(db, { store: store.id, place }, now);
  const writer = await store.write(id);
  try {
    const sealed = await openSeal(vault, seal);
    await encryptInto(key, id, plaintextOf(sealed), (chunk) => writer.write(chunk));
    const final = store.placeOf(id, seal.sha256);
    if (final !== place) await moveIncoming(db, place, final);
    place = final;
    await writer.commit(place);
  } catch (error) {
    await writer.abort().catch(() => undefined);
    await leaveToSweep(db, { store: store.id, place });
    if (error instanceof IntegrityFault) return { moved: false, damage: error.message };
    throw error;
  }
  const copy: SealRow = { ...seal, store: store.id, place, keyId: key.id };
  for await (const _chunk of plaintextOf(await openSeal(vault, copy)));
  return { moved: await exchange(db, input, copy) };
}

/** Makes the seal point to the copy, unless it was given other bytes meanwhile. */
async function exchange(db: Kysely<DB>, { seal, now, actor }: Reseal, copy: SealRow): Promise<boolean> {
  const { sha256, place, store, keyId } = copy;
  if (place === undefined || seal.place === undefined) return false;
  const former = { store: seal.store, place: seal.place };
  return await db.transaction().execute(async (tx) => {
    if (!(await deleteIncoming(tx, place))) throw new Error('the place of a fresh copy was swept');
    const current = await lockSeal(tx, sha256);
    if (current === undefined || current.place !== seal.place || current.isDamaged) {
      await abandon(tx, { store, place });
      return false;
    }
    await putInPlace(tx, { sha256, store, place, keyId }, now);
    await abandon(tx, former, new Date(now.getTime() - (dayMinutes - graceMinutes) * 60_000));
    const entry = { at: now, sha256, actor };
    await insertCustody(tx, [
      ...(seal.store === store
        ? []
        : [{ ...entry, act: 'moved' as const, note: `From ${seal.store} to ${store}; read back whole.` }]),
      ...(seal.keyId === keyId
        ? []
        : [
            {
              ...entry,
              act: 'resealed' as const,
              note: `From key ${seal.keyId} to key ${keyId}; read back whole.`,
            },
          ]),
    ]);
    return true;
  });
}

async function leaveToSweep(db: Kysely<DB>, at: { readonly store: string; readonly place: string }) {
  await db.transaction().execute(async (tx) => {
    if (await deleteIncoming(tx, at.place)) await abandon(tx, at);
  });
}
