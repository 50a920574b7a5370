import { deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { createDecoder, type Decoder, type DecoderLimits, usualLimits, type Verdict } from '#decoder';

export function aDecoder(limits: Partial<DecoderLimits> = {}, processes = 2): Decoder {
  return createDecoder({ processes, path: process.env.PATH ?? '', limits: { ...usualLimits, ...limits } });
}

/** Looks at bytes that come in pieces of an odd size. */
export async function look(decoder: Decoder, bytes: Uint8Array, pieceBytes = 40_009): Promise<Verdict> {
  return await decoder.look({ open: () => Promise.resolve(pieces(bytes, pieceBytes)) });
}

async function* pieces(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

/** Three bytes a pixel with detail of several sizes; the same for the same seed. */
export function texture(width: number, height: number, seed = 7): Buffer {
  const rgb = Buffer.alloc(width * height * 3);
  for (let at = 0; at < rgb.length; at += 1) {
    const pixel = Math.floor(at / 3);
    const [x, y] = [(pixel % width) / width, Math.floor(pixel / width) / height];
    rgb[at] = 128 + 60 * Math.sin((x * (3 + seed) + y * (2 + (at % 3))) * 6) + 60 * Math.cos(y * 31 - x * 17);
  }
  return rgb;
}

export function picture(width = 160, height = 120, seed = 7): Sharp {
  return sharp(texture(width, height, seed), { raw: { width, height, channels: 3 } });
}

/** The same drawing in every format that can be written here. */
export async function everyFormat(): Promise<Readonly<Record<string, Buffer>>> {
  return {
    'image/jpeg': await picture().jpeg({ quality: 90 }).toBuffer(),
    'image/png': await picture().png().toBuffer(),
    'image/webp': await picture().webp({ quality: 90 }).toBuffer(),
    'image/gif': await picture().gif().toBuffer(),
    'image/avif': await picture().avif({ quality: 80 }).toBuffer(),
    'image/tiff': await picture().tiff({ compression: 'lzw' }).toBuffer(),
    'image/bmp': bitmap(texture(160, 120), 160, 120),
  };
}

/** A Windows bitmap of 24 bits, bottom up. */
function bitmap(rgb: Uint8Array, width: number, height: number): Buffer {
  const rowBytes = Math.ceil((width * 3) / 4) * 4;
  const file = Buffer.alloc(54 + rowBytes * height);
  file.write('BM');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(54, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(width, 18);
  file.writeInt32LE(height, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  for (let row = 0; row < height; row += 1) {
    for (let x = 0; x < width; x += 1) {
      const from = (row * width + x) * 3;
      const into = 54 + (height - 1 - row) * rowBytes + x * 3;
      file[into] = rgb[from + 2]!;
      file[into + 1] = rgb[from + 1]!;
      file[into + 2] = rgb[from]!;
    }
  }
  return file;
}

/** A grey PNG that claims a size and has only so much in it. */
export function claimedPng(width: number, height: number, content = deflateSync(Buffer.alloc(1000))): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', content),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const body = Buffer.concat([Buffer.from(name), data]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

function crc32(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}
