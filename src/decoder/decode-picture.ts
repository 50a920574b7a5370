import heicDecode from 'heic-decode';
import sharp, { type Metadata } from 'sharp';
import { readBitmap, readBitmapHeader } from './bmp.ts';
import { readBySharp } from './decodable.ts';
import { readExif } from './exif.ts';
import type { DecoderLimits } from './limits.ts';
import { type Sampled, sampleOf } from './sample.ts';
import type { Fact } from './verdict.ts';

/** A picture as it is hashed: every pixel, neither shrunk nor turned nor fitted to a colour profile. */
interface Decoded {
  readonly sampled: Sampled;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly isPartial: boolean;
  readonly facts: readonly Fact[];
}

/** A sentence says why not. */
type Attempt = Decoded | string;

/** Only these loaders exist for what comes in; SVG, PDF and the like could ask for more files. */
const loaders = ['Jpeg', 'Png', 'Webp', 'Gif', 'Nsgif', 'Heif', 'Tiff'];
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: loaders.map((name) => `VipsForeignLoad${name}`) });
// One picture at a time, in a process of its own: nothing to share and nothing to keep.
sharp.concurrency(1);
sharp.cache(false);

/**
 * Decodes the first picture of a file.
 * @param mediaType one of `decodable`, by the file's own bytes
 */
export async function decodePicture(
  bytes: Buffer,
  mediaType: string,
  limits: Pick<DecoderLimits, 'maxPixels' | 'maxSide'>,
): Promise<Attempt> {
  if (mediaType === 'image/bmp') return decodeBitmap(bytes, limits);
  return readBySharp.includes(mediaType)
    ? await decodeBySharp(bytes, limits)
    : await decodeHeic(bytes, limits);
}

type Size = Pick<DecoderLimits, 'maxPixels' | 'maxSide'>;

function tooLarge(width: number, height: number, { maxPixels, maxSide }: Size): string | undefined {
  if (width > maxSide || height > maxSide)
    return `The picture is ${width} x ${height}; sides of more than ${maxSide} pixels are not decoded.`;
  return width * height > maxPixels
    ? `The picture is ${width} x ${height}; more than ${maxPixels / 1e6} megapixels are not decoded.`
    : undefined;
}

/** The reference knows no colour profiles, so none is applied. */
const asStored = { ignoreIcc: true, sequentialRead: true } as const;

async function decodeBySharp(bytes: Buffer, limits: Size): Promise<Attempt> {
  let header: Metadata;
  try {
    header = await sharp(bytes, { ...asStored, failOn: 'none' }).metadata();
  } catch (error) {
    return readable(error);
  }
  const { width, height } = header;
  const refusal = tooLarge(width, height, limits);
  if (refusal !== undefined) return refusal;
  let isPartial = false;
  let sampled: Sampled;
  try {
    sampled = await pixelsOf(bytes, 'truncated');
  } catch {
    isPartial = true;
    try {
      sampled = await pixelsOf(bytes, 'none');
    } catch (error) {
      return readable(error);
    }
  }
  const facts = header.exif === undefined ? [] : readExif(header.exif);
  return { sampled, width, height, frames: header.pages ?? 1, isPartial, facts };
}

async function pixelsOf(bytes: Buffer, failOn: 'truncated' | 'none'): Promise<Sampled> {
  const { data, info } = await sharp(bytes, { ...asStored, failOn, limitInputPixels: false })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return sampleOf(data, info.channels, info.width, info.height);
}

function decodeBitmap(bytes: Buffer, limits: Size): Attempt {
  const header = readBitmapHeader(bytes);
  if (typeof header === 'string') return header;
  const refusal = tooLarge(header.width, header.height, limits);
  if (refusal !== undefined) return refusal;
  if (header.pixelsAt >= bytes.length) return 'The bitmap ends before its first pixel.';
  const { rgb, width, height, isPartial } = readBitmap(bytes, header);
  return { sampled: sampleOf(rgb, 3, width, height), width, height, frames: 1, isPartial, facts: [] };
}

/** Turns that the container itself asks for are part of a HEIC picture, unlike those of its Exif data. */
async function decodeHeic(bytes: Buffer, limits: Size): Promise<Attempt> {
  try {
    const images = await heicDecode.all({ buffer: bytes });
    try {
      const [first] = images;
      if (first === undefined) return 'The file holds no picture.';
      const refusal = tooLarge(first.width, first.height, limits);
      if (refusal !== undefined) return refusal;
      const { width, height, data } = await first.decode();
      const facts = await heicFacts(bytes);
      return {
        sampled: sampleOf(data, 4, width, height),
        width,
        height,
        frames: images.length,
        isPartial: false,
        facts,
      };
    } finally {
      images.dispose();
    }
  } catch (error) {
    return readable(error);
  }
}

async function heicFacts(bytes: Buffer): Promise<readonly Fact[]> {
  const exif = await sharp(bytes)
    .metadata()
    .then((header) => header.exif)
    .catch(() => undefined);
  return exif === undefined ? [] : readExif(exif);
}

/** A library's words in one bounded sentence; they say what is wrong with the format and never hold content. */
function readable(error: unknown): string {
  const words = error instanceof Error ? error.message : 'unknown';
  const [line = ''] = words.split('\n');
  const plain = line
    .replace(/[^\x20-\x7e]/g, '')
    .trim()
    .slice(0, 200);
  return `It cannot be decoded: ${plain}${plain.endsWith('.') ? '' : '.'}`;
}
