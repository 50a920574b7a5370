import { systemClock } from '#platform/clock';
import { createPrivate, readPrivate } from '#platform/private-file';
import { hmacOf, newKeyBytes, sha256Hex } from '#platform/random';

/**
 * A secret of this bureau for digests that must mean nothing to anybody else: of watched identifiers, and of erased
 * files in a certificate. Without it a digest tells neither who is watched nor what a file was.
 */
export interface DigestKey {
  /** Says which key made a digest, without telling anything of it. */
  readonly id: string;
  /** HMAC-SHA-256 (RFC 2104), as `id:base64url`. */
  digest(text: string): string;
}

/**
 * Opens the file that holds the key.
 * @param options.create whether a key may be made where there is none
 * @throws Error with what to restore
 */
export async function openDigestKey(path: string, options: { readonly create: boolean }): Promise<DigestKey> {
  const text = (await readPrivate(path)) ?? (options.create ? await make(path) : undefined);
  if (text === undefined) {
    throw new Error(
      `The digest key file ${path} is not there. Restore it from its backup: without it the watch-list matches nobody.`,
    );
  }
  return digestKeyFrom(secretOf(text, path));
}

function digestKeyFrom(secret: Uint8Array): DigestKey {
  const id = sha256Hex(secret).slice(0, 8);
  return { id, digest: (text) => `${id}:${hmacOf(secret, text)}` };
}

async function make(path: string): Promise<string> {
  const made = {
    version: 1,
    createdAt: systemClock.now().toISOString(),
    key: newKeyBytes().toString('base64'),
  };
  return await createPrivate(path, `${JSON.stringify(made)}\n`);
}

function secretOf(text: string, path: string): Buffer {
  const broken = () => new Error(`The file ${path} is not a digest key file. Restore it from its backup.`);
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    throw broken();
  }
  const key = typeof read === 'object' && read !== null && 'key' in read ? read.key : undefined;
  const secret = typeof key === 'string' ? Buffer.from(key, 'base64') : undefined;
  if (secret?.byteLength !== 32) throw broken();
  return secret;
}
