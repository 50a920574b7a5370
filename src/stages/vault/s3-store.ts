import type { Readable } from 'node:stream';
import type { EvidenceConfig } from '#platform/config-evidence';
import { type EvidenceStore, MissingBytes } from './evidence-store.ts';
import {
  noBucket,
  openS3Target,
  type S3Limits,
  type S3Target,
  s3Code,
  s3Outage,
  s3Status,
  usualLimits,
} from './s3-client.ts';
import { openS3Body } from './s3-reader.ts';
import { S3Writer } from './s3-writer.ts';

const placeForm = /^evidence\/[0-9a-f]{2}\/[0-9a-f]{32}$/;
const folder = 'evidence/';

/**
 * Evidence in an object store: `PREFIX/evidence/ab/<id>`. Objects cannot be renamed, so a place has its final name
 * from the start; until the upload is completed nothing can be read there. Asks the store nothing yet.
 * @param address the store's id, as `s3://bucket/prefix`
 */
export async function openS3Store(
  address: string,
  settings: EvidenceConfig['s3'],
  limits: S3Limits = usualLimits,
): Promise<EvidenceStore> {
  const target = await openS3Target(address, settings, limits);
  const keyOf = (place: string): string => {
    if (!placeForm.test(place)) throw new Error('not a place of an object store');
    return target.prefix + place;
  };
  return {
    id: address,
    name: address,
    temporaryPlace: placeOfId,
    placeOf: placeOfId,
    write: async (id) => new S3Writer(target, placeOfId(id), limits),
    read: async (place) => await openBytes(target, keyOf(place), place, limits),
    size: async (place) => await sizeOf(target, keyOf(place)),
    remove: async (place) => {
      try {
        await removeObject(target, keyOf(place));
      } catch (error) {
        throw s3Outage(target, 'remove a file', error);
      }
    },
    checkWritable: async () => await assertBucket(target),
    list: () => listPlaces(target),
    halfWritten: (startedBefore) => listUploads(target, folder, startedBefore),
    readNote: async (name) => await readNote(target, name),
    writeNote: async (name, text) => {
      const { client, library, bucket } = target;
      const put = { Bucket: bucket, Key: target.prefix + name, Body: text, ContentType: 'application/json' };
      try {
        await client.send(new library.PutObjectCommand(put));
      } catch (error) {
        throw s3Outage(target, 'take a note', error);
      }
    },
  };
}

function placeOfId(id: string): string {
  return `${folder}${id.slice(0, 2)}/${id}`;
}

async function openBytes(target: S3Target, key: string, place: string, limits: S3Limits): Promise<Readable> {
  try {
    return await openS3Body(target, key, limits);
  } catch (error) {
    if (s3Code(error) === 'NoSuchKey') throw new MissingBytes(place, { cause: error });
    throw s3Outage(target, 'give a file', error);
  }
}

async function sizeOf(target: S3Target, key: string): Promise<number | undefined> {
  const { client, library, bucket } = target;
  try {
    return (await client.send(new library.HeadObjectCommand({ Bucket: bucket, Key: key }))).ContentLength;
  } catch (error) {
    if (s3Status(error) !== 404) throw s3Outage(target, 'look for a file', error);
    // The answer about a single object does not tell a missing object from a missing bucket.
    await assertBucket(target);
    return undefined;
  }
}

/** Keeps a bucket that is gone from looking like evidence that was lost. */
async function assertBucket(target: S3Target): Promise<void> {
  const { client, library, bucket } = target;
  try {
    await client.send(new library.HeadBucketCommand({ Bucket: bucket }));
  } catch (error) {
    if (s3Status(error) !== 404) throw s3Outage(target, 'be asked for its bucket', error);
    throw noBucket(target, error);
  }
}

/** In a bucket that keeps versions, every one of them goes: what is destroyed cannot be brought back. */
async function removeObject(target: S3Target, key: string): Promise<void> {
  const { client, library, bucket } = target;
  for await (const upload of uploadsOf(target, key)) {
    if (upload.Key !== key) continue;
    const abort = { Bucket: bucket, Key: key, UploadId: upload.UploadId };
    await client.send(new library.AbortMultipartUploadCommand(abort)).catch((error: unknown) => {
      if (s3Status(error) !== 404) throw error;
    });
  }
  const answer = await client.send(new library.DeleteObjectCommand({ Bucket: bucket, Key: key }));
  if (answer.VersionId === undefined && answer.DeleteMarker !== true) return;
  let after: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
  for (;;) {
    const page = await client.send(
      new library.ListObjectVersionsCommand({ Bucket: bucket, Prefix: key, ...after }),
    );
    for (const version of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) {
      if (version.Key !== key) continue;
      const one = { Bucket: bucket, Key: key, VersionId: version.VersionId };
      await client.send(new library.DeleteObjectCommand(one));
    }
    if (page.IsTruncated !== true) return;
    after = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
  }
}

async function* listPlaces(target: S3Target): AsyncGenerator<string> {
  const { client, library, bucket, prefix } = target;
  let token: string | undefined;
  try {
    do {
      const page = await client.send(
        new library.ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix + folder,
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
      );
      for (const { Key: key } of page.Contents ?? []) if (key !== undefined) yield key.slice(prefix.length);
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  } catch (error) {
    throw s3Outage(target, 'list what it holds', error);
  }
  yield* listUploads(target, folder, undefined);
}

async function* listUploads(
  target: S3Target,
  below: string,
  startedBefore: Date | undefined,
): AsyncGenerator<string> {
  try {
    for await (const { Key: key = '', Initiated: began } of uploadsOf(target, target.prefix + below)) {
      if (startedBefore === undefined || (began !== undefined && began < startedBefore))
        yield key.slice(target.prefix.length);
    }
  } catch (error) {
    throw s3Outage(target, 'list what is being written', error);
  }
}

async function* uploadsOf(target: S3Target, prefix: string) {
  const { client, library, bucket } = target;
  let after: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
  for (;;) {
    const ask = new library.ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...after });
    const page = await client.send(ask).catch((error: unknown) => {
      // A store that cannot list them is trusted to end abandoned ones by a rule of its own.
      if (s3Code(error) === 'NotImplemented') return undefined;
      throw error;
    });
    if (page === undefined) return;
    yield* page.Uploads ?? [];
    if (page.IsTruncated !== true) return;
    after = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
  }
}

async function readNote(target: S3Target, name: string): Promise<string | undefined> {
  const { client, library, bucket, prefix } = target;
  try {
    const { Body: body } = await client.send(
      new library.GetObjectCommand({ Bucket: bucket, Key: prefix + name }),
    );
    return await body?.transformToString('utf8');
  } catch (error) {
    if (s3Code(error) === 'NoSuchKey') return undefined;
    throw s3Outage(target, 'give a note', error);
  }
}
