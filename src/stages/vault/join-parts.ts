import { once } from 'node:events';
import { pipeline, Readable } from 'node:stream';
import type { Kysely } from 'kysely';
import { IntegrityFault } from '#base/errors';
import type { DB } from '#platform/database-types';
import { decryption } from './encryption.ts';
import { idOfPlace, MissingBytes } from './evidence-store.ts';
import type { Vault } from './open-vault.ts';
import { type StagedBytes, stageBytes } from './stage-bytes.ts';
import { type PartRow, partsOf } from './store-parts.ts';

/**
 * Makes one file of an upload's parts: read, authenticated, hashed and encrypted anew in one pass, plaintext only in
 * memory. The parts stay until somebody lets them go. Runs outside any transaction.
 * Throws IntegrityFault when a part is missing or was changed.
 */
export async function joinParts(
  vault: Vault,
  db: Kysely<DB>,
  input: { readonly uploadId: string; readonly sizeBytes: number },
  now: Date,
): Promise<StagedBytes> {
  const parts = await partsOf(db, input.uploadId);
  const subject = `upload:${input.uploadId}`;
  const held = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  if (held !== input.sizeBytes)
    throw new IntegrityFault(subject, 'The parts of this upload are not all there.');
  const whole = async function* (): AsyncGenerator<Buffer> {
    for (const part of parts) yield* plaintextOfPart(vault, part, subject);
  };
  return await stageBytes(vault, db, Readable.from(whole(), { objectMode: false, highWaterMark: 1 }), now);
}

async function* plaintextOfPart(vault: Vault, part: PartRow, subject: string): AsyncGenerator<Buffer> {
  // A key that is not held says nothing about the bytes; asked first, so that it is not taken for damage.
  const key = await vault.keys.forOpening(part.keyId);
  const stored = await openPart(vault, part, subject);
  const clear = decryption(key, idOfPlace(part.place));
  let storeError: unknown;
  stored.once('error', (error) => {
    storeError = error;
  });
  pipeline(stored, clear, () => undefined);
  let sizeBytes = 0;
  try {
    for await (const chunk of clear as AsyncIterable<Buffer>) {
      sizeBytes += chunk.byteLength;
      yield chunk;
    }
  } catch (cause) {
    const outage = key.outage() ?? storeError;
    if (outage !== undefined) throw outage;
    throw new IntegrityFault(subject, 'A part of this upload was changed since it came in.', { cause });
  } finally {
    stored.destroy();
    if (!stored.closed) await once(stored, 'close');
  }
  if (sizeBytes !== part.sizeBytes)
    throw new IntegrityFault(subject, 'A part of this upload has another size.');
}

async function openPart(vault: Vault, part: PartRow, subject: string): Promise<Readable> {
  try {
    return await (await vault.stores.byId(part.store)).read(part.place);
  } catch (cause) {
    if (!(cause instanceof MissingBytes)) throw cause;
    throw new IntegrityFault(subject, 'A part of this upload is missing from the evidence store.', { cause });
  }
}
