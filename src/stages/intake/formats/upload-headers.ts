import { keptName } from './kept-text.ts';

/** The headers of tus 1.0.0 (https://tus.io/protocols/resumable-upload), read strictly. Nothing here throws. */

export const tusVersion = '1.0.0';
export const tusExtensions = [
  'creation',
  'creation-with-upload',
  'creation-defer-length',
  'expiration',
  'checksum',
  'termination',
] as const;

/** SHA-1 is what the protocol asks every server for; it guards against accidents on the way, not against people. */
export const checksumAlgorithms = ['sha1', 'sha256', 'md5'] as const;
type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

const digestBytes: Readonly<Record<ChecksumAlgorithm, number>> = { sha1: 20, sha256: 32, md5: 16 };

/** A count of bytes in decimal; undefined for anything else. */
export function bytesIn(header: string | undefined): number | undefined {
  const count = /^(?:0|[1-9]\d{0,15})$/.test(header ?? '') ? Number(header) : Number.NaN;
  return Number.isSafeInteger(count) ? count : undefined;
}

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly digest: Buffer;
}

/** `Upload-Checksum: sha256 <Base64>`; undefined when it is another algorithm or no such digest. */
export function checksumIn(header: string): Checksum | undefined {
  const [name, text = '', ...rest] = header.split(' ');
  const algorithm = checksumAlgorithms.find((known) => known === name);
  if (algorithm === undefined || rest.length > 0) return undefined;
  const digest = Buffer.from(text, 'base64');
  const isOne = digest.byteLength === digestBytes[algorithm] && digest.toString('base64') === text;
  return isOne ? { algorithm, digest } : undefined;
}

/** Longest `Upload-Metadata` that is taken, in characters. Chosen: a file name of 2,056 characters fits. */
const longestMetadata = 12_000;

export interface UploadMetadata {
  /** As sent, to be given back. */
  readonly text: string;
  /** What stands under `filename` or `name`. */
  readonly uploadName?: string;
}

/** `Upload-Metadata: key <Base64>,key …` with keys once each; undefined when it is malformed or too long. */
export function metadataIn(header: string): UploadMetadata | undefined {
  if (header.length > longestMetadata) return undefined;
  const found = new Map<string, string>();
  for (const pair of header.split(',')) {
    const [key = '', value = '', ...rest] = pair.trim().split(' ');
    const bytes = Buffer.from(value, 'base64');
    if (!/^[\x21-\x7e]+$/.test(key) || found.has(key) || rest.length > 0) return undefined;
    if (bytes.toString('base64') !== value) return undefined;
    found.set(key, bytes.toString('utf8'));
  }
  const name = found.get('filename') ?? found.get('name') ?? '';
  return name === '' ? { text: header } : { text: header, uploadName: keptName(name) };
}
