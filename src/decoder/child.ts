import { readFileSync, readSync, writeSync } from 'node:fs';
import { createPdqKernel } from '../../kernel/pdq.ts';
import { decodePicture } from './decode-picture.ts';
import type { DecoderLimits } from './limits.ts';
import type { PictureHash, PictureVariant, Verdict } from './verdict.ts';

/**
 * The decoder's child process. It gets files on standard input, gives back numbers on standard output, and has no
 * other business: no file, no network, no database, nothing kept between two files.
 *
 * A file comes as a line of JSON in a frame, frames of bytes, and an empty frame; a frame is its length in four bytes,
 * little-endian, and so many bytes. The answer is one line of JSON.
 */
interface Task {
  readonly mediaType: string;
  readonly limits: Pick<DecoderLimits, 'maxBytes' | 'maxPixels' | 'maxSide'>;
}

const kernel = await createPdqKernel(readFileSync(new URL('../../kernel/pdq.wasm', import.meta.url)));
tell({ isReady: true });
for (;;) {
  const header = readFrame();
  if (header === undefined) break;
  const task = JSON.parse(header.toString()) as Task;
  const bytes = readFile(task.limits.maxBytes);
  if (bytes === undefined) break;
  tell(await verdictOf(bytes, task));
}

async function verdictOf(bytes: Buffer, { mediaType, limits }: Task): Promise<Verdict> {
  const decoded = await decodePicture(bytes, mediaType, limits);
  if (typeof decoded === 'string') return { kind: 'unreadable', mediaType, reason: decoded };
  const { sampled, width, height, frames, isPartial, facts } = decoded;
  const hash = (variant: PictureVariant, pixels: Uint8Array): PictureHash => ({
    variant,
    ...kernel.hashPicture(pixels, sampled.width, sampled.height),
  });
  const { shown, stored } = sampled;
  const hashes = [hash('shown', shown), ...(stored === undefined ? [] : [hash('stored', stored)])];
  return { kind: 'picture', mediaType, width, height, frames, isPartial, hashes, facts };
}

/** All frames up to the empty one; undefined where the parent is gone or sends more than was agreed. */
function readFile(maxBytes: number): Buffer | undefined {
  const chunks: Buffer[] = [];
  let size = 0;
  for (;;) {
    const chunk = readFrame();
    if (chunk === undefined) return undefined;
    if (chunk.length === 0) return Buffer.concat(chunks, size);
    size += chunk.length;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
}

function readFrame(): Buffer | undefined {
  const length = readExactly(4)?.readUInt32LE(0);
  return length === undefined ? undefined : readExactly(length);
}

function readExactly(length: number): Buffer | undefined {
  const bytes = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; ) {
    const count = readSync(0, bytes, at, length - at, null);
    if (count === 0) return undefined;
    at += count;
  }
  return bytes;
}

function tell(message: Verdict | { readonly isReady: true }): void {
  const line = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let at = 0; at < line.length; ) at += writeSync(1, line, at);
}
