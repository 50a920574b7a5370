import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalJson, type Json } from './canonical-json.ts';
import { formatEntry, parseEntry } from './log-entry.ts';
import {
  consistencyRanges,
  GrowingTree,
  hashBytes,
  inclusionRanges,
  isConsistent,
  isSame,
  leafHash,
  rootFromInclusion,
} from './merkle.ts';
import {
  formatBundle,
  formatTilePath,
  hashesOf,
  leafHashesOf,
  levelsOf,
  longestEntry,
  parseBundle,
  parseTilePath,
  type ReadTile,
  rootOf,
  tilesOf,
  tileWidth,
} from './tiles.ts';

describe('tiles', () => {
  it('are named as the specification’s examples are', () => {
    assert.equal(formatTilePath({ kind: 0, index: 1_234_067, width: 256 }), 'tile/0/x001/x234/067');
    assert.equal(formatTilePath({ kind: 'entries', index: 67, width: 12 }), 'tile/entries/067.p/12');
    // A tree of 70,000: 273 full tiles and one of 112; one full and one of 17; one of 1.
    assert.deepEqual(
      levelsOf(70_000).map((level) => tilesOf(level, 70_000)),
      [
        { full: 273, partial: 112 },
        { full: 1, partial: 17 },
        { full: 0, partial: 1 },
      ],
    );
    assert.deepEqual(
      levelsOf(256).map((level) => tilesOf(level, 256)),
      [
        { full: 1, partial: 0 },
        { full: 0, partial: 1 },
      ],
    );
  });

  it('have one name each', () => {
    const kind = fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 7 }));
    fc.assert(
      fc.property(
        kind,
        fc.integer({ min: 0, max: 999_999_999_999 }),
        fc.integer({ min: 1, max: 256 }),
        (kind, index, width) => {
          const name = { kind, index, width };
          assert.deepEqual(parseTilePath(formatTilePath(name)), name);
        },
      ),
    );
    for (const wrong of [
      'tile/0/x000/001',
      'tile/8/000',
      'tile/00/000',
      'tile/0/1',
      'tile/0/000.p/256',
      'tile/0/000.p/0',
      'tile/0/001/002',
      'tile/0/000/../../checkpoint',
      '../tile/0/000',
    ])
      assert.equal(parseTilePath(wrong), undefined, wrong);
  });

  it('hold every proof of a tree', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc
          .integer({ min: 1, max: 1_500 })
          .chain((size) => fc.tuple(fc.integer({ min: 0, max: size - 1 }), fc.constant(size))),
        async ([index, size]) => {
          const leaves = Array.from({ length: size }, (_, at) => leafHash(Buffer.from(`entry ${at}`)));
          const readTile = tilesFrom(leaves);
          const now = { size, root: rootAt(leaves, size) };
          const proof = await hashesOf(inclusionRanges(index, size), size, readTile);
          assert.ok(
            isSame(rootFromInclusion(leaves[index] as Buffer, index, size, proof) as Buffer, now.root),
          );
          const old = { size: index, root: rootAt(leaves, index) };
          const consistency = await hashesOf(consistencyRanges(index, size), size, readTile);
          assert.ok(isConsistent(old, now, consistency));
          const [whole] = await hashesOf([{ start: 0, end: size }], size, readTile);
          assert.ok(isSame(whole as Buffer, now.root));
        },
      ),
      { numRuns: 40 },
    );
  });
});

function rootAt(leaves: readonly Buffer[], size: number): Buffer {
  const tree = new GrowingTree();
  for (const leaf of leaves.slice(0, size)) tree.add(leaf);
  return tree.root();
}

/** A log's tiles in memory; a tile is never read beyond what the size allows. */
function tilesFrom(leaves: readonly Buffer[]): ReadTile {
  const levels: Buffer[] = [Buffer.concat(leaves)];
  for (const level of levelsOf(leaves.length).slice(1)) {
    const below = levels[level - 1] as Buffer;
    const tileBytes = tileWidth * hashBytes;
    const roots: Buffer[] = [];
    for (let at = 0; at + tileBytes <= below.length; at += tileBytes)
      roots.push(rootOf(below.subarray(at, at + tileBytes)));
    levels.push(Buffer.concat(roots));
  }
  return async (level, tile, width) => {
    const start = tile * tileWidth * hashBytes;
    const bytes = (levels[level] as Buffer).subarray(start, start + width * hashBytes);
    assert.equal(bytes.length, width * hashBytes);
    return bytes;
  };
}

describe('bundles of entries', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 70 }), { maxLength: 256 }), (entries) => {
        const buffers = entries.map((entry) => Buffer.from(entry));
        const parsed = parseBundle(formatBundle(buffers));
        assert.deepEqual(parsed, { kind: 'ok', value: buffers });
        assert.equal(leafHashesOf(buffers).length, buffers.length * hashBytes);
      }),
    );
    assert.throws(() => formatBundle([Buffer.alloc(longestEntry + 1)]), RangeError);
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void parseBundle(Buffer.from(bytes))));
    assert.equal(parseBundle(Buffer.from([0])).kind, 'bad');
    assert.equal(parseBundle(Buffer.from([0, 2, 1])).kind, 'bad');
    assert.equal(parseBundle(Buffer.alloc(2 * 1025)).kind, 'bad');
  });
});

describe('entries', () => {
  it('are canonical JSON: the example of RFC 8785 section 3.2.3 sorts so', () => {
    const members = { '\u20ac': 'Euro Sign', '\r': 'Carriage Return', '\ufb33': 'Hebrew', '1': 'One' };
    const more = { '\ud83d\ude00': 'Smiley', '\u0080': 'Control', ö: 'Latin' };
    assert.deepEqual(
      Object.values(JSON.parse(canonicalJson({ ...members, ...more })) as object).sort(),
      Object.values({ ...members, ...more }).sort(),
    );
    const names = [...canonicalJson({ ...members, ...more }).matchAll(/:"(\w+)/g)].map(([, name]) => name);
    assert.deepEqual(names, ['Carriage', 'One', 'Control', 'Latin', 'Euro', 'Smiley', 'Hebrew']);
    assert.equal(canonicalJson({ b: [1e21, 0.1, -0], a: undefined }), '{"b":[1e+21,0.1,0]}');
  });

  it('have one spelling however the members were put in', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value as Json);
        assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
        assert.equal(canonicalJson(JSON.parse(text) as Json), text);
      }),
    );
  });

  it('name their row, and a row that is too long is held by its hash', () => {
    const salt = Buffer.alloc(16, 7);
    const entry = { source: 'audit', id: '12', row: { action: 'decide-report', why: 'w' } };
    const bytes = formatEntry(entry, salt);
    assert.equal(
      bytes.toString(),
      '{"id":"12","row":{"action":"decide-report","why":"w"},"salt":"07070707070707070707070707070707","source":"audit"}',
    );
    assert.deepEqual(parseEntry(bytes), { kind: 'ok', value: { ...entry, isMissing: false } });
    const long = formatEntry({ ...entry, row: { why: 'ü'.repeat(40_000) } }, salt);
    assert.ok(long.length < 250);
    assert.match(long.toString(), /"rowSha256":"[0-9a-f]{64}"/);
    fc.assert(fc.property(fc.string(), (text) => void parseEntry(Buffer.from(text))));
    assert.equal(parseEntry(Buffer.from('[]')).kind, 'bad');
  });
});
