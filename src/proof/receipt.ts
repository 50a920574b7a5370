import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { bad, ok, type Parsed } from './parsed.ts';

/**
 * A receipt says what a service filed: a JWS in compact serialization (RFC 7515 section 7.1), signed with Ed25519
 * (`EdDSA`, RFC 8037), whose payload is the JSON of {@link ReceiptFacts}. Any JOSE library can check it.
 */
export const receiptType = 'firstlight-receipt+jws';

export interface ReceiptFacts {
  readonly version: 1;
  /** Whose receipt it is: the bureau's name in words, and its name beside its keys at `GET /v1/keys`. */
  readonly bureau: { readonly name: string; readonly keyName: string };
  readonly reportId: string;
  /** The unique reference (URN). */
  readonly reference: string;
  readonly service: { readonly id: string; readonly name: string };
  readonly environment: 'production' | 'sandbox';
  readonly profile: string;
  /** ISO 8601 in UTC. */
  readonly openedAt: string;
  readonly filedAt: string;
  /** The report document exactly as it arrived. */
  readonly document: { readonly sha256: string };
  /** Every file in the order of arrival. */
  readonly files: readonly ReceiptFile[];
  readonly warnings: readonly { readonly element: string; readonly rule: string; readonly message: string }[];
}

export interface ReceiptFile {
  readonly fileId: string;
  readonly sizeBytes: number;
  readonly md5: string;
  /** Absent only where the file came in before bureaus kept it. */
  readonly sha1?: string;
  readonly sha256: string;
}

export interface ReceiptSigner {
  readonly keyId: string;
  readonly sign: (data: Uint8Array) => Uint8Array;
}

/** Signs the facts. Equal facts and keys give equal text. */
export function makeReceipt(facts: ReceiptFacts, signer: ReceiptSigner): string {
  const header = { alg: 'EdDSA', kid: signer.keyId, typ: receiptType, cty: 'json' };
  const signed = `${encoded(JSON.stringify(header))}.${encoded(JSON.stringify(facts))}`;
  return `${signed}.${encoded(signer.sign(Buffer.from(signed, 'ascii')))}`;
}

export interface CheckedReceipt {
  readonly keyId: string;
  readonly facts: ReceiptFacts;
}

/** 100,000 files of one report fit. */
const longestReceipt = 64 * 1024 * 1024;

/**
 * Checks a receipt against the bureau's published keys. Every character counts: one that differs, a space or a second
 * spelling of the same Base64 makes it bad. Never throws.
 * @param text the receipt and nothing else, not even a line break after it
 */
export function checkReceipt(text: string, keys: ReadonlyMap<string, KeyObject>): Parsed<CheckedReceipt> {
  if (text.length > longestReceipt) return bad('This is larger than any receipt.');
  const parts = text.split('.');
  const [head, payload, signature] = parts.map(decoded);
  if (parts.length !== 3 || head === undefined || payload === undefined || signature === undefined) {
    return bad('This is not a receipt: a receipt is one line of three parts with dots between them.');
  }
  const header = jsonOf(head);
  if (!isRecord(header)) return bad('This is not a receipt: its first part cannot be read.');
  if (header.typ !== receiptType)
    return bad(`This is signed, but it is not a receipt: its type is not ${receiptType}.`);
  if (header.alg !== 'EdDSA' || 'crit' in header || typeof header.kid !== 'string') {
    return bad(
      'This receipt is signed in a way that receipts are not. It was altered, or it is from somewhere else.',
    );
  }
  const key = keys.get(header.kid);
  if (key === undefined) {
    return bad(
      `This receipt is signed with key ${plain(header.kid)}, which is not among the keys given. Use the keys of the bureau that it is from.`,
    );
  }
  const signed = Buffer.from(text.slice(0, text.lastIndexOf('.')), 'ascii');
  if (!verifies(signed, key, signature)) {
    return bad(
      'The signature does not match: this receipt was altered, or it was not made by the bureau of this key.',
    );
  }
  const facts = jsonOf(payload);
  if (!isFacts(facts))
    return bad('The signature is good, but this receipt has a form that this program does not know.');
  return ok({ keyId: header.kid, facts });
}

/** Reads the answer of `GET /v1/keys`, or any JWK set (RFC 7517): its Ed25519 keys by their id. Never throws. */
export function readKeys(text: string): Parsed<ReadonlyMap<string, KeyObject>> {
  const set = jsonOf(Buffer.from(text));
  const listed: unknown = isRecord(set) ? set.keys : undefined;
  if (!Array.isArray(listed))
    return bad('This is not a set of keys. Save the answer of GET /v1/keys of the bureau.');
  const keys = new Map<string, KeyObject>();
  for (const each of listed.slice(0, mostKeys)) {
    if (!isRecord(each) || each.kty !== 'OKP' || each.crv !== 'Ed25519') continue;
    const { kid, x } = each;
    if (typeof kid !== 'string' || typeof x !== 'string') continue;
    try {
      keys.set(kid, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }));
    } catch {
      return bad(`Key ${plain(kid)} of this set is not an Ed25519 key that can be read.`);
    }
  }
  return keys.size === 0 ? bad('This set holds no Ed25519 key with an id.') : ok(keys);
}

const mostKeys = 1000;

function verifies(signed: Uint8Array, key: KeyObject, signature: Uint8Array): boolean {
  try {
    return key.asymmetricKeyType === 'ed25519' && verify(null, signed, key, signature);
  } catch {
    return false;
  }
}

function encoded(data: string | Uint8Array): string {
  return (typeof data === 'string' ? Buffer.from(data) : Buffer.from(data)).toString('base64url');
}

/** Base64url without padding, one spelling per value. */
function decoded(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return text !== '' && bytes.toString('base64url') === text ? bytes : undefined;
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** A stranger's text, fit to be shown. */
function plain(text: string): string {
  const shown = text.replaceAll(/[^\x21-\x7e]/g, '?');
  return shown.length > 80 ? `${shown.slice(0, 80)}…` : shown;
}

function isFacts(value: unknown): value is ReceiptFacts {
  if (!isRecord(value) || value.version !== 1) return false;
  const { bureau, service, document, files, warnings } = value;
  const texts = [
    value.reportId,
    value.reference,
    value.environment,
    value.profile,
    value.openedAt,
    value.filedAt,
  ];
  return (
    texts.every((text) => typeof text === 'string') &&
    isRecord(bureau) &&
    typeof bureau.name === 'string' &&
    isRecord(service) &&
    typeof service.name === 'string' &&
    isRecord(document) &&
    typeof document.sha256 === 'string' &&
    Array.isArray(files) &&
    files.every(
      (file) => isRecord(file) && typeof file.sha256 === 'string' && typeof file.sizeBytes === 'number',
    ) &&
    Array.isArray(warnings) &&
    warnings.every((warning) => isRecord(warning) && typeof warning.message === 'string')
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
