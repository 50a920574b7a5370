import { createHash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import type { Sha256 } from '#base/ids';

/** What bytes are, known once all of them went by. */
export interface Measured {
  readonly md5: string;
  readonly sha1: string;
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  /** The first bytes, enough to tell the media type by. */
  readonly head: Uint8Array;
}

const headBytes = 4096;
/**
 * Smaller chunks are gathered to at least this size: every chunk costs hash calls and an encryption step, and a
 * sender who dribbles single bytes must not decide how many. Larger ones pass as they are, without a copy.
 */
const blockBytes = 32 * 1024;

/**
 * Counts and hashes what passes through. MD5 and SHA-1 are identifiers that services and hash lists still use; only
 * SHA-256 says which bytes these are.
 */
export class Measure extends Transform {
  readonly #md5 = createHash('md5');
  readonly #sha1 = createHash('sha1');
  readonly #sha256 = createHash('sha256');
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #sizeBytes = 0;
  #head: Uint8Array = new Uint8Array();

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.byteLength;
    if (this.#waitingBytes >= blockBytes) this.#passOn();
    callback();
  }

  override _flush(callback: TransformCallback): void {
    if (this.#waitingBytes > 0) this.#passOn();
    callback();
  }

  #passOn(): void {
    const [first] = this.#waiting;
    const block =
      first !== undefined && this.#waiting.length === 1
        ? first
        : Buffer.concat(this.#waiting, this.#waitingBytes);
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (this.#sizeBytes === 0) this.#head = Uint8Array.from(block.subarray(0, headBytes));
    this.#sizeBytes += block.byteLength;
    this.#md5.update(block);
    this.#sha1.update(block);
    this.#sha256.update(block);
    this.push(block);
  }

  /** May be asked once, after the end. */
  measured(): Measured {
    return {
      md5: this.#md5.digest('hex'),
      sha1: this.#sha1.digest('hex'),
      sha256: this.#sha256.digest('hex') as Sha256,
      sizeBytes: this.#sizeBytes,
      head: this.#head,
    };
  }
}
