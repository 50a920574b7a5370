import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { buildDecrypt } from '@aws-crypto/decrypt-node';
import { buildEncrypt } from '@aws-crypto/encrypt-node';
import { AlgorithmSuiteIdentifier, CommitmentPolicy } from '@aws-crypto/material-management-node';
import { IntegrityFault } from '#base/errors';
import type { BackupKey } from './backup-key.ts';
import { type FileFacts, writeDurably } from './durable-copy.ts';

/**
 * The AWS Encryption SDK message format (version 2) with AES-256-GCM and key commitment, as for evidence: any client
 * of that format with the backup key can read a part.
 */
const client = {
  commitmentPolicy: CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
  maxEncryptedDataKeys: 4,
};
const { encryptStream } = buildEncrypt(client);
const { decryptStream } = buildDecrypt(client);
const suiteId = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;
const frameLength = 1024 * 1024;

/** Authenticated with the ciphertext, so that no part can take the place of another. */
function contextOf(part: string): Record<string, string> {
  return { purpose: 'firstlight backup', part };
}

/**
 * Encrypts a stream into a file, which appears whole and durable under its name or not at all. Nothing of the source
 * touches the disk in the clear.
 * @param part what the file is, for example `20261124T2359Z-3f0c/tables`; needed again to read it
 */
export async function writePart(
  path: string,
  key: BackupKey,
  part: string,
  source: AsyncIterable<Uint8Array>,
): Promise<FileFacts> {
  return await writeDurably(path, (take) => encryptInto(key, part, source, take));
}

/**
 * The library's stream is brought to its end and never destroyed: inside, it rethrows an early end where nobody can
 * catch it. What comes out after a failure is dropped.
 */
async function encryptInto(
  key: BackupKey,
  part: string,
  source: AsyncIterable<Uint8Array>,
  take: (ciphertext: Uint8Array) => Promise<void>,
): Promise<void> {
  const cipher = encryptStream(key.keyring, { suiteId, frameLength, encryptionContext: contextOf(part) });
  let failure: { readonly error: unknown } | undefined;
  const taken = (async () => {
    for await (const chunk of cipher as AsyncIterable<Uint8Array>) {
      if (failure !== undefined) continue;
      await take(chunk).catch((error: unknown) => {
        failure = { error };
      });
    }
  })();
  taken.catch(() => undefined);
  try {
    for await (const block of source) {
      if (!cipher.write(block)) await once(cipher, 'drain');
      if (failure !== undefined) break;
    }
  } finally {
    cipher.end();
    await taken;
  }
  if (failure !== undefined) throw failure.error;
}

/**
 * The plaintext of a part, authenticated frame by frame.
 * @throws IntegrityFault naming the file when it was changed, cut short, or is another part
 */
export async function* readPart(path: string, key: BackupKey, part: string): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  let fileError: unknown;
  file.once('error', (error) => {
    fileError = error;
  });
  const clear = decryptStream(key.keyring, { maxBodySize: frameLength });
  clear.on('error', () => undefined);
  clear.once(
    'MessageHeader',
    ({ encryptionContext }: { encryptionContext: Readonly<Record<string, string>> }) => {
      const isThisPart = Object.entries(contextOf(part)).every(
        ([name, value]) => encryptionContext[name] === value,
      );
      if (!isThisPart)
        clear.destroy(new IntegrityFault(`backup:${path}`, 'It is another part, or of another backup.'));
    },
  );
  pipeline(file, clear, () => undefined);
  try {
    for await (const chunk of clear as AsyncIterable<Buffer>) yield chunk;
  } catch (cause) {
    if (fileError !== undefined) {
      const code = fileError instanceof Error && 'code' in fileError ? fileError.code : undefined;
      if (code === 'ENOENT') throw new IntegrityFault(`backup:${path}`, `${path} is missing.`, { cause });
      throw fileError;
    }
    const what =
      cause instanceof IntegrityFault
        ? cause.message
        : 'It was changed or cut short since it was written, or the backup key is not the one it was made under.';
    throw new IntegrityFault(`backup:${path}`, `${path} cannot be read. ${what}`, { cause });
  } finally {
    file.destroy();
  }
}

/** Small parts as one text. */
export async function readPartText(path: string, key: BackupKey, part: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of readPart(path, key, part)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

export async function writePartText(
  path: string,
  key: BackupKey,
  part: string,
  text: string,
): Promise<FileFacts> {
  return await writePart(path, key, part, Readable.from([Buffer.from(text)]));
}
