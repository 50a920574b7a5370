import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readBitmap, readBitmapHeader } from './bmp.ts';
import { checkVerdict } from './check-verdict.ts';
import { readExif } from './exif.ts';
import { sampleOf } from './sample.ts';

const header = (width: number, height: number, bits: number, size = 40): Buffer => {
  const bytes = Buffer.alloc(14 + size);
  bytes.write('BM');
  bytes.writeUInt32LE(14 + size, 10);
  bytes.writeUInt32LE(size, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(bits, 28);
  return bytes;
};

function pixelsOf(bytes: Buffer): number[] {
  const read = readBitmapHeader(bytes);
  assert.ok(typeof read !== 'string', String(read));
  return [...readBitmap(bytes, read).rgb];
}

test('bitmaps of every depth give their pixels, bottom up and top down', () => {
  const rows = Buffer.from([1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 9, 10, 11, 12, 0, 0]);
  assert.deepEqual(
    pixelsOf(Buffer.concat([header(2, 2, 24), rows])),
    [9, 8, 7, 12, 11, 10, 3, 2, 1, 6, 5, 4],
  );
  assert.deepEqual(
    pixelsOf(Buffer.concat([header(2, -2, 24), rows])),
    [3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10],
  );
  const palette = Buffer.from([0, 0, 0, 0, 255, 128, 64, 0]);
  const oneBit = Buffer.concat([header(3, 1, 1), palette, Buffer.from([0b10100000, 0, 0, 0])]);
  oneBit.writeUInt32LE(54 + 8, 10);
  oneBit.writeUInt32LE(2, 46);
  assert.deepEqual(pixelsOf(oneBit), [64, 128, 255, 0, 0, 0, 64, 128, 255]);
  const fields = header(1, 1, 16, 56);
  fields.writeUInt32LE(3, 30);
  for (const [at, mask] of [0xf800, 0x07e0, 0x001f].entries()) fields.writeUInt32LE(mask, 54 + at * 4);
  assert.deepEqual(pixelsOf(Buffer.concat([fields, Buffer.from([0x1f, 0xf8, 0, 0])])), [255, 0, 255]);
});

test('a bitmap that cannot be read says so, and one that ends early is partial', () => {
  assert.match(String(readBitmapHeader(Buffer.from('BM'))), /ends within its header/);
  const packed = header(4, 4, 8);
  packed.writeUInt32LE(1, 30);
  assert.match(String(readBitmapHeader(packed)), /compressed/);
  const cut = Buffer.concat([header(2, 2, 24), Buffer.from([1, 2, 3])]);
  const read = readBitmapHeader(cut);
  assert.ok(typeof read !== 'string');
  assert.equal(readBitmap(cut, read).isPartial, true);
});

test('no bytes make the readers throw, and nothing that they read leaves its bounds', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 400 }),
      fc.constantFrom('II*\0\x08\0\0\0', 'MM\0*\0\0\0\x08', 'BM', ''),
      (bytes, start) => {
        const input = Buffer.concat([Buffer.from(start, 'latin1'), bytes]);
        for (const { value, source } of readExif(input)) {
          assert.ok(value.length > 0 && value.length <= 400 && source.startsWith('Exif '));
          assert.doesNotMatch(value, /\p{C}/u);
        }
        const read = readBitmapHeader(input);
        if (typeof read !== 'string' && read.width * read.height < 1e6) readBitmap(input, read);
      },
    ),
    { numRuns: 2000 },
  );
});

test('a time, a place and a device that make no sense are left out', () => {
  const entry = (tag: number, type: number, count: number, value: number) => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt16LE(tag, 0);
    bytes.writeUInt16LE(type, 2);
    bytes.writeUInt32LE(count, 4);
    bytes.writeUInt32LE(value, 8);
    return bytes;
  };
  const tiff = (text: string) =>
    Buffer.concat([
      Buffer.from('II*\0\x08\0\0\0\x01\0', 'latin1'),
      entry(0x0132, 2, text.length + 1, 26),
      Buffer.alloc(4),
      Buffer.from(`${text}\0`),
    ]);
  assert.deepEqual(readExif(tiff('2026:02:03 04:05:06')), [
    { name: 'changed-at', value: '2026-02-03T04:05:06', source: 'Exif DateTime (0x0132)' },
  ]);
  for (const wrong of [
    '2026:13:03 04:05:06',
    '0000:00:00 00:00:00',
    '    :  :     :  :  ',
    'yesterday at noon .',
  ])
    assert.deepEqual(readExif(tiff(wrong)), [], wrong);
});

test('transparent pixels are seen on white, and thinning takes the nearest sample', () => {
  const rgba = Uint8Array.from([10, 20, 30, 255, 100, 100, 100, 0, 0, 0, 0, 128, 9, 9, 9, 255]);
  const found = sampleOf(rgba, 4, 2, 2);
  assert.deepEqual([...found.shown], [10, 20, 30, 255, 255, 255, 127, 127, 127, 9, 9, 9]);
  assert.deepEqual([...(found.stored ?? [])], [10, 20, 30, 100, 100, 100, 0, 0, 0, 9, 9, 9]);
  const wide = Uint8Array.from({ length: 1024 }, (_, at) => at >> 2);
  const thin = sampleOf(wide, 1, 1024, 1);
  assert.deepEqual([thin.width, thin.height, thin.shown[3], thin.stored], [512, 512, 0, undefined]);
  assert.equal(thin.shown[511 * 3], 1022 >> 2);
});

test('a decoder that was taken over can say nothing that is not a verdict on this file', () => {
  const hash = 'a'.repeat(64);
  const names = [
    'original',
    'rotate90',
    'rotate180',
    'rotate270',
    'flipX',
    'flipY',
    'flipPlus1',
    'flipMinus1',
  ];
  const hashes = [
    {
      variant: 'shown',
      hash,
      quality: 80,
      orientations: Object.fromEntries(names.map((name) => [name, hash])),
    },
  ];
  const sound = {
    kind: 'picture',
    mediaType: 'image/png',
    width: 9,
    height: 9,
    frames: 1,
    isPartial: false,
    hashes,
    facts: [],
  };
  const check = (change: object) => checkVerdict(JSON.stringify({ ...sound, ...change }), 'image/png');
  assert.deepEqual(check({ more: 'x' }), sound);
  for (const change of [
    { kind: 'killed-decoder', reason: 'x' },
    { mediaType: 'image/jpeg' },
    { width: 0 },
    { width: 1e9 },
    { frames: '1' },
    { hashes: [] },
    { hashes: [{ ...hashes[0], hash: 'b'.repeat(64) }] },
    { hashes: [{ ...hashes[0], quality: 101 }] },
    { hashes: [hashes[0], hashes[0]] },
    { facts: [{ name: 'role', value: 'x', source: 'y' }] },
    { facts: [{ name: 'device', value: 'x'.repeat(401), source: 'y' }] },
    { facts: [{ name: 'device', value: '\u001b[31m', source: 'y' }] },
  ])
    assert.equal(check(change), undefined, JSON.stringify(change));
  for (const line of ['', 'null', '[]', '{', '{"kind":"unreadable","mediaType":"image/png","reason":5}'])
    assert.equal(checkVerdict(line, 'image/png'), undefined, line);
});
