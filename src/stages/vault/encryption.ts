import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { buildDecrypt } from '@aws-crypto/decrypt-node';
import { buildEncrypt } from '@aws-crypto/encrypt-node';
import {
  AlgorithmSuiteIdentifier,
  CommitmentPolicy,
  MultiKeyringNode,
} from '@aws-crypto/material-management-node';
import { IntegrityFault } from '#base/errors';
import type { UsableKey } from './keyring.ts';

/**
 * The AWS Encryption SDK message format (version 2): one data key per file, AES-256-GCM in frames, HKDF and key
 * commitment, no signature. Any client of that format with the key can read what the bureau sealed.
 */
const client = {
  commitmentPolicy: CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
  maxEncryptedDataKeys: 4,
};
const { encryptStream } = buildEncrypt(client);
const { decryptStream } = buildDecrypt(client);

const suiteId = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;
/** A reader holds one frame until it is authenticated; a smaller file is one short frame. */
const frameLength = 1024 * 1024;

/**
 * Authenticated with the ciphertext, so that bytes cannot be moved to another place. The SHA-256 is not known when
 * the first byte is encrypted; it is compared with the database while reading.
 */
function contextOf(placeId: string): Record<string, string> {
  return { purpose: 'firstlight evidence', place: placeId };
}

/**
 * Encrypts under a key and hands the ciphertext on, in order and as fast as it is taken. Throws Outage when a key
 * service does not serve.
 *
 * Whatever fails, the library's stream is brought to its end and never destroyed: inside, it rethrows an early end
 * where nobody can catch it, and a sender who hangs up would end the process. What comes out after a failure is
 * dropped, at most a frame.
 */
export async function encryptInto(
  key: UsableKey,
  placeId: string,
  plaintext: AsyncIterable<Uint8Array>,
  take: (ciphertext: Uint8Array) => Promise<void>,
): Promise<void> {
  const cipher = encryptStream(key.wrapping, {
    suiteId,
    frameLength,
    encryptionContext: contextOf(placeId),
  });
  // The library tells one failure several times over; the first reaches whoever takes the ciphertext.
  cipher.on('error', () => undefined);
  let failure: { readonly error: unknown } | undefined;
  const taken = (async () => {
    for await (const chunk of cipher as AsyncIterable<Uint8Array>) {
      if (failure !== undefined) continue;
      await take(chunk).catch((error: unknown) => {
        failure = { error };
      });
    }
  })().catch((error: unknown) => {
    failure ??= { error: key.outage() ?? error };
  });
  try {
    for await (const block of plaintext) {
      // A stream that failed says nothing more, so its end is waited for as well.
      if (!cipher.write(block)) await Promise.race([once(cipher, 'drain').catch(() => undefined), taken]);
      if (failure !== undefined) break;
    }
  } finally {
    cipher.end();
    await taken;
  }
  if (failure !== undefined) throw failure.error;
}

/** Ciphertext in, authenticated plaintext out, frame by frame. Errors when anything was changed, cut or swapped. */
export function decryption(key: UsableKey, placeId: string): Duplex {
  const stream = decryptStream(key.wrapping, { maxBodySize: frameLength });
  // A reader that gives up early makes the library tell an error that nobody else may be waiting for any more.
  stream.on('error', () => undefined);
  stream.once(
    'MessageHeader',
    ({ encryptionContext }: { encryptionContext: Readonly<Record<string, string>> }) => {
      const expected = Object.entries(contextOf(placeId));
      if (expected.some(([name, value]) => encryptionContext[name] !== value)) {
        stream.destroy(new IntegrityFault(`place:${placeId}`, 'the ciphertext belongs to another place'));
      }
    },
  );
  return stream;
}

/** As {@link decryption}, for a copy of which neither key nor place is known, so only its purpose is compared. */
export function decryptionOfAny(keys: readonly UsableKey[]): Duplex {
  const keyring = new MultiKeyringNode({ children: keys.map((key) => key.wrapping) });
  const stream = decryptStream(keyring, { maxBodySize: frameLength });
  stream.on('error', () => undefined);
  stream.once(
    'MessageHeader',
    ({ encryptionContext }: { encryptionContext: Readonly<Record<string, string>> }) => {
      if (encryptionContext.purpose !== contextOf('').purpose) stream.destroy(new Error('not evidence'));
    },
  );
  return stream;
}
