import { hash } from 'node:crypto';

/** Merkle tree hashing of RFC 6962 section 2.1 with SHA-256. Sizes and positions are whole numbers below 2^53. */

export const hashBytes = 32;

/** The root of a tree without entries: SHA-256 of nothing. */
export const emptyRoot: Buffer = hash('sha256', Buffer.alloc(0), 'buffer');

export function sha256(data: Uint8Array): Buffer {
  return hash('sha256', data, 'buffer');
}

export function leafHash(data: Uint8Array): Buffer {
  const prefixed = Buffer.allocUnsafe(data.length + 1);
  prefixed[0] = 0;
  prefixed.set(data, 1);
  return sha256(prefixed);
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  const joined = Buffer.allocUnsafe(1 + 2 * hashBytes);
  joined[0] = 1;
  joined.set(left, 1);
  joined.set(right, 1 + hashBytes);
  return sha256(joined);
}

/** A complete subtree: the entries from `index * 2^level` up to `(index + 1) * 2^level`, without the latter. */
export interface TreeNode {
  readonly level: number;
  readonly index: number;
}

/** Entries from `start` up to `end`, without the latter. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * The complete subtrees that a range is made of, from the left. The range must be one that RFC 6962 splits a tree
 * into: it begins at a multiple of the power of two that it fits into.
 */
export function nodesOf({ start, end }: Range): TreeNode[] {
  const nodes: TreeNode[] = [];
  for (let at = start; at < end; ) {
    let [level, width] = [0, 1];
    while (at % (width * 2) === 0 && at + width * 2 <= end) [level, width] = [level + 1, width * 2];
    nodes.push({ level, index: at / width });
    at += width;
  }
  return nodes;
}

/** The hash of a range from those of its complete subtrees, from the left; the empty tree's root for none. */
export function joined(hashes: readonly Uint8Array[]): Buffer {
  const last = hashes.at(-1);
  if (last === undefined) return emptyRoot;
  let root: Buffer = Buffer.from(last);
  for (const left of hashes.slice(0, -1).reverse()) root = nodeHash(left, root);
  return root;
}

/** Grows by one leaf hash at a time and keeps one hash for each complete subtree: at most 53. */
export class GrowingTree {
  size = 0;
  readonly #subtrees: { level: number; hash: Buffer }[] = [];

  add(leaf: Buffer): void {
    this.addSubtree(leaf, 0);
  }

  /** @param level of the complete subtree; the size must be a multiple of 2^level */
  addSubtree(root: Buffer, level: number): void {
    let grown = { level, hash: root };
    for (
      let last = this.#subtrees.at(-1);
      last?.level === grown.level && last !== undefined;
      last = this.#subtrees.at(-1)
    ) {
      this.#subtrees.pop();
      grown = { level: grown.level + 1, hash: nodeHash(last.hash, grown.hash) };
    }
    this.#subtrees.push(grown);
    this.size += 2 ** level;
  }

  root(): Buffer {
    return joined(this.#subtrees.map((subtree) => subtree.hash));
  }
}

/** The largest power of two below `size`, which is 2 or more. */
function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/** What an inclusion proof consists of (RFC 6962 section 2.1.1), from the leaf's sibling up. */
export function inclusionRanges(index: number, size: number): Range[] {
  if (!(Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size))
    throw new RangeError(`no entry ${index} in a tree of ${size}`);
  const ranges: Range[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  return ranges.reverse();
}

/** What a consistency proof consists of (RFC 6962 section 2.1.2). Nothing where the old tree is empty or the same. */
export function consistencyRanges(oldSize: number, size: number): Range[] {
  if (!(Number.isSafeInteger(oldSize) && Number.isSafeInteger(size) && oldSize >= 0 && oldSize <= size))
    throw new RangeError(`a tree of ${size} does not continue one of ${oldSize}`);
  if (oldSize === 0 || oldSize === size) return [];
  const ranges: Range[] = [];
  let [start, end] = [0, size];
  let isWholeOld = true;
  while (oldSize < end) {
    const middle = start + splitOf(end - start);
    if (oldSize <= middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
      isWholeOld = false;
    }
  }
  if (!isWholeOld) ranges.push({ start, end });
  return ranges.reverse();
}

/** The root that follows from a leaf and its inclusion proof; undefined when the proof has the wrong length. */
export function rootFromInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
): Buffer | undefined {
  if (index < 0 || index >= size) return undefined;
  const ranges = inclusionRanges(index, size);
  if (ranges.length !== proof.length) return undefined;
  let root: Buffer = Buffer.from(leaf);
  for (const [step, { start }] of ranges.entries()) {
    const sibling = proof[step] ?? emptyRoot;
    root = start > index ? nodeHash(root, sibling) : nodeHash(sibling, root);
  }
  return root;
}

interface Tree {
  readonly size: number;
  readonly root: Uint8Array;
}

/** Whether the proof shows that the new tree begins with everything that is in the old one. */
export function isConsistent(old: Tree, now: Tree, proof: readonly Uint8Array[]): boolean {
  if (old.size > now.size) return false;
  if (old.size === 0) return proof.length === 0;
  if (old.size === now.size) return proof.length === 0 && isSame(old.root, now.root);
  const ranges = consistencyRanges(old.size, now.size);
  if (ranges.length !== proof.length) return false;
  const [first, ...others] = ranges;
  if (first === undefined) return false;
  // The innermost subtree is known where it is the whole old tree; else the proof begins with it.
  const startsWhole = first.start === old.size;
  const inner = startsWhole ? old.root : (proof[0] ?? emptyRoot);
  let oldRoot: Buffer = Buffer.from(inner);
  let newRoot: Buffer = Buffer.from(inner);
  const rest = startsWhole ? ranges : others;
  const hashes = startsWhole ? proof : proof.slice(1);
  for (const [step, { start }] of rest.entries()) {
    const sibling = hashes[step] ?? emptyRoot;
    if (start >= old.size) {
      newRoot = nodeHash(newRoot, sibling);
    } else {
      oldRoot = nodeHash(sibling, oldRoot);
      newRoot = nodeHash(sibling, newRoot);
    }
  }
  return isSame(oldRoot, old.root) && isSame(newRoot, now.root);
}

export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
