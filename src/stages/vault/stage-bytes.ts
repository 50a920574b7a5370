import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Kysely } from 'kysely';
import { Outage } from '#base/errors';
import type { Sha256 } from '#base/ids';
import { mediaTypeOf } from '#base/media-type';
import type { DB } from '#platform/database-types';
import { newPlaceId } from '#platform/random';
import { encryptInto } from './encryption.ts';
import type { StoreWriter } from './evidence-store.ts';
import { Measure } from './measure.ts';
import type { Vault } from './open-vault.ts';
import { deleteIncoming, insertIncoming, moveIncoming } from './store.ts';

/** Bytes that stand encrypted in the store and belong to nobody yet: sealed into a report next, or discarded. */
export interface StagedBytes {
  readonly storeId: string;
  readonly location: string;
  readonly sha256: Sha256;
  readonly sha1: string;
  readonly md5: string;
  readonly sizeBytes: number;
  /** By the content, not by any name; absent when it is not one that is known. */
  readonly mediaType?: string;
  readonly keyId: string;
}

/**
 * Hashes and encrypts a stream into the store in one pass; plaintext is only ever in memory, about three blocks of it.
 * Runs outside any transaction, so that a slow sender holds none. Its place is noted in the database first: whatever
 * ends the process half way is swept by that note.
 * When the source fails, nothing is left and the source's error is thrown.
 */
export async function stageBytes(
  vault: Vault,
  db: Kysely<DB>,
  source: Readable,
  now: Date,
): Promise<StagedBytes> {
  if (db.isTransaction) throw new Error('bytes are staged outside any transaction');
  // A source may fail before the pipeline listens; the pipeline finds it destroyed then.
  source.on('error', () => undefined);
  const { store, keys } = vault;
  const id = newPlaceId();
  let place = store.temporaryPlace(id);
  let writer: StoreWriter | undefined;
  await insertIncoming(db, { store: store.id, place }, now);
  try {
    const key = await keys.forSealing();
    const measure = new Measure();
    const opened = await store.write(id);
    writer = opened;
    await pipeline(chunksOf(source), measure, async (blocks) => {
      try {
        await encryptInto(key, id, leftOpen(blocks), (chunk) => opened.write(chunk));
      } catch (error) {
        const fault = storeFault(error);
        // Before the pipeline ends it without a reason: whoever sends is then told what it was.
        source.destroy(fault instanceof Error ? fault : undefined);
        throw fault;
      }
    });
    const { head, ...digests } = measure.measured();
    const final = store.placeOf(id, digests.sha256);
    if (final !== place) await moveIncoming(db, place, final);
    place = final;
    await writer.commit(place);
    const mediaType = mediaTypeOf(head);
    return {
      storeId: store.id,
      location: place,
      ...digests,
      ...(mediaType === undefined ? {} : { mediaType }),
      keyId: key.id,
    };
  } catch (error) {
    const fault = storeFault(error);
    source.destroy(fault instanceof Error ? fault : undefined);
    await cleanUp(vault, db, place, writer);
    throw fault;
  }
}

/** What a disk says when it cannot take more for now; the sender may try again later. */
const diskFaults = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE', 'ENFILE']);

function storeFault(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || !diskFaults.has(String(error.code))) return error;
  return new Outage(
    `The evidence store cannot take a file (${String(error.code)}). Give it room or repair its disk; nothing is lost.`,
    { cause: error },
  );
}

/**
 * Read as an iterable, because `pipeline` waits without end for a stream that is destroyed after its last byte came
 * in but before that was read; an iterable then ends with an error.
 */
async function* chunksOf(source: Readable): AsyncGenerator<Uint8Array> {
  for await (const chunk of source as AsyncIterable<Uint8Array>) yield chunk;
}

/**
 * The same blocks for a reader who may stop early: giving up would end the source before the pipeline knows why, and
 * the sender would be told that the connection broke instead of what did.
 */
function leftOpen(blocks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const iterator = blocks[Symbol.asyncIterator]();
  return { [Symbol.asyncIterator]: () => ({ next: async () => await iterator.next() }) };
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
