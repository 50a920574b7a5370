import { mediaTypeOf } from '../../../src/base/media-type.ts';
import { must, type Target } from '../target.ts';

/** First bytes of files of many kinds, as their formats describe them. */
const heads = [
  'ffd8ffe000104a46494600',
  '89504e470d0a1a0a0000000d49484452',
  '474946383961',
  '424d',
  '52494646000000005745425056503820',
  '000000186674797068656963',
  '0000001c667479706d703432',
  '1a45dfa3',
  '4f676753',
  '25504446',
  '504b0304',
  '49492a00',
  '664c6143',
  '494433',
].map((hex) => Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(64)]));

export const evidenceTargets: readonly Target[] = [
  {
    name: 'media-type',
    what: 'the first bytes of a file',
    seeds: heads,
    words: [
      'ftyp',
      'heic',
      'avif',
      'mp42',
      'isom',
      'qt  ',
      'RIFF',
      'WEBP',
      'AVI ',
      'matroska',
      'webm',
      '\u0000\u0000\u0000',
    ],
    mostBytes: 8_192,
    run: (input) => {
      const type = mediaTypeOf(input);
      must(type === undefined || /^[a-z]+\/[a-z0-9.+-]+$/.test(type), 'a media type has the form of one');
    },
  },
];
