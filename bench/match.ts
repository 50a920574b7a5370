import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buildMatchIndex, hashBytes, loadMatchIndex, type MatchIndex, mostRadius } from '../kernel/match.ts';
import { type Benchmark, type Figure, median, withFolder } from './benchmark.ts';

/** Exact search within 31 bits among many hashes, on one core, beside comparing with all of them in the same run. */
export const match: Benchmark = {
  summary: 'exact radius search among many hashes, beside comparing with all of them',
  defaults: { thousands: 1000, queries: 2000, checked: 40 },
  measure: async ({ thousands = 0, queries = 0, checked = 0 }, note) => {
    const wasm = await readFile(new URL('../kernel/match.wasm', import.meta.url));
    const size = thousands * 1000;
    note(`Drawing ${size} hashes, a fifth of them in clusters.`);
    const spread = hashesWithClusters(size);
    note('Building the index.');
    const before = performance.now();
    const index = buildMatchIndex(wasm, spread);
    const seconds = (performance.now() - before) / 1000;
    const figures = [
      ...speedOf('', index, queriesNear(spread, queries, 7), checked, size),
      figure('building', size / seconds, 'hashes/s'),
      figure(
        'adding while serving',
        addingRate(index, queriesNear(spread, 200, 9)),
        'insertions/s',
        'at-least',
        10_000,
      ),
      ...(await savingOf(wasm, index, size)),
    ];
    note('Now a skewed set: half of all hashes within 24 bits of each other.');
    const skewed = skewedHashes(size);
    const skewedIndex = buildMatchIndex(wasm, skewed);
    return [
      ...figures,
      ...speedOf(
        'skewed: ',
        skewedIndex,
        queriesNear(skewed, Math.min(queries, 200), 8),
        Math.min(checked, 20),
        size,
        false,
      ),
    ];
  },
};

function figure(
  name: string,
  value: number,
  unit: string,
  kind?: 'at-least' | 'below',
  aim?: number,
): Figure {
  return {
    name,
    value,
    unit,
    ...(kind === undefined || aim === undefined ? {} : { aim: { kind, value: aim } }),
  };
}

/** Seconds of the processor, so that other work on the machine counts as little as it can. */
function secondsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function speedOf(
  label: string,
  index: MatchIndex,
  asked: readonly Uint8Array[],
  checked: number,
  size: number,
  hasAims = true,
): Figure[] {
  const warm = asked.slice(0, 50);
  for (const query of warm) index.search(query, mostRadius);
  const searching =
    asked.length /
    secondsOf(() => {
      for (const query of asked) index.search(query, mostRadius);
    });
  const sample = asked.slice(0, checked);
  const scanning =
    sample.length /
    secondsOf(() => {
      for (const query of sample) index.scan(query, mostRadius);
    });
  const equal = sample.filter((query) => isSame(index, query)).length / sample.length;
  const aim = size >= 10_000_000 ? 4_000 : 10_000;
  return [
    hasAims && size >= 1_000_000
      ? figure(`${label}queries`, searching, 'queries/s', 'at-least', aim)
      : figure(`${label}queries`, searching, 'queries/s'),
    figure(`${label}comparing with all`, scanning, 'queries/s'),
    hasAims && size >= 10_000_000
      ? figure(`${label}times comparing with all`, searching / scanning, 'times', 'at-least', 20)
      : figure(`${label}times comparing with all`, searching / scanning, 'times'),
    figure(`${label}answers equal to comparing with all`, equal, 'of 1', 'at-least', 1),
  ];
}

function isSame(index: MatchIndex, query: Uint8Array): boolean {
  const [a, b] = [index.search(query, mostRadius), index.scan(query, mostRadius)];
  const words = (near: typeof a.near): string =>
    near
      .map(({ id, distance }) => `${id}:${distance}`)
      .sort()
      .join();
  if (a.total !== b.total) return false;
  return a.total > a.near.length || words(a.near) === words(b.near);
}

/** One search after every hundred hashes added. */
function addingRate(index: MatchIndex, between: readonly Uint8Array[]): number {
  const fresh = randomBytes(20_000, 99);
  const start = performance.now();
  for (let at = 0; at < 20_000; at += 1) {
    index.add(hashAt(fresh, at));
    if (at % 100 === 0) index.search(between[(at / 100) % between.length] ?? hashAt(fresh, at), mostRadius);
  }
  return 20_000 / ((performance.now() - start) / 1000);
}

async function savingOf(wasm: Uint8Array, index: MatchIndex, size: number): Promise<Figure[]> {
  return await withFolder(async (folder) => {
    const path = join(folder, 'index');
    index.save(path);
    const bytes = (await stat(path)).size;
    const loads = [1, 2, 3].map(() => {
      const before = performance.now();
      loadMatchIndex(wasm, path);
      return (performance.now() - before) / 1000;
    });
    const perHash = bytes / size;
    return [
      figure('memory', perHash, 'bytes/hash', 'below', 140),
      size >= 10_000_000
        ? figure('loading a saved index', median(loads), 's', 'below', 2)
        : figure('loading a saved index', median(loads), 's'),
    ];
  });
}

const hashAt = (hashes: Uint8Array, id: number): Uint8Array =>
  hashes.subarray(id * hashBytes, (id + 1) * hashBytes);

/** Numbers from a seed (mulberry32). */
function stream(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

function randomBytes(count: number, seed: number): Uint8Array {
  const next = stream(seed);
  const words = new Uint32Array(count * 8);
  for (let at = 0; at < words.length; at += 1) words[at] = next();
  return new Uint8Array(words.buffer);
}

/** Flips up to so many bits of one hash in place. */
function flip(hash: Uint8Array, bits: number, next: () => number): void {
  for (let one = 0; one < bits; one += 1) {
    const bit = next() & 255;
    hash[bit >> 3] = (hash[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  }
}

/** Four fifths spread evenly, a fifth as variants of a hundredth of them: a viral picture has dozens. */
function hashesWithClusters(size: number): Uint8Array {
  const hashes = randomBytes(size, 1);
  const next = stream(2);
  for (let at = Math.floor(size * 0.8); at < size; at += 1) {
    const original = next() % Math.max(1, Math.floor(size * 0.01));
    const variant = hashAt(hashes, at);
    variant.set(hashAt(hashes, original));
    flip(variant, next() % 28, next);
  }
  return hashes;
}

function skewedHashes(size: number): Uint8Array {
  const hashes = randomBytes(size, 3);
  const next = stream(4);
  const centre = Uint8Array.from(hashAt(hashes, 0));
  for (let at = 0; at < size; at += 2) {
    hashAt(hashes, at).set(centre);
    flip(hashAt(hashes, at), next() % 24, next);
  }
  return hashes;
}

/** Half variants of stored hashes, half of nothing that is stored. */
function queriesNear(hashes: Uint8Array, count: number, seed: number): Uint8Array[] {
  const next = stream(seed);
  const fresh = randomBytes(count, seed + 100);
  return Array.from({ length: count }, (_, at) => {
    if (at % 2 === 1) return hashAt(fresh, at);
    const query = Uint8Array.from(hashAt(hashes, next() % (hashes.length / hashBytes)));
    flip(query, next() % 32, next);
    return query;
  });
}
