import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { systemClock } from '#platform/clock';
import { assertPrivate, createPrivate, readPrivate } from '#platform/private-file';
import { newKeyBytes, newPlaceId } from '#platform/random';
import { formatVerifierKey, rawPublicKey, type VerifierKey, verifierKeyOf } from '#proof/note';

/** The key with which this bureau signs what others may check: receipts and the checkpoints of its audit log. */
export interface SigningKey {
  /** The JWK thumbprint of RFC 7638. */
  readonly keyId: string;
  /** The bureau's name in signed notes and the origin of its audit log, as `firstlight/6f1d…`. Never changes. */
  readonly name: string;
  readonly publicKey: KeyObject;
  /** The current key as C2SP's signed notes know it. */
  readonly verifier: VerifierKey;
  /** Ed25519 (RFC 8032) with the current key. */
  sign(data: Uint8Array): Buffer;
  /** Every key that ever signed, the current one last. */
  readonly published: readonly PublishedKey[];
}

export interface PublishedKey {
  readonly keyId: string;
  readonly publicKey: KeyObject;
  readonly createdAt: string;
  /** `name+hash+base64`, as verifiers of signed notes are configured with it. */
  readonly verifierKey: string;
}

interface KeyFile {
  readonly name: string;
  readonly keys: readonly { readonly createdAt: string; readonly seed: Buffer }[];
}

const seedBytes = 32;

/**
 * Opens the file that holds the signing keys, the newest last.
 * @param options.create whether a key may be made where there is none: only when nothing was signed yet
 * @throws Error with what to restore, when the file is not there or is not one
 */
export async function openSigningKey(
  path: string,
  options: { readonly create: boolean },
): Promise<SigningKey> {
  const text = await readPrivate(path);
  if (text !== undefined) {
    await assertPrivate(path);
    return signingKeyOf(parseKeyFile(text, path));
  }
  if (!options.create) {
    throw new Error(
      `The signing key file ${path} is not there. Restore it from its backup: what this bureau signed can only be ` +
        'continued with the same key. No second key was made.',
    );
  }
  const key = { createdAt: systemClock.now().toISOString(), seed: newKeyBytes().toString('base64') };
  const file = { version: 1, name: `firstlight/${newPlaceId()}`, keys: [key] };
  return signingKeyOf(
    parseKeyFile(await createPrivate(path, `${JSON.stringify(file, undefined, 2)}\n`), path),
  );
}

function signingKeyOf({ name, keys }: KeyFile): SigningKey {
  const pairs = keys.map(({ createdAt, seed }) => {
    const privateKey = privateKeyFrom(seed);
    const publicKey = createPublicKey(privateKey);
    const verifier = verifierKeyOf(name, publicKey);
    return { createdAt, privateKey, publicKey, verifier, keyId: thumbprintOf(publicKey) };
  });
  const current = pairs.at(-1);
  if (current === undefined) throw new Error('a signing key file without a key');
  return {
    keyId: current.keyId,
    name,
    publicKey: current.publicKey,
    verifier: current.verifier,
    sign: (data) => sign(null, data, current.privateKey),
    published: pairs.map(({ keyId, publicKey, createdAt, verifier }) => ({
      keyId,
      publicKey,
      createdAt,
      verifierKey: formatVerifierKey(verifier),
    })),
  };
}

/** PKCS #8 of an Ed25519 seed: the fixed head of RFC 8410 section 7, then the 32 bytes. */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');

function privateKeyFrom(seed: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([pkcs8Head, seed]), format: 'der', type: 'pkcs8' });
}

/** RFC 7638 with the members of RFC 8037, in their order. */
function thumbprintOf(key: KeyObject): string {
  const x = rawPublicKey(key).toString('base64url');
  return createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url');
}

function parseKeyFile(text: string, path: string): KeyFile {
  // The text is secret: no error may carry it, so the parser's own message and cause are dropped.
  const broken = (): Error =>
    new Error(`The file ${path} is not a signing key file. Restore it from its backup; do not edit it.`);
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    throw broken();
  }
  if (!isRecord(read) || read.version !== 1 || typeof read.name !== 'string') throw broken();
  if (!/^firstlight\/[0-9a-f]{32}$/.test(read.name) || !Array.isArray(read.keys) || read.keys.length === 0)
    throw broken();
  const keys = read.keys.map((each: unknown) => {
    if (!isRecord(each) || typeof each.createdAt !== 'string' || typeof each.seed !== 'string')
      throw broken();
    const seed = Buffer.from(each.seed, 'base64');
    if (seed.length !== seedBytes) throw broken();
    return { createdAt: each.createdAt, seed };
  });
  return { name: read.name, keys };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
