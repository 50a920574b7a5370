import sharp from 'sharp';
import type { FileRecipe } from '../day/files.ts';
import { randomOf } from '../day/random.ts';
import { addGrain, newCanvas } from './canvas.ts';
import { scenes } from './scenes.ts';

/** Pictures a second, and their size, of every invented video. */
const rate = 4;
const frame = { width: 240, height: 160 } as const;

/**
 * Renders a short silent video: a window that wanders over a drawn scene, as Motion JPEG in a QuickTime file, which
 * needs no video encoder. A near copy is saved again at another quality, shorter.
 */
export async function renderVideo(recipe: FileRecipe): Promise<Buffer> {
  const original = randomOf(recipe.seed, recipe.day, recipe.series, recipe.origin);
  const canvas = newCanvas(frame.width * 2, frame.height + 60);
  original.pick(scenes)(canvas, original);
  addGrain(canvas, original.whole(4, 16), original);
  const count = original.whole(4, 10);
  const stride = original.whole(4, Math.floor(frame.width / 10));

  const random = randomOf(recipe.seed, recipe.day, recipe.series, recipe.number, 'saved');
  const isCopy = recipe.number !== recipe.origin;
  const [from, to] = isCopy ? [random.whole(0, 1), count - random.whole(0, 1)] : [0, count];
  const quality = isCopy ? random.whole(40, 60) : random.whole(65, 88);
  const raw = { width: canvas.width, height: canvas.height, channels: 3 } as const;
  const pictures: Buffer[] = [];
  for (let n = from; n < to; n++) {
    const window = { left: n * stride, top: n * 3, ...frame };
    pictures.push(await sharp(canvas.pixels, { raw }).extract(window).jpeg({ quality }).toBuffer());
  }
  return quickTime(pictures);
}

/** Puts JPEG pictures into a QuickTime movie (QuickTime File Format Specification, Apple 2001: one video track). */
function quickTime(pictures: readonly Buffer[]): Buffer {
  const fileType = atom('ftyp', text('qt  '), u32(0x200), text('qt  '));
  const media = atom('mdat', ...pictures);
  const start = fileType.length + 8;
  const duration = pictures.length;
  const offsets: number[] = [];
  pictures.reduce((at, picture) => {
    offsets.push(at);
    return at + picture.length;
  }, start);
  const matrix = Buffer.concat([0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000].map(u32));
  const size = [u32(frame.width << 16), u32(frame.height << 16)];
  const samples = atom(
    'stbl',
    atom('stsd', u32(0), u32(1), sampleDescription()),
    atom('stts', u32(0), u32(1), u32(duration), u32(1)),
    atom('stsc', u32(0), u32(1), u32(1), u32(1), u32(1)),
    atom('stsz', u32(0), u32(0), u32(duration), ...pictures.map((picture) => u32(picture.length))),
    atom('stco', u32(0), u32(duration), ...offsets.map(u32)),
  );
  const dataInformation = atom('dinf', atom('dref', u32(0), u32(1), atom('url ', u32(1))));
  const mediaInformation = atom('minf', atom('vmhd', u32(1), Buffer.alloc(8)), dataInformation, samples);
  const handler = atom('hdlr', u32(0), text('mhlr'), text('vide'), Buffer.alloc(13));
  const track = atom(
    'trak',
    atom('tkhd', u32(7), u32(0), u32(0), u32(1), u32(0), u32(duration), Buffer.alloc(16), matrix, ...size),
    atom(
      'mdia',
      atom('mdhd', u32(0), u32(0), u32(0), u32(rate), u32(duration), u32(0)),
      handler,
      mediaInformation,
    ),
  );
  const header = atom(
    'mvhd',
    ...[0, 0, 0, rate, duration, 0x10000, 0x01000000, 0, 0].map(u32),
    matrix,
    Buffer.alloc(24),
    u32(2),
  );
  return Buffer.concat([fileType, media, atom('moov', header, track)]);
}

function sampleDescription(): Buffer {
  const dimensions = Buffer.alloc(4);
  dimensions.writeUInt16BE(frame.width, 0);
  dimensions.writeUInt16BE(frame.height, 2);
  const tail = Buffer.alloc(50);
  tail.writeUInt32BE(0x480000, 0);
  tail.writeUInt32BE(0x480000, 4);
  tail.writeUInt16BE(1, 12);
  tail.writeUInt16BE(24, 46);
  tail.writeInt16BE(-1, 48);
  const referenceIndex = Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]);
  return atom('jpeg', referenceIndex, Buffer.alloc(16), dimensions, tail);
}

function atom(kind: string, ...parts: readonly Buffer[]): Buffer {
  const size = parts.reduce((sum, part) => sum + part.length, 8);
  return Buffer.concat([u32(size), text(kind), ...parts], size);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.from(value, 'latin1');
}
