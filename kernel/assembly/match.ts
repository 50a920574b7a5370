/**
 * Every stored hash within a radius of a query, none missed: multi-index hashing (Norouzi, Punjani, Fleet, "Fast Exact
 * Search in Hamming Space with Multi-Index Hashing", 2014). A hash of 256 bits is cut into chunks; two hashes within the
 * radius agree, to within a small share of it, in at least one chunk. For each chunk there is a table from its value to
 * the hashes that have it. For AssemblyScript, over memory that several threads share: everything here but `fill` and
 * `addUp` only reads.
 *
 * Where things stand in memory is the host's choice; it leaves a plan at 1024.
 */

/** u32: how many hashes, how many chunks, where the hashes stand, where the newest stand, how many of those. */
const planAt: usize = 1024;
/** For each chunk 32 bytes: first bit, bits, where its table of offsets stands, its ids, its masks. */
const chunksAt: usize = planAt + 64;

function chunkAt(chunk: i32): usize {
  return chunksAt + <usize>(chunk << 5);
}

/** Up to 32 bits from anywhere in a hash. A load of 8 bytes may read past the last hash: the host leaves room. */
function chunkValue(hash: usize, firstBit: i32, bits: i32): u32 {
  const word = load<u64>(hash + <usize>(firstBit >> 3));
  return <u32>((word >> <u64>(firstBit & 7)) & (((<u64>1) << (<u64>bits)) - 1));
}

function distance(a: usize, b: usize): i32 {
  // Most candidates differ in more bits than the radius within the first half already; the caller's radius is at most 63.
  const half = popcnt(load<u64>(a) ^ load<u64>(b)) + popcnt(load<u64>(a, 8) ^ load<u64>(b, 8));
  if (half > 63) return 256;
  return <i32>(
    (half + popcnt(load<u64>(a, 16) ^ load<u64>(b, 16)) + popcnt(load<u64>(a, 24) ^ load<u64>(b, 24)))
  );
}

/** Counts how many hashes have each value of a chunk, one place further on, as `addUp` wants it. */
export function count(chunk: i32): void {
  const n = load<u32>(planAt);
  const hashes = load<u32>(planAt, 8);
  const plan = chunkAt(chunk);
  const firstBit = load<i32>(plan);
  const bits = load<i32>(plan, 4);
  const offsets = <usize>load<u32>(plan, 8);
  memory.fill(offsets, 0, (((<usize>1) << bits) + 2) << 2);
  let hash = <usize>hashes;
  for (let at: u32 = 0; at < n; at++) {
    const place = offsets + ((<usize>(chunkValue(hash, firstBit, bits) + 2)) << 2);
    store<u32>(place, load<u32>(place) + 1);
    hash += 32;
  }
}

/** Turns counts into where each value's ids begin, and writes the ids. */
export function fill(chunk: i32): void {
  const n = load<u32>(planAt);
  const plan = chunkAt(chunk);
  const firstBit = load<i32>(plan);
  const bits = load<i32>(plan, 4);
  const offsets = <usize>load<u32>(plan, 8);
  const ids = <usize>load<u32>(plan, 12);
  const end = offsets + ((((<usize>1) << bits) + 2) << 2);
  let sum: u32 = 0;
  for (let place = offsets; place < end; place += 4) {
    sum += load<u32>(place);
    store<u32>(place, sum);
  }
  let hash = <usize>load<u32>(planAt, 8);
  for (let at: u32 = 0; at < n; at++) {
    const place = offsets + ((<usize>(chunkValue(hash, firstBit, bits) + 1)) << 2);
    const to = load<u32>(place);
    store<u32>(ids + ((<usize>to) << 2), at);
    store<u32>(place, to + 1);
    hash += 32;
  }
}

/** How far a chunk is looked into: of a radius r over m chunks, the first r mod m + 1 up to r / m, the rest one less. */
function reachOf(chunk: i32, radius: i32, chunks: i32): i32 {
  return radius / chunks - (chunk > radius % chunks ? 1 : 0);
}

/** Whether an earlier chunk has brought this hash already. */
function isKnown(hash: usize, query: usize, chunk: i32, radius: i32, chunks: i32): bool {
  for (let earlier = 0; earlier < chunk; earlier++) {
    const plan = chunkAt(earlier);
    const firstBit = load<i32>(plan);
    const bits = load<i32>(plan, 4);
    const apart = popcnt(chunkValue(hash, firstBit, bits) ^ chunkValue(query, firstBit, bits));
    if (<i32>apart <= reachOf(earlier, radius, chunks)) return true;
  }
  return false;
}

/** The values at most two bits away number 1 + b + b (b - 1) / 2; the masks are ordered by their bits. */
function masksWithin(reach: i32, bits: i32): i32 {
  if (reach < 0) return 0;
  if (reach === 0) return 1;
  return reach === 1 ? 1 + bits : 1 + bits + (bits * (bits - 1)) / 2;
}

/** Looks at every hash from `from` on. @returns the number found so far */
function scan(
  from: usize,
  howMany: u32,
  firstId: u32,
  query: usize,
  radius: i32,
  found: u32,
  results: usize,
  room: u32,
): u32 {
  let hash = from;
  let total = found;
  for (let at: u32 = 0; at < howMany; at++) {
    const apart = distance(hash, query);
    if (apart <= radius) {
      if (total < room) {
        store<u32>(results + ((<usize>total) << 3), firstId + at);
        store<u32>(results + ((<usize>total) << 3), <u32>apart, 4);
      }
      total++;
    }
    hash += 32;
  }
  return total;
}

/** Compares with every hash, one after the other: for small lists, for skewed ones, and to hold `search` against. */
export function scanAll(query: usize, radius: i32, results: usize, room: u32): u32 {
  const n = load<u32>(planAt);
  const found = scan(<usize>load<u32>(planAt, 8), n, 0, query, radius, 0, results, room);
  return scan(
    <usize>load<u32>(planAt, 12),
    atomic.load<u32>(planAt + 16),
    n,
    query,
    radius,
    found,
    results,
    room,
  );
}

/**
 * Writes id and distance (u32 each) of every hash within the radius to `results`, as many as there is room for, in no
 * order. Where the chunks hold so many candidates that comparing with all is cheaper, it does that.
 * @returns how many there are, which may be more than there was room for
 */
export function search(query: usize, radius: i32, results: usize, room: u32): u32 {
  const n = load<u32>(planAt);
  const chunks = load<i32>(planAt, 4);
  if (chunks === 0) return scanAll(query, radius, results, room);
  const hashes = <usize>load<u32>(planAt, 8);
  // A candidate is a jump through memory, a scan is a walk: about one jump for six steps.
  let patience = <i32>(n / 6) + 64;
  let total: u32 = 0;
  for (let chunk = 0; chunk < chunks; chunk++) {
    const plan = chunkAt(chunk);
    const bits = load<i32>(plan, 4);
    const offsets = <usize>load<u32>(plan, 8);
    const ids = <usize>load<u32>(plan, 12);
    const value = chunkValue(query, load<i32>(plan), bits);
    let mask = <usize>load<u32>(plan, 16);
    const lastMask = mask + ((<usize>masksWithin(reachOf(chunk, radius, chunks), bits)) << 2);
    for (; mask < lastMask; mask += 4) {
      const place = offsets + ((<usize>(value ^ load<u32>(mask))) << 2);
      let id = ids + ((<usize>load<u32>(place)) << 2);
      const lastId = ids + ((<usize>load<u32>(place, 4)) << 2);
      if (id === lastId) continue;
      patience -= <i32>((lastId - id) >> 2);
      if (patience < 0) return scanAll(query, radius, results, room);
      for (; id < lastId; id += 4) {
        const hash = hashes + ((<usize>load<u32>(id)) << 5);
        const apart = distance(hash, query);
        if (apart <= radius && !isKnown(hash, query, chunk, radius, chunks)) {
          if (total < room) {
            store<u32>(results + ((<usize>total) << 3), load<u32>(id));
            store<u32>(results + ((<usize>total) << 3), <u32>apart, 4);
          }
          total++;
        }
      }
    }
  }
  return scan(
    <usize>load<u32>(planAt, 12),
    atomic.load<u32>(planAt + 16),
    n,
    query,
    radius,
    total,
    results,
    room,
  );
}
