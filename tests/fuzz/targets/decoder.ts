import { readBitmap, readBitmapHeader } from '../../../src/decoder/bmp.ts';
import { checkVerdict } from '../../../src/decoder/check-verdict.ts';
import { readExif } from '../../../src/decoder/exif.ts';
import { must, type Target } from '../target.ts';

const exif = Buffer.concat([
  Buffer.from('49492a0008000000020032010200140000002600000025880400010000003a000000', 'hex'),
  Buffer.from('00000000', 'hex'),
  Buffer.from('2026:02:03 04:05:06\0'),
]);
const bitmap = Buffer.concat([
  Buffer.from('424d460000000000000036000000', 'hex'),
  Buffer.from('28000000020000000200000001001800000000001000000000000000000000000000000000000000', 'hex'),
  Buffer.alloc(16, 7),
]);
const unreadable = Buffer.from(
  '{"kind":"unreadable","mediaType":"image/png","reason":"It cannot be decoded."}',
);

/** Readers of our own inside the decoder's child, and the parent's check of what a child says. */
export const decoderTargets: readonly Target[] = [
  {
    name: 'exif',
    what: 'what a picture says of itself',
    seeds: [exif],
    words: ['Exif\0\0', 'II*\0', 'MM\0*', '2026:02:03 04:05:06', '\u0069\u0087', '\u0025\u0088'],
    mostBytes: 4_096,
    run: (input) => {
      for (const { value, source } of readExif(input))
        must(
          value.length <= 400 && source.startsWith('Exif ') && !/\p{C}/u.test(value),
          'a fact is plain and short',
        );
    },
  },
  {
    name: 'bitmap',
    what: 'a Windows bitmap',
    seeds: [bitmap],
    words: ['BM', '\u0028\0\0\0', '\u007c\0\0\0', '\u0003\0\0\0'],
    mostBytes: 4_096,
    run: (input) => {
      const header = readBitmapHeader(input);
      if (typeof header === 'string' || header.width * header.height > 250_000) return;
      const { rgb } = readBitmap(input, header);
      must(rgb.length === header.width * header.height * 3, 'every pixel has three bytes');
    },
  },
  {
    name: 'verdict',
    what: 'what a decoder says that was taken over',
    seeds: [unreadable],
    words: ['"kind":', 'picture', 'killed-decoder', '"hashes":[]', 'null', '1e400'],
    mostBytes: 4_096,
    run: (input) => {
      const verdict = checkVerdict(Buffer.from(input).toString('utf8'), 'image/png');
      must(verdict?.kind !== 'killed-decoder', 'only the parent says that a decoder was ended');
    },
  },
];
