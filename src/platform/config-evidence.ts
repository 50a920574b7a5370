import type { ConfigReader } from './config-reader.ts';

/** Where evidence stands and under which keys. */
export interface EvidenceConfig {
  /** `local`, or the address of an object store, as `s3://bucket/prefix` without a slash at the end. New evidence goes there. */
  readonly store: string;
  readonly s3: {
    /** For stores that are not Amazon's. */
    readonly endpoint: string | undefined;
    readonly region: string | undefined;
    /** Puts the bucket into the path instead of the host name, as most stores that are not Amazon's need. */
    readonly isPathStyle: boolean;
    /** Undefined leaves it to the AWS SDK's own chain: environment, profile, the machine's role. */
    readonly credentials: { readonly keyId: string; readonly secret: string } | undefined;
  };
  readonly kms: {
    /** ARN of the key that new evidence is sealed under instead of one from the key file. */
    readonly key: string | undefined;
    readonly endpoint: string | undefined;
  };
  /** Every sealed file is read again within so many days. */
  readonly verifyDays: number;
}

export function readEvidenceConfig(reader: ConfigReader): EvidenceConfig {
  const endpoint = reader.origin('FIRSTLIGHT_S3_ENDPOINT');
  return {
    store: reader
      .text(
        'FIRSTLIGHT_STORE',
        'local',
        (value) => value === 'local' || isObjectStore(value),
        'Set local, or s3://BUCKET or s3://BUCKET/PREFIX.',
      )
      .replace(/\/+$/, ''),
    s3: {
      endpoint,
      region: reader.optionalText('FIRSTLIGHT_S3_REGION', isRegion, 'Set a region, for example eu-west-2.'),
      isPathStyle: reader.flag('FIRSTLIGHT_S3_PATH_STYLE', endpoint !== undefined),
      credentials: credentialsOf(reader),
    },
    kms: {
      key: reader.optionalText(
        'FIRSTLIGHT_KMS_KEY',
        isKmsKey,
        'Set the ARN of a symmetric key, for example arn:aws:kms:eu-west-2:123456789012:key/ID; an alias will not do.',
      ),
      endpoint: reader.origin('FIRSTLIGHT_KMS_ENDPOINT'),
    },
    verifyDays: reader.integer('FIRSTLIGHT_VERIFY_DAYS', 30, 1, 365),
  };
}

/** Whether a text is the address of an object store: Amazon's rules for names of buckets, no `..` in the prefix. */
export function isObjectStore(value: string): boolean {
  const { bucket, prefix } = /^s3:\/\/(?<bucket>[^/]+)(?:\/(?<prefix>.*))?$/.exec(value)?.groups ?? {};
  return (
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket ?? '') &&
    /^[\w!.*'()/-]{0,300}$/.test(prefix ?? '') &&
    !/(^|\/)\.{0,2}\/./.test(`${prefix ?? ''}`) &&
    !/(^|\/)\.{1,2}$/.test(prefix ?? '')
  );
}

/** Whether a text is the ARN of one KMS key. */
export function isKmsKey(value: string): boolean {
  return /^arn:[a-z0-9-]+:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]{1,128}$/.test(value);
}

function isRegion(value: string): boolean {
  return /^[a-z0-9-]{2,40}$/.test(value);
}

function credentialsOf(reader: ConfigReader): EvidenceConfig['s3']['credentials'] {
  const isWord = (value: string): boolean => /^[\x21-\x7e]{1,200}$/.test(value);
  const advice = 'is not one. Set it as the store gave it, in visible ASCII characters.';
  const keyId = reader.secret('FIRSTLIGHT_S3_KEY_ID', isWord, advice);
  const secret = reader.secret('FIRSTLIGHT_S3_SECRET', isWord, advice);
  if (keyId !== undefined && secret !== undefined) return { keyId, secret };
  if (keyId !== undefined || secret !== undefined) {
    reader.faults.push(
      'FIRSTLIGHT_S3_KEY_ID and FIRSTLIGHT_S3_SECRET belong together. Set both, or neither to use the AWS SDK’s own chain.',
    );
  }
  return undefined;
}
