import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { bad, fromBase64, ok, type Parsed } from './parsed.ts';

/**
 * Signed notes (https://c2sp.org/signed-note): text, an empty line, and lines that each begin with a dash and hold
 * the signature of one key. Go's checksum database and the transparency logs of today use the same form.
 */
export interface SignedNote {
  /** What is signed, the newline at its end included. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface NoteSignature {
  readonly name: string;
  /** Eight lower-case hex characters. */
  readonly keyHash: string;
  readonly signature: Buffer;
}

/** Bytes of signed-note's list of signature types: plain Ed25519, and a witness's cosignature with its time. */
export const noteSignatureTypes = { ed25519: 0x01, cosignature: 0x04 } as const;
type SignatureType = (typeof noteSignatureTypes)[keyof typeof noteSignatureTypes];

/** A public key as clients are configured with it: `name+hash+base64(type || key)`. */
export interface VerifierKey {
  readonly name: string;
  readonly keyHash: string;
  readonly type: SignatureType;
  readonly publicKey: KeyObject;
}

const rawKeyBytes = 32;
/** At least 16 signatures must be taken; more than this is nobody's note. */
const mostSignatures = 64;
const longestNote = 256 * 1024;

/** The 32 bytes of RFC 8032. */
export function rawPublicKey(key: KeyObject): Buffer {
  const { x } = key.export({ format: 'jwk' });
  if (typeof x !== 'string') throw new TypeError('not an Ed25519 key');
  return Buffer.from(x, 'base64url');
}

/** @param raw the 32 bytes of RFC 8032 */
export function publicKeyFrom(raw: Uint8Array): KeyObject {
  const x = Buffer.from(raw).toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}

export function verifierKeyOf(
  name: string,
  publicKey: KeyObject,
  type: SignatureType = noteSignatureTypes.ed25519,
): VerifierKey {
  if (!isKeyName(name))
    throw new TypeError(`${JSON.stringify(name)} is no key name: no spaces, no plus, not empty`);
  return { name, keyHash: keyHashOf(name, type, rawPublicKey(publicKey)), type, publicKey };
}

export function formatVerifierKey(key: VerifierKey): string {
  const material = Buffer.concat([Buffer.from([key.type]), rawPublicKey(key.publicKey)]);
  return `${key.name}+${key.keyHash}+${material.toString('base64')}`;
}

export function parseVerifierKey(text: string): Parsed<VerifierKey> {
  const [name = '', keyHash = '', ...rest] = text.trim().split('+');
  // Base64 may hold a plus itself.
  const material = fromBase64(rest.join('+'));
  if (!isKeyName(name) || !/^[0-9a-f]{8}$/.test(keyHash) || material === undefined) {
    return bad('A verifier key looks like name+8 hex characters+Base64.');
  }
  const type = Object.values(noteSignatureTypes).find((known) => known === material[0]);
  const raw = material.subarray(1);
  if (type === undefined || raw.length !== rawKeyBytes) {
    return bad('The verifier key is not an Ed25519 key (type 01) or a cosignature key (type 04).');
  }
  if (keyHashOf(name, type, raw) !== keyHash) {
    return bad(
      'The hash within the verifier key does not belong to its name and key: it was copied wrongly.',
    );
  }
  return ok({ name, keyHash, type, publicKey: publicKeyFrom(raw) });
}

export function formatNote(note: SignedNote): string {
  return `${note.text}\n${note.signatures.map(formatSignatureLine).join('')}`;
}

export function formatSignatureLine({ name, keyHash, signature }: NoteSignature): string {
  return `— ${name} ${Buffer.concat([Buffer.from(keyHash, 'hex'), signature]).toString('base64')}\n`;
}

/** Reads the form only; `openNote` looks whether anybody's signature holds. */
export function parseNote(note: string): Parsed<SignedNote> {
  if (note.length > longestNote) return bad('The signed note is too long.');
  if (hasControlCharacter(note)) return bad('The signed note holds control characters.');
  const split = note.lastIndexOf('\n\n');
  if (split < 0) return bad('The signed note has no empty line between its text and its signatures.');
  const signatures = parseSignatureLines(note.slice(split + 2));
  if (signatures.kind === 'bad') return signatures;
  if (signatures.value.length === 0) return bad('The signed note has no signature.');
  return ok({ text: note.slice(0, split + 1), signatures: signatures.value });
}

/** @param lines each ends with a newline */
export function parseSignatureLines(lines: string): Parsed<readonly NoteSignature[]> {
  const signatures: NoteSignature[] = [];
  const split = lines.split('\n');
  if (split.pop() !== '') return bad('The last line of the signatures does not end.');
  if (split.length > mostSignatures) return bad('There are too many signatures.');
  for (const line of split) {
    const [dash, name = '', encoded = '', ...more] = line.split(' ');
    const bytes = fromBase64(encoded);
    if (dash !== '—' || !isKeyName(name) || bytes === undefined || bytes.length < 5 || more.length > 0) {
      return bad('A signature line is not a dash, a name and Base64.');
    }
    signatures.push({ name, keyHash: bytes.toString('hex', 0, 4), signature: bytes.subarray(4) });
  }
  return ok(signatures);
}

/** Whether the key signed this text. Gives the time of a cosignature in seconds since 1970. */
export type SignatureCheck = (
  key: VerifierKey,
  text: string,
  signature: Buffer,
) => { readonly atSeconds?: number } | undefined;

/** Plain Ed25519 over the text. */
export const checkEd25519: SignatureCheck = (key, text, signature) =>
  key.type === noteSignatureTypes.ed25519 &&
  signature.length === 64 &&
  verify(null, Buffer.from(text), key.publicKey, signature)
    ? {}
    : undefined;

export interface VerifiedSignature {
  readonly key: VerifierKey;
  readonly atSeconds?: number;
}

/**
 * Which of the known keys signed the note. Signatures of other keys are ignored; one of a known key that does not
 * hold makes the whole note bad, and so does a note that no known key signed.
 */
export function openNote(
  note: SignedNote,
  keys: readonly VerifierKey[],
  check: SignatureCheck = checkEd25519,
): Parsed<readonly VerifiedSignature[]> {
  const verified: VerifiedSignature[] = [];
  for (const { name, keyHash, signature } of note.signatures) {
    const key = keys.find((known) => known.name === name && known.keyHash === keyHash);
    if (key === undefined || verified.some((one) => one.key === key)) continue;
    const found = check(key, note.text, signature);
    if (found === undefined) return bad(`The signature of ${name} does not belong to this text.`);
    verified.push({ key, ...found });
  }
  if (verified.length > 0) return ok(verified);
  const names = note.signatures.map((one) => `${one.name} (${one.keyHash})`).join(', ');
  return bad(`None of the given keys signed this: it names ${names}.`);
}

function keyHashOf(name: string, type: SignatureType, raw: Uint8Array): string {
  return createHash('sha256')
    .update(`${name}\n`)
    .update(Uint8Array.of(type))
    .update(raw)
    .digest('hex')
    .slice(0, 8);
}

function isKeyName(name: string): boolean {
  return name !== '' && !/[\p{White_Space}+\p{Cc}]/u.test(name);
}

function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20 && code !== 0x0a) return true;
  }
  return false;
}
