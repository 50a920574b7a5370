import { closeSync, fsyncSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';

/** Bytes of a hash of 256 bits. */
export const hashBytes = 32;
/** The largest radius that an index answers; PDQ's own limit is 31. */
export const mostRadius = 31;

/** A stored hash near a query: its number in order of adding, and in how many bits it differs. */
export interface Near {
  readonly id: number;
  readonly distance: number;
}

export interface Found {
  readonly near: readonly Near[];
  /** How many there are; more than `near` holds where a query matches very many. */
  readonly total: number;
}

/**
 * Every stored hash within a radius of a query, none missed. Holds its hashes in memory that workers may share: give
 * `shared` to `attachMatchIndex` in another thread. Hashes that came after building stand aside and are compared one
 * by one until a new index is built.
 */
export interface MatchIndex {
  readonly size: number;
  /** How many came after building. */
  readonly newest: number;
  /** @throws RangeError for a radius above {@link mostRadius} or a query that is not 32 bytes */
  search(query: Uint8Array, radius: number): Found;
  /** The same answer by comparing with every hash. */
  scan(query: Uint8Array, radius: number): Found;
  /** Adds one hash; searches that begin afterwards find it, in every thread. @throws RangeError when there is no room left */
  add(hash: Uint8Array): number;
  /** All hashes, 32 bytes each, in order of their ids. */
  hashes(): Uint8Array;
  /** Writes everything to one file, whole or not at all. */
  save(path: string): void;
  readonly shared: SharedIndex;
}

/** What another thread needs to search the same memory. */
export interface SharedIndex {
  readonly wasm: Uint8Array;
  readonly memory: Memory;
  readonly layout: Layout;
}

interface Memory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}

interface Exports {
  count(chunk: number): void;
  fill(chunk: number): void;
  search(query: number, radius: number, results: number, room: number): number;
  scanAll(query: number, radius: number, results: number, room: number): number;
}

const engine = globalThis as unknown as {
  readonly WebAssembly: {
    readonly Memory: new (limits: { initial: number; maximum: number; shared: true }) => Memory;
    readonly Module: new (wasm: Uint8Array) => object;
    readonly Instance: new (module: object, imports: object) => { readonly exports: Exports };
  };
};

const page = 64 * 1024;
const mostPages = 65_536;
const planAt = 1024;
const newestCountAt = planAt + 16;
const chunksAt = planAt + 64;
/** Plans end and masks begin here. */
const masksAt = 4096;
/** Masks end and the chunks' tables begin here; 24 bits have 301 masks. */
const chunkTablesAt = 8192;
/** Hashes that may stand aside before a new index is due. */
export const roomForNewest = 65_536;
/** Answers that one search gives room for; a query that matches more is a flood, and told so by `total`. */
const roomForResults = 16_384;
/** Threads that may search at once, each with a place of its own for query and results. */
const mostThreads = 64;
const scratchBytes = hashBytes + 32 + roomForResults * 8;

/** Where everything stands. */
export interface Layout {
  readonly size: number;
  readonly chunks: number;
  readonly hashesAt: number;
  readonly newestAt: number;
  readonly scratchAt: number;
  readonly end: number;
  /** Everything that a saved index holds ends here. */
  readonly savedEnd: number;
}

/**
 * In how many chunks a list of this size is cut. Fewer chunks mean rarer values but more of them to look up; these are
 * the sizes at which the next number answers faster, as `bench/match` measures. 0 compares with all.
 */
export function chunksFor(size: number): number {
  if (size < 50_000) return 0;
  if (size < 300_000) return 16;
  return size < 4_000_000 ? 12 : 11;
}

/**
 * Builds an index over hashes of 32 bytes each.
 * @param wasm the bytes of `kernel/match.wasm`
 * @throws RangeError where the bytes are not whole hashes or too many for 4 GiB
 */
export function buildMatchIndex(
  wasm: Uint8Array,
  hashes: Uint8Array,
  chunks = chunksFor(hashes.length / hashBytes),
): MatchIndex {
  if (hashes.length % hashBytes !== 0) throw new RangeError('hashes have 32 bytes each');
  const layout = layoutOf(hashes.length / hashBytes, chunks);
  const memory = newMemory(layout);
  const index = attachMatchIndex({ wasm, memory, layout }, 0);
  new Uint8Array(memory.buffer, layout.hashesAt, hashes.length).set(hashes);
  writePlan(memory, layout);
  const kernel = instanceOf(wasm, memory);
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    kernel.count(chunk);
    kernel.fill(chunk);
  }
  return index;
}

/**
 * Searches an index that another thread built.
 * @param thread a number of its own for each thread, from 0 to 63
 */
export function attachMatchIndex(shared: SharedIndex, thread: number): MatchIndex {
  if (!Number.isInteger(thread) || thread < 0 || thread >= mostThreads)
    throw new RangeError('no such thread');
  const { memory, layout } = shared;
  const kernel = instanceOf(shared.wasm, memory);
  const queryAt = layout.scratchAt + thread * scratchBytes;
  const resultsAt = queryAt + hashBytes + 32;
  const newestCount = new Int32Array(memory.buffer, newestCountAt, 1);
  const run = (query: Uint8Array, radius: number, isIndexed: boolean): Found => {
    refuseQuery(query, radius);
    new Uint8Array(memory.buffer, queryAt, hashBytes).set(query);
    const look = isIndexed ? kernel.search : kernel.scanAll;
    const total = look(queryAt, radius, resultsAt, roomForResults) >>> 0;
    const results = new Uint32Array(memory.buffer, resultsAt, Math.min(total, roomForResults) * 2);
    const near: Near[] = [];
    for (let at = 0; at < results.length; at += 2) {
      near.push({ id: results[at] ?? 0, distance: results[at + 1] ?? 0 });
    }
    return { near, total };
  };
  return {
    shared,
    get size() {
      return layout.size + Atomics.load(newestCount, 0);
    },
    get newest() {
      return Atomics.load(newestCount, 0);
    },
    search: (query, radius) => run(query, radius, true),
    scan: (query, radius) => run(query, radius, false),
    add: (hash) => {
      refuseQuery(hash, 0);
      const at = Atomics.load(newestCount, 0);
      if (at >= roomForNewest) throw new RangeError('there is no room for more; build a new index');
      new Uint8Array(memory.buffer, layout.newestAt + at * hashBytes, hashBytes).set(hash);
      // The count goes up after the bytes stand, so that no search sees half a hash.
      Atomics.store(newestCount, 0, at + 1);
      return layout.size + at;
    },
    hashes: () => {
      const all = new Uint8Array((layout.size + Atomics.load(newestCount, 0)) * hashBytes);
      all.set(new Uint8Array(memory.buffer, layout.hashesAt, layout.size * hashBytes));
      const newest = all.length - layout.size * hashBytes;
      all.set(new Uint8Array(memory.buffer, layout.newestAt, newest), layout.size * hashBytes);
      return all;
    },
    save: (path) => saveIndex(path, memory, layout),
  };
}

function refuseQuery(query: Uint8Array, radius: number): void {
  if (query.length !== hashBytes) throw new RangeError('a hash has 32 bytes');
  if (!Number.isInteger(radius) || radius < 0 || radius > mostRadius) {
    throw new RangeError(`a radius from 0 to ${mostRadius}`);
  }
}

function instanceOf(wasm: Uint8Array, memory: Memory): Exports {
  const { Module, Instance } = engine.WebAssembly;
  return new Instance(new Module(wasm), { env: { memory } }).exports;
}

function newMemory(layout: Layout): Memory {
  const pages = Math.ceil(layout.end / page);
  return new engine.WebAssembly.Memory({ initial: pages, maximum: mostPages, shared: true });
}

/**
 * How many bits a chunk has: about as many values as there are hashes, so that a value has one hash on average. Bits
 * that no chunk covers cost nothing: two hashes within the radius are within it on the covered ones, too.
 */
function bitsOf(size: number, chunks: number): number {
  return chunks === 0
    ? 0
    : Math.min(Math.floor(256 / chunks), Math.round(Math.log2(Math.max(size, 2 ** 12))));
}

/** Values with at most two bits, fewest first. */
function masksOf(bits: number): number[] {
  const single = Array.from({ length: bits }, (_, bit) => 2 ** bit);
  const double = single.flatMap((a, at) => single.slice(at + 1).map((b) => a + b));
  return [0, ...single, ...double];
}

const offsetsOf = (bits: number): number => (2 ** bits + 2) * 4;
const rounded = (bytes: number): number => Math.ceil(bytes / 64) * 64;

function layoutOf(size: number, chunks: number): Layout {
  const perChunk = rounded(offsetsOf(bitsOf(size, chunks))) + rounded(size * 4);
  const hashesAt = chunkTablesAt + chunks * perChunk;
  // Loads of eight bytes may read past the last hash.
  const savedEnd = rounded(hashesAt + size * hashBytes + 64);
  const newestAt = savedEnd;
  const scratchAt = rounded(newestAt + roomForNewest * hashBytes + 64);
  const end = scratchAt + mostThreads * scratchBytes;
  if (end > mostPages * page) throw new RangeError('more hashes than fit into 4 GiB');
  return { size, chunks, hashesAt, newestAt, scratchAt, savedEnd, end };
}

function writePlan(memory: Memory, layout: Layout): void {
  const plan = new Uint32Array(memory.buffer, planAt, 16);
  plan.set([layout.size, layout.chunks, layout.hashesAt, layout.newestAt, 0]);
  const bits = bitsOf(layout.size, layout.chunks);
  const masks = masksOf(bits);
  new Uint32Array(memory.buffer, masksAt, masks.length).set(masks);
  let at = chunkTablesAt;
  for (let chunk = 0; chunk < layout.chunks; chunk += 1) {
    const idsAt = at + rounded(offsetsOf(bits));
    const firstBit = Math.floor((chunk * 256) / layout.chunks);
    new Uint32Array(memory.buffer, chunksAt + chunk * 32, 5).set([firstBit, bits, at, idsAt, masksAt]);
    at = idsAt + rounded(layout.size * 4);
  }
}

/** What a saved index begins with: 64 bytes that say what follows, so that nothing else is ever loaded for one. */
const magic = 'firstlight-match-1';
const headBytes = 64;
const blockBytes = 32 * 1024 * 1024;

/**
 * Newest hashes are not saved: PostgreSQL is the truth, and whoever loads adds what came after `size`.
 */
function saveIndex(path: string, memory: Memory, layout: Layout): void {
  const temporary = `${path}.new`;
  const file = openSync(temporary, 'w', 0o600);
  try {
    const bytes = new Uint8Array(memory.buffer, 0, layout.savedEnd);
    let check = 0;
    for (let at = 0; at < bytes.length; at += blockBytes) {
      const block = Uint8Array.prototype.slice.call(bytes, at, at + blockBytes);
      if (at === 0) new Uint32Array(block.buffer)[newestCountAt / 4] = 0;
      check = crc32(block, check);
      writeAll(file, block, headBytes + at);
    }
    const head = Buffer.alloc(headBytes);
    head.write(magic, 'latin1');
    head.writeUInt32LE(layout.size, 32);
    head.writeUInt32LE(layout.chunks, 36);
    head.writeUInt32LE(check, 40);
    head.writeUInt32LE(crc32(head.subarray(0, 60)), 60);
    writeAll(file, head, 0);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

function writeAll(file: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, position + at);
}

/** A saved index that is cut, changed or of another version: build it anew from the database. */
export class DamagedIndex extends Error {
  override readonly name = 'DamagedIndex';
}

/** @throws DamagedIndex, or the file system's own error */
export function loadMatchIndex(wasm: Uint8Array, path: string): MatchIndex {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(headBytes);
    readAll(file, head, 0);
    const isOurs = head.toString('latin1', 0, magic.length) === magic;
    if (!isOurs || head.readUInt32LE(60) !== crc32(head.subarray(0, 60))) {
      throw new DamagedIndex(`${path} is not a saved index of this version`);
    }
    const layout = layoutOf(head.readUInt32LE(32), head.readUInt32LE(36));
    const memory = newMemory(layout);
    let check = 0;
    for (let at = 0; at < layout.savedEnd; at += blockBytes) {
      const length = Math.min(blockBytes, layout.savedEnd - at);
      const block = new Uint8Array(memory.buffer, at, length);
      readAll(file, block, headBytes + at);
      check = crc32(block, check);
    }
    if (check !== head.readUInt32LE(40)) throw new DamagedIndex(`${path} was changed or cut`);
    return attachMatchIndex({ wasm, memory, layout }, 0);
  } finally {
    closeSync(file);
  }
}

function readAll(file: number, into: Uint8Array, position: number): void {
  for (let at = 0; at < into.length; ) {
    const read = readSync(file, into, at, into.length - at, position + at);
    if (read === 0) throw new DamagedIndex('the saved index ends too early');
    at += read;
  }
}
