import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import sharp from 'sharp';
import { mediaTypeOf } from './media-type.ts';

/** One character is one byte. */
const bytes = (text: string) => Buffer.from(text, 'latin1');
const padded = (text: string, size = 600) => Buffer.concat([bytes(text), Buffer.alloc(size)]);

const box = (...names: string[]) => {
  const body = `${names[0]}\0\0\0\0${names.slice(1).join('')}`;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 8);
  return Buffer.concat([length, bytes(`ftyp${body}`), Buffer.alloc(64)]);
};

const examples: readonly (readonly [string, Buffer, string | undefined])[] = [
  ['JPEG with Exif', padded('\xff\xd8\xff\xe1\0\x10Exif'), 'image/jpeg'],
  ['GIF', padded('GIF89a\x01\0\x01\0'), 'image/gif'],
  ['TIFF little-endian', padded('II*\0\x08\0\0\0'), 'image/tiff'],
  ['TIFF big-endian', padded('MM\0*\0\0\0\x08'), 'image/tiff'],
  ['BMP', padded(`BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0`), 'image/bmp'],
  ['text that begins with BM', bytes('BM is not always a picture'), 'text/plain'],
  ['AVIF', box('avif', 'mif1', 'miaf'), 'image/avif'],
  ['AVIF under a general brand', box('mif1', 'mif1', 'avif'), 'image/avif'],
  ['HEIC', box('heic', 'mif1', 'heic'), 'image/heic'],
  ['HEIC under a general brand', box('mif1', 'heic'), 'image/heic'],
  ['HEIF of no particular kind', box('mif1', 'mif1'), 'image/heif'],
  ['MP4', box('isom', 'isom', 'iso2', 'avc1', 'mp41'), 'video/mp4'],
  ['MP4 of a newer brand', box('mp42', 'mp42'), 'video/mp4'],
  ['MP4 whose major brand is unknown', box('XAVC', 'XAVC', 'mp42'), 'video/mp4'],
  ['QuickTime', box('qt  ', 'qt  '), 'video/quicktime'],
  ['QuickTime without ftyp', padded('\0\0\0\x08wide'), 'video/quicktime'],
  ['3GP', box('3gp5', '3gp5', 'isom'), 'video/3gpp'],
  ['3G2', box('3g2a'), 'video/3gpp2'],
  ['MPEG-4 audio', box('M4A ', 'M4A ', 'isom'), 'audio/mp4'],
  ['an unknown brand', box('zzzz', 'zzzz'), undefined],
  [
    'WebM',
    padded('\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm'),
    'video/webm',
  ],
  ['Matroska', padded('\x1aE\xdf\xa3\xa3B\x86\x81\x01B\x82\x88matroska'), 'video/x-matroska'],
  ['AVI', padded('RIFF\x24\0\0\0AVI LIST'), 'video/x-msvideo'],
  ['WAV', padded('RIFF\x24\0\0\0WAVEfmt '), 'audio/wav'],
  ['RIFF of another kind', padded('RIFF\x24\0\0\0CDDA'), undefined],
  ['MPEG program stream', padded('\0\0\x01\xba\x44'), 'video/mpeg'],
  ['MPEG video', padded('\0\0\x01\xb3\x14'), 'video/mpeg'],
  ['MPEG transport stream', Buffer.concat([1, 2, 3].map(() => padded('G\x40\0\x10', 184))), 'video/mp2t'],
  ['MP3 with a tag', padded('ID3\x04\0\0\0\0\0\x21'), 'audio/mpeg'],
  ['Ogg audio', padded('OggS\0\x02\0\0'), 'audio/ogg'],
  ['Ogg video', padded(`OggS${'\0'.repeat(24)}\x80theora`), 'video/ogg'],
  ['PDF', bytes('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n'), 'application/pdf'],
  ['ZIP', padded('PK\x03\x04\x14\0'), 'application/zip'],
  ['empty ZIP', bytes(`PK\x05\x06${'\0'.repeat(18)}`), 'application/zip'],
  ['text', bytes('An invented chat.\r\n\tSecond line.\n'), 'text/plain'],
  [
    'SVG',
    bytes('<?xml version="1.0"?>\n<!-- a turtle -->\n<svg xmlns="http://www.w3.org/2000/svg"/>'),
    'image/svg+xml',
  ],
  ['text about SVG', bytes('The element <svg> begins a drawing.'), 'text/plain'],
  ['UTF-8 text', Buffer.from('Żółw, 亀, 🐢'), 'text/plain'],
  ['UTF-16 text', Buffer.concat([bytes('\xff\xfe'), Buffer.from('turtle 亀', 'utf16le')]), 'text/plain'],
  ['text with a NUL', bytes('text\0text'), undefined],
  ['nothing', Buffer.alloc(0), undefined],
  ['zeros', Buffer.alloc(64), undefined],
];

for (const [name, content, expected] of examples) {
  test(`${name} is ${expected ?? 'nothing that is known'}`, () => {
    assert.equal(mediaTypeOf(content), expected);
  });
}

test('pictures that an encoder wrote are recognised', async () => {
  const picture = sharp({ create: { width: 16, height: 16, channels: 3, background: '#3a7' } });
  assert.equal(mediaTypeOf(await picture.clone().jpeg().toBuffer()), 'image/jpeg');
  assert.equal(mediaTypeOf(await picture.clone().png().toBuffer()), 'image/png');
  assert.equal(mediaTypeOf(await picture.clone().webp().toBuffer()), 'image/webp');
  assert.equal(mediaTypeOf(await picture.clone().gif().toBuffer()), 'image/gif');
  assert.equal(mediaTypeOf(await picture.clone().tiff().toBuffer()), 'image/tiff');
  assert.equal(mediaTypeOf(await picture.clone().avif().toBuffer()), 'image/avif');
});

test('an MP3 without a tag needs a second frame where the first says', () => {
  // MPEG-1 layer III, 128 kbit/s, 44,100 Hz: 417 bytes a frame.
  const frame = Buffer.concat([bytes('\xff\xfb\x90\x44'), Buffer.alloc(413)]);
  assert.equal(mediaTypeOf(Buffer.concat([frame, frame])), 'audio/mpeg');
  assert.equal(mediaTypeOf(Buffer.concat([frame, Buffer.alloc(417)])), undefined);
  // MPEG-2 layer III, 64 kbit/s, 22,050 Hz: 208 bytes a frame.
  const slow = Buffer.concat([bytes('\xff\xf3\x80\xc4'), Buffer.alloc(204)]);
  assert.equal(mediaTypeOf(Buffer.concat([slow, slow])), 'audio/mpeg');
});

test('text that is cut within a character is still text', () => {
  const text = Buffer.from('亀'.repeat(2000));
  for (const size of [4094, 4095, 4096]) assert.equal(mediaTypeOf(text.subarray(0, size)), 'text/plain');
});

test('never throws and depends on the first 4 KiB only', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 6000 }), fc.uint8Array({ maxLength: 100 }), (content, tail) => {
      const type = mediaTypeOf(content);
      if (content.length >= 4096) assert.equal(mediaTypeOf(Buffer.concat([content, tail])), type);
      else assert.ok(type === undefined || type.includes('/'));
    }),
  );
});
