import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  consistencyRanges,
  emptyRoot,
  GrowingTree,
  inclusionRanges,
  isConsistent,
  isSame,
  joined,
  leafHash,
  nodeHash,
  nodesOf,
  type Range,
  rootFromInclusion,
} from './merkle.ts';

/** The inputs and roots with which implementations of RFC 6962 are tested (Certificate Transparency's own vectors). */
const inputs = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => Buffer.from(hex, 'hex'));
const roots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

/** RFC 6962 section 2.1 word for word: the slow second opinion. */
function rootByDefinition(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return emptyRoot;
  if (leaves.length === 1) return leafHash(leaves[0] as Buffer);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(rootByDefinition(leaves.slice(0, split)), rootByDefinition(leaves.slice(split)));
}

const leavesOf = (count: number) =>
  Array.from({ length: count }, (_, index) => Buffer.from(`entry ${index}`));
const hashesOf = (leaves: readonly Buffer[], ranges: readonly Range[]) =>
  ranges.map(({ start, end }) => rootByDefinition(leaves.slice(start, end)));

const sizes = fc.integer({ min: 1, max: 300 });
/** A position within a size, or an older size of it. */
const within = sizes.chain((size) => fc.tuple(fc.integer({ min: 0, max: size - 1 }), fc.constant(size)));

describe('the Merkle tree of RFC 6962', () => {
  it('gives the published roots', () => {
    assert.equal(
      emptyRoot.toString('hex'),
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
    const tree = new GrowingTree();
    assert.ok(isSame(tree.root(), emptyRoot));
    for (const [index, input] of inputs.entries()) {
      tree.add(leafHash(input));
      assert.equal(tree.root().toString('hex'), roots[index]);
      assert.equal(tree.size, index + 1);
    }
  });

  it('gives the published inclusion and consistency proofs', () => {
    const proof = hashesOf(inputs, inclusionRanges(0, 8)).map((hash) => hash.toString('hex'));
    assert.deepEqual(proof, [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ]);
    const consistency = hashesOf(inputs, consistencyRanges(6, 8)).map((hash) => hash.toString('hex'));
    assert.deepEqual(consistency, [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ]);
  });

  it('grows to what the definition says, by leaves or by subtrees', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), (size) => {
        const leaves = leavesOf(size);
        const tree = new GrowingTree();
        for (const leaf of leaves) tree.add(leafHash(leaf));
        const root = rootByDefinition(leaves);
        assert.ok(isSame(tree.root(), root));
        const bySubtrees = new GrowingTree();
        for (const node of nodesOf({ start: 0, end: size })) {
          const start = node.index * 2 ** node.level;
          bySubtrees.addSubtree(rootByDefinition(leaves.slice(start, start + 2 ** node.level)), node.level);
        }
        assert.ok(isSame(bySubtrees.root(), root));
      }),
    );
  });

  it('puts every range together from complete subtrees', () => {
    fc.assert(
      fc.property(within, ([index, size]) => {
        const leaves = leavesOf(size);
        for (const range of [...inclusionRanges(index, size), ...consistencyRanges(index, size)]) {
          const parts = nodesOf(range).map(({ level, index: at }) =>
            rootByDefinition(leaves.slice(at * 2 ** level, (at + 1) * 2 ** level)),
          );
          assert.ok(isSame(joined(parts), rootByDefinition(leaves.slice(range.start, range.end))));
        }
      }),
    );
  });

  it('proves every entry, and nothing else at that place', () => {
    fc.assert(
      fc.property(within, fc.nat(), ([index, size], harm) => {
        const leaves = leavesOf(size);
        const root = rootByDefinition(leaves);
        const proof = hashesOf(leaves, inclusionRanges(index, size));
        const leaf = leafHash(leaves[index] as Buffer);
        assert.ok(isSame(rootFromInclusion(leaf, index, size, proof) ?? emptyRoot, root));
        const wrong = [
          rootFromInclusion(leafHash(Buffer.from('another')), index, size, proof),
          rootFromInclusion(leaf, index, size, [...proof, emptyRoot]),
          rootFromInclusion(leaf, index, size, proof.slice(1)),
          rootFromInclusion(leaf, index + size, size, proof),
        ];
        if (proof.length > 0) wrong.push(rootFromInclusion(leaf, index, size, harmed(proof, harm)));
        // A tree of one entry has an empty proof, so nothing can be taken away from it.
        for (const found of proof.length === 0 ? wrong.slice(0, 2) : wrong)
          assert.ok(found === undefined || !isSame(found, root));
      }),
    );
  });

  it('proves that a log only grew, and never that it did when it did not', () => {
    fc.assert(
      fc.property(within, fc.nat(), ([oldSize, size], harm) => {
        const leaves = leavesOf(size);
        const old = { size: oldSize, root: rootByDefinition(leaves.slice(0, oldSize)) };
        const now = { size, root: rootByDefinition(leaves) };
        const proof = hashesOf(leaves, consistencyRanges(oldSize, size));
        assert.ok(isConsistent(old, now, proof));
        assert.ok(!isConsistent(old, now, [...proof, emptyRoot]));
        assert.ok(!isConsistent({ ...old, size: size + 1 }, now, proof));
        if (oldSize === 0) return;
        const rewritten = leaves.with(oldSize - 1, Buffer.from('another'));
        const forged = { size, root: rootByDefinition(rewritten) };
        assert.ok(!isConsistent(old, forged, hashesOf(rewritten, consistencyRanges(oldSize, size))));
        assert.ok(!isConsistent({ ...old, root: emptyRoot }, now, proof));
        if (proof.length > 0) assert.ok(!isConsistent(old, now, harmed(proof, harm)));
      }),
    );
  });

  it('knows no proof for a place outside the tree', () => {
    assert.throws(() => inclusionRanges(4, 4), RangeError);
    assert.throws(() => inclusionRanges(-1, 4), RangeError);
    assert.throws(() => consistencyRanges(5, 4), RangeError);
    assert.deepEqual(consistencyRanges(0, 4), []);
    assert.deepEqual(consistencyRanges(4, 4), []);
  });
});

function harmed(proof: readonly Buffer[], harm: number): Buffer[] {
  const at = harm % proof.length;
  const hash = Buffer.from(proof[at] as Buffer);
  hash[harm % hash.length] = (hash[harm % hash.length] ?? 0) ^ 1;
  return proof.toSpliced(at, 1, hash);
}
