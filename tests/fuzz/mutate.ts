import type { Random } from '../../demo/day/random.ts';

/** Bytes and numbers at which parsers of all kinds have broken. */
const oddBytes = [
  0x00, 0x09, 0x0a, 0x0d, 0x20, 0x22, 0x26, 0x27, 0x2d, 0x2e, 0x3c, 0x3d, 0x3e, 0x5c, 0x7f, 0x80, 0xc0, 0xed,
  0xef, 0xf4, 0xff,
];
const oddTexts = [
  '-1',
  '0',
  '1',
  '00',
  '255',
  '256',
  '65535',
  '65536',
  '2147483647',
  '2147483648',
  '4294967296',
  '9007199254740993',
  '99999999999999999999',
  '1e999',
  'NaN',
  'null',
  'true',
  '__proto__',
  'constructor',
  'toString',
  '\u0000',
  '\u0085',
  '\u2028',
  '\ud800',
  '\ufeff',
  '\u202e',
  'é',
  '\u{1f600}',
  '\r\n',
  '\r\n\r\n',
  '%00',
  '%',
  '%zz',
  '..',
  '../../',
  ' ',
  '',
];

/** An input near `base`: a few random changes, with pieces of `other` and the format's own words among them. */
export function mutated(
  random: Random,
  base: Buffer,
  other: Buffer,
  words: readonly string[],
  mostBytes: number,
): Buffer {
  let bytes = base;
  const changes = 1 + (random.chance(0.5) ? 0 : random.whole(0, 7));
  for (let change = 0; change < changes; change += 1) bytes = changed(random, bytes, other, words);
  return bytes.subarray(0, mostBytes);
}

function changed(random: Random, bytes: Buffer, other: Buffer, words: readonly string[]): Buffer {
  const at = random.whole(0, bytes.length);
  const length = random.chance(0.7) ? random.whole(0, 8) : random.whole(0, Math.min(4_096, bytes.length));
  const end = Math.min(bytes.length, at + length);
  switch (random.whole(0, 9)) {
    case 0:
      return replaced(bytes, at, Math.min(bytes.length, at + 1), Buffer.from([random.whole(0, 255)]));
    case 1:
      return replaced(bytes, at, Math.min(bytes.length, at + 1), Buffer.from([random.pick(oddBytes)]));
    case 2:
      return replaced(bytes, at, end, Buffer.alloc(0));
    case 3:
      return replaced(bytes, at, at, bytes.subarray(at, end));
    case 4:
      return repeated(random, bytes, at, end);
    case 5:
      return spliced(random, bytes, at, end, other);
    case 6:
      return replaced(bytes, at, end, Buffer.from(random.pick(oddTexts)));
    case 7:
      return withOddNumber(random, bytes, at);
    default:
      return replaced(
        bytes,
        at,
        random.chance(0.5) ? at : end,
        Buffer.from(words.length === 0 ? random.pick(oddTexts) : random.pick(words)),
      );
  }
}

function replaced(bytes: Buffer, from: number, to: number, by: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(to)]);
}

/** Many times the same piece: nesting, long values, long lists. */
function repeated(random: Random, bytes: Buffer, at: number, end: number): Buffer {
  const piece = bytes.subarray(at, end);
  if (piece.length === 0) return bytes;
  const times = Math.min(random.pick([2, 8, 100, 5_000]), Math.ceil(200_000 / piece.length));
  return replaced(bytes, at, end, Buffer.concat(Array.from({ length: times }, () => piece)));
}

function spliced(random: Random, bytes: Buffer, at: number, end: number, other: Buffer): Buffer {
  const from = random.whole(0, other.length);
  return replaced(bytes, at, end, other.subarray(from, random.whole(from, other.length)));
}

/** The number that stands next, made another. */
function withOddNumber(random: Random, bytes: Buffer, at: number): Buffer {
  const found = /\d+/.exec(bytes.toString('latin1', at, at + 2_000));
  if (found === null) return replaced(bytes, at, at, Buffer.from(random.pick(oddTexts)));
  const from = at + found.index;
  return replaced(bytes, from, from + found[0].length, Buffer.from(random.pick(oddTexts)));
}
