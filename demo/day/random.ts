/**
 * Seeded randomness for the invented day: the same key gives the same numbers on every machine.
 *
 * Generator: xoshiro128** 1.1, David Blackman and Sebastiano Vigna, 2018, public domain
 * (https://prng.di.unimi.it/xoshiro128starstar.c). Seeding: FNV-1a over the key, finished with the 32-bit finaliser
 * of MurmurHash3, Austin Appleby, public domain. For invented data only, never for secrets.
 */
export interface Random {
  /** 32 bits, 0 to 4294967295. */
  bits(): number;
  /** At least 0, below 1. */
  unit(): number;
  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number;
  chance(share: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** Picks by the second of each pair; the weights need not sum to 1. */
  weighted<T>(list: readonly (readonly [T, number])[]): T;
}

/** The stream that belongs to a key, for example `randomOf(7, 'report', 12)`. */
export function randomOf(...key: readonly (string | number)[]): Random {
  return randomFrom(seedOf(key.join('/')));
}

/** The stream of a state of four 32-bit words, not all zero. */
export function randomFrom(state: readonly [number, number, number, number]): Random {
  let [a, b, c, d] = state;
  const bits = (): number => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotateLeft(d, 11);
    return result;
  };
  const unit = (): number => bits() / 4294967296;
  const whole = (low: number, high: number): number => low + Math.floor(unit() * (high - low + 1));
  const pick = <T>(list: readonly T[]): T => {
    const item = list[Math.floor(unit() * list.length)];
    if (item === undefined) throw new Error('pick needs a list that is not empty');
    return item;
  };
  const weighted = <T>(list: readonly (readonly [T, number])[]): T => {
    let rest = unit() * list.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [item, weight] of list) {
      rest -= weight;
      if (rest < 0) return item;
    }
    return pick(list)[0];
  };
  return { bits, unit, whole, chance: (share) => unit() < share, pick, weighted };
}

function seedOf(key: string): [number, number, number, number] {
  const lane = (start: number): number => {
    let hash = start;
    for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
    return finalise(hash) | 0;
  };
  // The last lane is never zero, because an all-zero state would stay zero for ever.
  return [lane(0x811c9dc5), lane(0x9e3779b9), lane(0x7f4a7c15), lane(0x2545f491) | 1];
}

function finalise(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function rotateLeft(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
