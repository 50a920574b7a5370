import { createHash } from 'node:crypto';
import { pipeline, type Readable } from 'node:stream';
import { IntegrityFault } from '#base/errors';
import { decryption } from './encryption.ts';
import { idOfPlace, MissingBytes } from './evidence-store.ts';
import type { UsableKey } from './keyring.ts';
import type { Vault } from './open-vault.ts';
import type { SealRow } from './store.ts';

/** Ciphertext that is open for reading, so that a sweep cannot take it away any more. */
export interface OpenSeal {
  readonly seal: SealRow;
  readonly key: UsableKey;
  readonly placeId: string;
  readonly ciphertext: Readable;
}

/** Opens the bytes of a seal. Throws IntegrityFault when they are missing, and other errors when the store is ill. */
export async function openSeal(vault: Vault, seal: SealRow): Promise<OpenSeal> {
  if (seal.place === undefined) throw new Error('a destroyed file has no bytes to read');
  // A key that is not held says nothing about the bytes; asked first, so that it is not taken for damage.
  const key = await vault.keys.forOpening(seal.keyId);
  const store = await vault.stores.byId(seal.store);
  try {
    return { seal, key, placeId: idOfPlace(seal.place), ciphertext: await store.read(seal.place) };
  } catch (error) {
    if (!(error instanceof MissingBytes)) throw error;
    throw new IntegrityFault(subjectOf(seal), 'The bytes are missing from the evidence store.', {
      cause: error,
    });
  }
}

/**
 * The plaintext of a seal. Each chunk was authenticated before it is given out; the last one is held back until size
 * and SHA-256 agree with the database. Throws IntegrityFault at the first thing that does not match.
 */
export async function* plaintextOf({ seal, key, placeId, ciphertext }: OpenSeal): AsyncGenerator<Buffer> {
  let storeError: unknown;
  const stored = async function* (): AsyncGenerator<Buffer> {
    try {
      yield* ciphertext;
    } catch (error) {
      storeError = error;
      throw error;
    }
  };
  const clear = decryption(key, placeId);
  pipeline(stored, clear, () => undefined);
  const sha256 = createHash('sha256');
  let sizeBytes = 0;
  let heldBack: Buffer | undefined;
  try {
    for await (const chunk of clear as AsyncIterable<Buffer>) {
      if (heldBack !== undefined) yield heldBack;
      heldBack = chunk;
      sha256.update(chunk);
      sizeBytes += chunk.byteLength;
    }
  } catch (cause) {
    const outage = key.outage();
    if (outage !== undefined) throw outage;
    if (storeError !== undefined && !isDiskFault(storeError)) throw storeError;
    throw new IntegrityFault(subjectOf(seal), damageOf(cause), { cause });
  } finally {
    ciphertext.destroy();
  }
  if (sizeBytes !== seal.sizeBytes || sha256.digest('hex') !== seal.sha256) {
    throw new IntegrityFault(
      subjectOf(seal),
      'The bytes are whole, but they are not the ones that were sealed.',
    );
  }
  if (heldBack !== undefined) yield heldBack;
}

function subjectOf(seal: SealRow): string {
  return `file:${seal.sha256}`;
}

/** The disk answers, but not for these bytes. */
function isDiskFault(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EIO';
}

/** What was found, in words. The decryption's own messages say nothing of the content. */
function damageOf(cause: unknown): string {
  if (isDiskFault(cause)) return 'The disk can no longer read the bytes.';
  if (cause instanceof IntegrityFault) return 'The bytes belong to another place of the evidence store.';
  const message = cause instanceof Error ? cause.message : '';
  return message.startsWith('Incomplete')
    ? 'The bytes end too early.'
    : 'The bytes were changed since they were sealed.';
}
