import { createHash } from 'node:crypto';
import type { CompletedPart } from '@aws-sdk/client-s3';
import { newUuid } from '#platform/random';
import type { StoreWriter } from './evidence-store.ts';
import { msToSend, type S3Limits, type S3Target, s3Code, s3Outage, s3Status } from './s3-client.ts';

/** Amazon's most; other stores take as many. */
const mostParts = 10_000;
/** After so many parts the next ones are twice as large, up to 64 times: 10,000 parts then hold 2.5 TiB. */
const partsOfOneSize = 1_000;
const mostDoublings = 6;

/**
 * Writes one object of unknown size: up to one part at once, more in parts, of which one is sent while the next is
 * gathered. Memory is two parts however large the object is: 16 MiB up to 8 GB.
 *
 * Write once: the store is asked to refuse a name that is taken (`If-None-Match`), and because some stores ignore
 * that, it is also asked before. A request that was tried twice may find its own first success; that is told by a
 * word that every writer draws for itself.
 */
export class S3Writer implements StoreWriter {
  readonly #target: S3Target;
  readonly #place: string;
  readonly #limits: S3Limits;
  readonly #word = newUuid();
  readonly #ended = new AbortController();
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #sentBytes = 0;
  #uploadId: string | undefined;
  readonly #parts: CompletedPart[] = [];
  #sending: Promise<void> = Promise.resolve();

  constructor(target: S3Target, place: string, limits: S3Limits) {
    this.#target = target;
    this.#place = place;
    this.#limits = limits;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.byteLength;
    if (this.#waitingBytes >= this.#nextPartBytes()) await this.#sendPart();
  }

  async commit(place: string): Promise<void> {
    if (place !== this.#place) throw new Error('an object is committed under the name it was begun with');
    try {
      await this.#refuseTaken();
      if (this.#uploadId === undefined) {
        await this.#putWhole();
      } else {
        if (this.#waitingBytes > 0) await this.#sendPart();
        await this.#sending;
        await this.#complete(this.#uploadId);
      }
    } catch (error) {
      throw this.#outage(error);
    }
  }

  async abort(): Promise<void> {
    this.#waiting = [];
    this.#ended.abort();
    await this.#sending.catch(() => undefined);
    if (this.#uploadId === undefined) return;
    const { client, library, bucket } = this.#target;
    const upload = { Bucket: bucket, Key: this.#key(), UploadId: this.#uploadId };
    await client.send(new library.AbortMultipartUploadCommand(upload)).catch((error: unknown) => {
      if (s3Status(error) !== 404) throw this.#outage(error);
    });
  }

  #key(): string {
    return this.#target.prefix + this.#place;
  }

  #nextPartBytes(): number {
    const doublings = Math.min(Math.floor(this.#parts.length / partsOfOneSize), mostDoublings);
    return this.#limits.partBytes * 2 ** doublings;
  }

  #take(): Buffer {
    const body = Buffer.concat(this.#waiting, this.#waitingBytes);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#sentBytes += body.byteLength;
    return body;
  }

  /** Waits for the part before, so that a slow store slows the sender. */
  async #sendPart(): Promise<void> {
    const body = this.#take();
    try {
      await this.#sending;
      this.#uploadId ??= await this.#begin();
    } catch (error) {
      throw this.#outage(error);
    }
    const number = this.#parts.length + 1;
    if (number > mostParts) {
      throw new Error(`${this.#target.address} takes no object of more than ${this.#sentBytes} bytes`);
    }
    const sum = sha256(body);
    this.#parts.push({ PartNumber: number, ChecksumSHA256: sum });
    this.#sending = this.#upload(this.#uploadId, number, body, sum);
    // Heard by the next part or the commit; until then a failure must not count as unhandled.
    this.#sending.catch(() => undefined);
  }

  async #begin(): Promise<string> {
    const { client, library, bucket } = this.#target;
    const { UploadId: uploadId } = await client.send(
      new library.CreateMultipartUploadCommand({
        Bucket: bucket,
        Key: this.#key(),
        ContentType: contentType,
        ChecksumAlgorithm: 'SHA256',
        Metadata: { writer: this.#word },
      }),
      { abortSignal: this.#ended.signal },
    );
    if (uploadId === undefined) throw new Error('the store began an upload without naming it');
    return uploadId;
  }

  async #upload(uploadId: string, number: number, body: Buffer, sum: string): Promise<void> {
    const { client, library, bucket } = this.#target;
    const answer = await client.send(
      new library.UploadPartCommand({
        Bucket: bucket,
        Key: this.#key(),
        UploadId: uploadId,
        PartNumber: number,
        Body: body,
        ContentLength: body.byteLength,
        ChecksumSHA256: sum,
      }),
      { abortSignal: this.#ended.signal, requestTimeout: msToSend(this.#limits, body.byteLength) },
    );
    if (answer.ChecksumSHA256 !== undefined && answer.ChecksumSHA256 !== sum) {
      throw new Error('the store names another checksum than was sent');
    }
    const part = this.#parts[number - 1];
    if (part !== undefined && answer.ETag !== undefined) part.ETag = answer.ETag;
  }

  async #putWhole(): Promise<void> {
    const { client, library, bucket } = this.#target;
    const body = this.#take();
    const sum = sha256(body);
    const put = new library.PutObjectCommand({
      Bucket: bucket,
      Key: this.#key(),
      Body: body,
      ContentLength: body.byteLength,
      ContentType: contentType,
      ChecksumSHA256: sum,
      IfNoneMatch: '*',
      Metadata: { writer: this.#word },
    });
    const answer = await client
      .send(put, {
        abortSignal: this.#ended.signal,
        requestTimeout: msToSend(this.#limits, body.byteLength),
      })
      .catch(async (error: unknown) => await this.#ownEarlierSuccess(error));
    if (answer?.ChecksumSHA256 !== undefined && answer.ChecksumSHA256 !== sum) {
      throw new Error('the store names another checksum than was sent');
    }
  }

  async #complete(uploadId: string): Promise<void> {
    const { client, library, bucket } = this.#target;
    const complete = new library.CompleteMultipartUploadCommand({
      Bucket: bucket,
      Key: this.#key(),
      UploadId: uploadId,
      MultipartUpload: { Parts: this.#parts },
      IfNoneMatch: '*',
    });
    await client
      .send(complete, { abortSignal: this.#ended.signal })
      .catch(async (error: unknown) => await this.#ownEarlierSuccess(error));
  }

  /** A name that is taken or an upload that is gone may be what the first try of the same request left. */
  async #ownEarlierSuccess(error: unknown): Promise<undefined> {
    const isDoubtful = s3Status(error) === 412 || s3Status(error) === 409 || s3Code(error) === 'NoSuchUpload';
    if (!isDoubtful) throw error;
    const standing = await this.#head();
    const isOurs =
      standing?.Metadata?.writer === this.#word && Number(standing.ContentLength) === this.#sentBytes;
    if (!isOurs) throw error;
    return undefined;
  }

  async #refuseTaken(): Promise<void> {
    if ((await this.#head()) !== undefined) {
      throw new Error(`something stands at ${this.#place} already, and evidence is written once`);
    }
  }

  async #head() {
    const { client, library, bucket } = this.#target;
    const ask = new library.HeadObjectCommand({ Bucket: bucket, Key: this.#key() });
    return await client.send(ask, { abortSignal: this.#ended.signal }).catch((error: unknown) => {
      if (s3Status(error) !== 404) throw error;
      return undefined;
    });
  }

  /** What the store said becomes an outage; what is wrong with the name stays an error. */
  #outage(error: unknown): Error {
    if (s3Status(error) === 412 || (error instanceof Error && /evidence is written once/.test(error.message)))
      return error as Error;
    return s3Outage(this.#target, 'take a file', error);
  }
}

const contentType = 'application/octet-stream';

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}
