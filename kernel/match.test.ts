import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { buildMatchIndex, DamagedIndex, hashBytes, loadMatchIndex, mostRadius, type Near } from './match.ts';

let wasm: Uint8Array;

before(async () => {
  wasm = await readFile(fileURLToPath(new URL('./match.wasm', import.meta.url)));
});

/** Numbers from a seed, fast enough for many hashes (mulberry32). */
function stream(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

function randomHashes(count: number, seed: number): Uint8Array {
  const next = stream(seed);
  return new Uint8Array(Uint32Array.from({ length: count * 8 }, next).buffer);
}

function flipped(hash: Uint8Array, bits: number, seed: number): Uint8Array {
  const next = stream(seed);
  const copy = Uint8Array.from(hash);
  const done = new Set<number>();
  while (done.size < bits) {
    const bit = next() % 256;
    if (done.has(bit)) continue;
    done.add(bit);
    copy[bit >> 3] = copy[bit >> 3]! ^ (1 << (bit & 7));
  }
  return copy;
}

const hashAt = (hashes: Uint8Array, id: number) => hashes.subarray(id * hashBytes, (id + 1) * hashBytes);

/** In plain TypeScript, apart from everything that is tested. */
function plainly(hashes: Uint8Array, query: Uint8Array, radius: number): Near[] {
  const near: Near[] = [];
  for (let id = 0; id < hashes.length / hashBytes; id += 1) {
    let distance = 0;
    for (let byte = 0; byte < hashBytes; byte += 1) {
      let rest = hashes[id * hashBytes + byte]! ^ query[byte]!;
      for (; rest !== 0; rest &= rest - 1) distance += 1;
    }
    if (distance <= radius) near.push({ id, distance });
  }
  return near;
}

const inOrder = (near: readonly Near[]) => [...near].sort((a, b) => a.id - b.id);

describe('the match index', () => {
  it('finds exactly what comparing with all finds, for any chunks, radius and clusters', () => {
    const base = randomHashes(300, 11);
    fc.assert(
      fc.property(
        fc.constantFrom(0, 11, 12, 16),
        fc.integer({ min: 0, max: mostRadius }),
        fc.integer({ min: 0, max: 1e9 }),
        fc.array(fc.tuple(fc.nat(299), fc.integer({ min: 0, max: 40 })), { maxLength: 60 }),
        (chunks, radius, seed, near) => {
          const family = near.map(([id, bits], index) => flipped(hashAt(base, id), bits, seed + index));
          const all = new Uint8Array(Buffer.concat([base, ...family]));
          const index = buildMatchIndex(wasm, all, chunks);
          for (const id of [0, 1, ...near.map(([one]) => one)]) {
            const query = flipped(hashAt(base, id), seed % 20, seed);
            const found = index.search(query, radius);
            assert.deepEqual(inOrder(found.near), plainly(all, query, radius));
            assert.equal(found.total, found.near.length);
          }
        },
      ),
      { numRuns: 12 },
    );
  });

  it('answers alike by index and by scan among a hundred thousand, skewed ones included', () => {
    const spread = randomHashes(60_000, 5);
    const centre = hashAt(randomHashes(1, 9), 0);
    const cluster = Array.from({ length: 40_000 }, (_, index) => flipped(centre, index % 24, index));
    const index = buildMatchIndex(wasm, new Uint8Array(Buffer.concat([spread, ...cluster])));
    for (const query of [
      hashAt(spread, 17),
      flipped(hashAt(spread, 4000), 31, 3),
      flipped(centre, 30, 8),
      centre,
    ]) {
      const [found, scanned] = [index.search(query, 31), index.scan(query, 31)];
      assert.equal(found.total, scanned.total);
      if (found.total === found.near.length) assert.deepEqual(inOrder(found.near), inOrder(scanned.near));
      else assert.ok(found.total > found.near.length);
    }
    assert.ok(index.search(centre, 31).total >= 40_000, 'a flood is counted, not cut off silently');
  });

  it('finds what was added after building, at once', () => {
    const index = buildMatchIndex(wasm, randomHashes(60_000, 1));
    const late = randomHashes(3, 2);
    assert.equal(index.search(hashAt(late, 1), 31).total, 0);
    const ids = [0, 1, 2].map((at) => index.add(hashAt(late, at)));
    assert.deepEqual(ids, [60_000, 60_001, 60_002]);
    assert.deepEqual(index.search(flipped(hashAt(late, 1), 7, 1), 31).near, [{ id: 60_001, distance: 7 }]);
    assert.equal(index.size, 60_003);
    assert.deepEqual(hashAt(index.hashes(), 60_002), hashAt(late, 2));
  });

  it('is shared by threads without a copy', async () => {
    const hashes = randomHashes(60_000, 21);
    const index = buildMatchIndex(wasm, hashes);
    const script = `
      import { parentPort, workerData } from 'node:worker_threads';
      import { attachMatchIndex } from ${JSON.stringify(new URL('./match.ts', import.meta.url).href)};
      const index = attachMatchIndex(workerData.shared, workerData.thread);
      parentPort.on('message', (query) => parentPort.postMessage(index.search(query, 31).near));`;
    const url = new URL(`data:text/javascript,${encodeURIComponent(script)}`);
    const workers = [1, 2].map((thread) => new Worker(url, { workerData: { shared: index.shared, thread } }));
    const late = hashAt(randomHashes(1, 22), 0);
    const id = index.add(late);
    for (const worker of workers) {
      worker.postMessage(flipped(late, 3, 5));
      const [near] = await once(worker, 'message');
      assert.deepEqual(near, [{ id, distance: 3 }]);
      await worker.terminate();
    }
  });

  it('is the same after saving and loading, and notices a changed, cut or foreign file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'firstlight-match-'));
    try {
      const path = join(folder, 'index');
      const hashes = randomHashes(60_000, 31);
      buildMatchIndex(wasm, hashes).save(path);
      const loaded = loadMatchIndex(wasm, path);
      assert.deepEqual(loaded.search(flipped(hashAt(hashes, 77), 20, 4), 31).near, [
        { id: 77, distance: 20 },
      ]);
      assert.deepEqual(loaded.hashes(), hashes);
      const file = await open(path, 'r+');
      await file.write(Buffer.from([7]), 0, 1, 5_000_000);
      await file.close();
      assert.throws(() => loadMatchIndex(wasm, path), DamagedIndex);
      await truncate(path, 6_000_000);
      assert.throws(() => loadMatchIndex(wasm, path), DamagedIndex);
      await truncate(path, 10);
      assert.throws(() => loadMatchIndex(wasm, path), DamagedIndex);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('refuses what is no hash and no radius it can answer', () => {
    const index = buildMatchIndex(wasm, randomHashes(10, 1));
    assert.throws(() => index.search(new Uint8Array(31), 31), RangeError);
    assert.throws(() => index.search(new Uint8Array(32), 32), RangeError);
    assert.throws(() => index.search(new Uint8Array(32), -1), RangeError);
    assert.throws(() => buildMatchIndex(wasm, new Uint8Array(33)), RangeError);
  });

  it('is empty without hashes', () => {
    const index = buildMatchIndex(wasm, new Uint8Array(0));
    assert.deepEqual(index.search(new Uint8Array(32), 31), { near: [], total: 0 });
  });
});
