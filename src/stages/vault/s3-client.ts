import type { S3Client } from '@aws-sdk/client-s3';
import { Outage } from '#base/errors';
import type { EvidenceConfig } from '#platform/config-evidence';

export type S3Library = typeof import('@aws-sdk/client-s3');

/** One bucket and prefix, and how to ask it. */
export interface S3Target {
  /** The store's id, as `s3://bucket/prefix`. */
  readonly address: string;
  readonly bucket: string;
  /** With a slash at the end, or empty. */
  readonly prefix: string;
  readonly client: S3Client;
  /** The commands; loaded only where an object store is used. */
  readonly library: S3Library;
}

export interface S3Limits {
  /** A connection that is not made by then is given up. */
  readonly connectMs: number;
  /** An answer whose head is not there by then is given up; also the longest silence within a body. */
  readonly silenceMs: number;
  /** How often one request is tried, with the SDK's growing pauses in between. */
  readonly attempts: number;
  /** Smallest part of an upload. 5 MiB is Amazon's least, 10,000 parts its most. */
  readonly partBytes: number;
}

/** Chosen so that a sender who waits is answered within its own minute. */
export const usualLimits: S3Limits = {
  connectMs: 3_000,
  silenceMs: 20_000,
  attempts: 4,
  partBytes: 8 * 1024 * 1024,
};

/** Loads the SDK and shapes a client. Asks nothing yet. */
export async function openS3Target(
  address: string,
  settings: EvidenceConfig['s3'],
  limits: S3Limits,
): Promise<S3Target> {
  const [, bucket = '', path = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(address) ?? [];
  if (bucket === '') throw new Error(`${address} is not the address of an object store`);
  const library = await import('@aws-sdk/client-s3');
  const { credentials, endpoint, region } = settings;
  const usualRegion = endpoint === undefined ? undefined : 'us-east-1';
  const client = new library.S3Client({
    ...(endpoint === undefined ? {} : { endpoint }),
    ...((region ?? usualRegion) === undefined ? {} : { region: region ?? usualRegion ?? '' }),
    ...(credentials === undefined
      ? {}
      : { credentials: { accessKeyId: credentials.keyId, secretAccessKey: credentials.secret } }),
    forcePathStyle: settings.isPathStyle,
    maxAttempts: limits.attempts,
    // Every request carries a SHA-256 of its own; the SDK's chunked trailers are beyond many other stores.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: limits.connectMs,
      requestTimeout: limits.silenceMs,
      throwOnRequestTimeout: true,
      // A reader that takes its time is no fault of the store; the reader itself watches for silence.
      socketTimeout: 0,
      httpAgent: { keepAlive: true, maxSockets: mostSockets },
      httpsAgent: { keepAlive: true, maxSockets: mostSockets },
    },
  });
  return { address, bucket, prefix: path === '' ? '' : `${path}/`, client, library };
}

/** More than the uploads and readings that one process has at once; each open body holds one. */
const mostSockets = 256;

/** The slowest store that is still taken for one that works. */
const leastBytesPerMs = 128;

/** How long a request with a body of so many bytes may take until its answer comes. */
export function msToSend(limits: S3Limits, bytes: number): number {
  return limits.silenceMs + Math.ceil(bytes / leastBytesPerMs);
}

/** The store's name for what went wrong; empty where it is not the store that says so. */
export function s3Code(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

export function s3Status(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const { $metadata: metadata } = error;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}

export function noBucket(target: S3Target, cause: unknown): Outage {
  return new Outage(
    `The evidence store ${target.address} is not there: no bucket has this name. Correct FIRSTLIGHT_STORE or restore the bucket.`,
    { cause },
  );
}

/** What the store failed at, in words for the log and for whoever looks at the list "needs attention". */
export function s3Outage(target: S3Target, deed: string, cause: unknown): Outage {
  if (cause instanceof Outage) return cause;
  if (s3Code(cause) === 'NoSuchBucket') return noBucket(target, cause);
  const status = s3Status(cause);
  const isRefused = status === 401 || status === 403 || s3Code(cause) === 'CredentialsProviderError';
  const advice = isRefused
    ? 'It refuses the credentials of this bureau: correct them or the rights of their owner.'
    : 'Look after the store; what was asked of it is tried again.';
  const code = s3Code(cause) || 'no answer';
  return new Outage(`The evidence store ${target.address} could not ${deed} (${code}). ${advice}`, { cause });
}
