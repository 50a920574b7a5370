import type { KeyObject } from 'node:crypto';
import { compactVerify, decodeProtectedHeader } from 'jose';
import { bad, ok, type Parsed } from './parsed.ts';

/**
 * A destruction certificate says that what a report said was destroyed, under which law and by whose decision, without
 * repeating any of it: a JWS in compact serialization (RFC 7515 section 7.1) signed with Ed25519, whose payload is
 * the JSON of {@link CertificateFacts}. Digests in it are keyed (RFC 2104), so that they tell nothing to whoever has
 * not both the bureau's digest key and the thing itself.
 */
export const certificateType = 'firstlight-destruction-certificate+jws';

export interface CertificateFacts {
  readonly version: 1;
  readonly bureau: { readonly name: string; readonly keyName: string };
  readonly certificateId: string;
  readonly report: {
    readonly id: string;
    readonly reference: string;
    readonly environment: 'production' | 'sandbox';
    readonly profile: string;
    readonly filedAt: string;
  };
  readonly ground: 'schedule' | 'order';
  readonly basis: {
    readonly law: string;
    readonly source: string;
    readonly scheduleVersion: number;
    readonly contentMonths: number;
    readonly dueAt: string;
  };
  readonly approvedAt: string;
  readonly approvedBy: readonly {
    readonly id: string;
    readonly name: string;
    readonly at: string;
    readonly part: 'asked' | 'approved' | 'set-schedule';
  }[];
  readonly proposalId?: string;
  readonly erasedAt: string;
  readonly certifiedAt: string;
  /** How many of each kind were removed. */
  readonly removed: Readonly<Record<string, number>>;
  readonly files: readonly {
    readonly fileId: string;
    readonly digest: string;
    readonly outcome: 'destroyed' | 'kept-for-another-report';
  }[];
  readonly documentDigest: string;
  readonly checked: readonly string[];
  readonly remains: readonly string[];
}

export interface CertificateSigner {
  readonly keyId: string;
  readonly sign: (data: Uint8Array) => Uint8Array;
}

/** Signs the facts. Equal facts and keys give equal text. */
export function makeCertificate(facts: CertificateFacts, signer: CertificateSigner): string {
  const header = { alg: 'EdDSA', kid: signer.keyId, typ: certificateType, cty: 'json' };
  const signed = `${encoded(JSON.stringify(header))}.${encoded(JSON.stringify(facts))}`;
  return `${signed}.${encoded(signer.sign(Buffer.from(signed, 'ascii')))}`;
}

export interface CheckedCertificate {
  readonly keyId: string;
  readonly facts: CertificateFacts;
}

const longestCertificate = 64 * 1024 * 1024;
const shape = 'a certificate is one line of three parts with dots between them.';

/** Checks a certificate against the bureau's published keys, see `readKeys`. Never throws. */
export async function checkCertificate(
  text: string,
  keys: ReadonlyMap<string, KeyObject>,
): Promise<Parsed<CheckedCertificate>> {
  if (text.length > longestCertificate) return bad('This is larger than any certificate.');
  const parts = text.split('.');
  // One spelling per value: a character that differs makes it bad even where it decodes to the same bytes.
  const isExact =
    parts.length === 3 &&
    parts.every((part) => part !== '' && encoded(Buffer.from(part, 'base64url')) === part);
  if (!isExact) return bad(`This is not a certificate: ${shape}`);
  const header = headerOf(text);
  if (header === undefined) return bad('This is not a certificate: its first part cannot be read.');
  if (header.typ !== certificateType)
    return bad(`This is signed, but it is no destruction certificate: its type is not ${certificateType}.`);
  const key = typeof header.kid === 'string' ? keys.get(header.kid) : undefined;
  if (key === undefined || typeof header.kid !== 'string')
    return bad(
      'This certificate is signed with a key that is not among the keys given. Use the keys of the bureau that it is from.',
    );
  try {
    const { payload } = await compactVerify(text, key, { algorithms: ['EdDSA'] });
    const facts: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
    if (!isFacts(facts))
      return bad('The signature is good, but this certificate has a form that this program does not know.');
    return ok({ keyId: header.kid, facts });
  } catch {
    return bad(
      'The signature does not match: this certificate was altered, or it was not made by the bureau of this key.',
    );
  }
}

function encoded(data: string | Uint8Array): string {
  return (typeof data === 'string' ? Buffer.from(data) : Buffer.from(data)).toString('base64url');
}

function headerOf(text: string): { readonly typ?: unknown; readonly kid?: unknown } | undefined {
  try {
    return decodeProtectedHeader(text);
  } catch {
    return undefined;
  }
}

function isFacts(value: unknown): value is CertificateFacts {
  if (typeof value !== 'object' || value === null) return false;
  const facts = value as Partial<CertificateFacts>;
  return (
    facts.version === 1 &&
    typeof facts.bureau?.name === 'string' &&
    typeof facts.report?.id === 'string' &&
    typeof facts.report.reference === 'string' &&
    typeof facts.basis?.law === 'string' &&
    typeof facts.erasedAt === 'string' &&
    typeof facts.certifiedAt === 'string' &&
    Array.isArray(facts.approvedBy) &&
    facts.approvedBy.every((person) => typeof person?.name === 'string') &&
    Array.isArray(facts.files) &&
    facts.files.every((file) => typeof file?.fileId === 'string') &&
    typeof facts.removed === 'object' &&
    facts.removed !== null &&
    Array.isArray(facts.remains)
  );
}
