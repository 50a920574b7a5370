import type { Kysely } from 'kysely';
import type { Ctx } from '#access';
import type { DB } from '#platform/database-types';
import { newPlaceId, sha256Hex } from '#platform/random';
import { refuse } from './codes.ts';
import { encryptInto } from './encryption.ts';
import type { StoreWriter } from './evidence-store.ts';
import type { Vault } from './open-vault.ts';
import { deleteIncoming, insertIncoming, moveIncoming } from './store.ts';
import { deleteLoosePart, insertParts, type PartRow } from './store-parts.ts';

/** One encrypted piece of an upload, standing in the store and belonging to nobody yet. */
export type StagedPart = Omit<PartRow, 'position'>;

/**
 * Encrypts a piece of an upload into the store. Nothing is hashed: what the whole is, is known when its parts are
 * joined. Runs outside any transaction; its place is noted first, as for whole files. Gives undefined when there was
 * not one byte. When the source fails, nothing is left and the source's error is thrown.
 */
export async function stagePart(
  vault: Vault,
  db: Kysely<DB>,
  source: AsyncIterable<Uint8Array>,
  now: Date,
): Promise<StagedPart | undefined> {
  if (db.isTransaction) throw new Error('parts are staged outside any transaction');
  const { store, keys } = vault;
  const id = newPlaceId();
  let place = store.temporaryPlace(id);
  let writer: StoreWriter | undefined;
  let sizeBytes = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const block of source) {
      sizeBytes += block.byteLength;
      yield block;
    }
  };
  await insertIncoming(db, { store: store.id, place }, now);
  try {
    const key = await keys.forSealing();
    const opened = await store.write(id);
    writer = opened;
    await encryptInto(key, id, counted(), (chunk) => opened.write(chunk));
    if (sizeBytes === 0) {
      await cleanUp(vault, db, place, writer);
      return undefined;
    }
    // A store names places by a digest; a part has none of its own, so that of its id stands in.
    const final = store.placeOf(id, sha256Hex(id));
    if (final !== place) await moveIncoming(db, place, final);
    place = final;
    await writer.commit(place);
    return { place, store: store.id, keyId: key.id, sizeBytes };
  } catch (error) {
    await cleanUp(vault, db, place, writer);
    throw error;
  }
}

/** The first error is the one to tell: whatever cannot be cleaned up now keeps its note and is swept later. */
async function cleanUp(
  vault: Vault,
  db: Kysely<DB>,
  place: string,
  writer: StoreWriter | undefined,
): Promise<void> {
  try {
    await writer?.abort();
    await vault.store.remove(place);
    await deleteIncoming(db, place);
  } catch {
    return;
  }
}

/**
 * Gives staged parts to an upload, after those that it has. Refuses `vault.staging-lost` when a sweep took one that
 * waited too long: then none is kept.
 */
export async function keepParts(
  ctx: Ctx,
  input: { readonly uploadId: string; readonly parts: readonly StagedPart[] },
): Promise<void> {
  if (input.parts.length === 0) return;
  if (!(await insertParts(ctx.tx.db, input.uploadId, input.parts, ctx.now)))
    throw refuse('vault.staging-lost');
}

/** Removes a staged part that no upload took. Safe whatever became of it: one that was kept stays. */
export async function discardPart(vault: Vault, db: Kysely<DB>, part: StagedPart): Promise<void> {
  await db.transaction().execute(async (tx) => {
    if (await deleteLoosePart(tx, part.place)) await (await vault.stores.byId(part.store)).remove(part.place);
  });
}
