import { hashBytes, joined, leafHash, nodeHash, nodesOf, type Range, type TreeNode } from './merkle.ts';
import { bad, ok, type Parsed } from './parsed.ts';

/** The tree as files (https://c2sp.org/tlog-tiles): hashes in tiles of height 8, entries in bundles of 256. */

export const tileWidth = 256;
const tileHeight = 8;
/** Levels 0 to 7 hold more entries than there will ever be; the format allows 63. */
const mostLevels = 8;

export interface TileName {
  /** A level of hashes, or the entries themselves. */
  readonly kind: number | 'entries';
  readonly index: number;
  /** 1 to 256 hashes or entries; less than 256 is a partial tile. */
  readonly width: number;
}

/** `tile/0/x001/x234/067` or `tile/entries/x001/067.p/12`. */
export function formatTilePath({ kind, index, width }: TileName): string {
  const digits = String(index).padStart(3, '0');
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? [];
  const path = groups.map((group, place) => (place < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${kind}/${path}${width === tileWidth ? '' : `.p/${width}`}`;
}

export function parseTilePath(path: string): TileName | undefined {
  const found = /^tile\/(entries|[0-7])\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path);
  if (found === null) return undefined;
  const [, kind = '', place = '', partial] = found;
  const index = Number(place.replaceAll(/[x/]/g, ''));
  const width = partial === undefined ? tileWidth : Number(partial);
  if (width > tileWidth || (partial !== undefined && width === tileWidth)) return undefined;
  const name: TileName = { kind: kind === 'entries' ? kind : Number(kind), index, width };
  // One spelling per tile: no groups of zeroes in front.
  return formatTilePath(name) === path ? name : undefined;
}

/** How many tiles of a level a tree of this size has, and how wide the last, partial one is (0 where there is none). */
export function tilesOf(level: number, size: number): { readonly full: number; readonly partial: number } {
  const hashes = Math.floor(size / tileWidth ** level);
  return { full: Math.floor(hashes / tileWidth), partial: hashes % tileWidth };
}

/** Every level of hashes that a tree of this size has. */
export function levelsOf(size: number): number[] {
  return Array.from({ length: mostLevels }, (_, level) => level).filter(
    (level) => size >= tileWidth ** level,
  );
}

/** Where the hash of a complete subtree is found: so many hashes of one tile from `offset` on make it up. */
function placeOf(node: TreeNode): { level: number; tile: number; offset: number; count: number } {
  const level = Math.floor(node.level / tileHeight);
  const count = 2 ** (node.level % tileHeight);
  const first = node.index * count;
  return { level, tile: Math.floor(first / tileWidth), offset: first % tileWidth, count };
}

/** The root over hashes that stand one after the other in one buffer; their number is a power of two. */
export function rootOf(hashes: Uint8Array): Buffer {
  let level: Uint8Array[] = [];
  for (let at = 0; at < hashes.length; at += hashBytes) level.push(hashes.subarray(at, at + hashBytes));
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const [left, right] = [level[at], level[at + 1]];
      if (left === undefined || right === undefined) throw new RangeError('not a power of two hashes');
      above.push(nodeHash(left, right));
    }
    level = above;
  }
  return joined(level);
}

/** Reads at least the first `width` hashes of a tile. */
export type ReadTile = (level: number, tile: number, width: number) => Promise<Uint8Array>;

/** The hash of each range of a tree of `size` entries, reading every tile once at most. */
export async function hashesOf(
  ranges: readonly Range[],
  size: number,
  readTile: ReadTile,
): Promise<Buffer[]> {
  const tiles = new Map<string, Promise<Uint8Array>>();
  const hashes: Buffer[] = [];
  for (const range of ranges) {
    const parts: Buffer[] = [];
    for (const node of nodesOf(range)) {
      const { level, tile, offset, count } = placeOf(node);
      const { full, partial } = tilesOf(level, size);
      const key = `${level}/${tile}`;
      const reading = tiles.get(key) ?? readTile(level, tile, tile < full ? tileWidth : partial);
      tiles.set(key, reading);
      const bytes = (await reading).subarray(offset * hashBytes, (offset + count) * hashBytes);
      if (bytes.length !== count * hashBytes) throw new RangeError(`tile ${key} is too short`);
      parts.push(rootOf(bytes));
    }
    hashes.push(joined(parts));
  }
  return hashes;
}

/** The longest entry that a bundle takes: its length is written in two bytes. */
export const longestEntry = 65_535;

export function formatBundle(entries: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    entries.flatMap((entry) => {
      if (entry.length > longestEntry) throw new RangeError('an entry is longer than a bundle takes');
      return [Buffer.of(entry.length >> 8, entry.length & 255), entry];
    }),
  );
}

/** A sound bundle has 256 at most; one that somebody put entries into is still read, so that they can be named. */
const mostEntries = 4 * tileWidth;

export function parseBundle(bytes: Buffer): Parsed<readonly Buffer[]> {
  const entries: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 2 + (at + 2 <= bytes.length ? bytes.readUInt16BE(at) : 0);
    if (at + 2 > bytes.length || end > bytes.length || entries.length === mostEntries)
      return bad('The bundle is not a row of entries with their lengths.');
    entries.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return ok(entries);
}

export function leafHashesOf(entries: readonly Uint8Array[]): Buffer {
  return Buffer.concat(entries.map((entry) => leafHash(entry)));
}
