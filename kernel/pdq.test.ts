import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { bitsApart, decode, type Golden, readGolden } from '../bench/golden.ts';
import { hashPlainly } from './oracle.ts';
import { hexOf, orientations } from './orientations.ts';
import { createPdqKernel, longestSide, type PdqKernel } from './pdq.ts';

const wasmPath = fileURLToPath(new URL('./pdq.wasm', import.meta.url));

let kernel: PdqKernel;
let golden: readonly Golden[];

before(async () => {
  kernel = await createPdqKernel(await readFile(wasmPath));
  golden = await readGolden();
});

/** A picture with detail of several sizes: waves across it and a little noise, the same for the same seed. */
function texture(width: number, height: number, seed: number): Uint8Array {
  const rgb = new Uint8Array(width * height * 3);
  let state = seed | 1;
  for (let at = 0; at < rgb.length; at += 1) {
    const pixel = Math.floor(at / 3);
    const [x, y] = [(pixel % width) / width, Math.floor(pixel / width) / height];
    state = Math.imul(state, 1664525) + 1013904223;
    const wave =
      Math.sin((x * (3 + (seed % 7)) + y * (2 + (at % 3))) * 6) + Math.cos(y * (5 + (seed % 5)) * 6 - x * 4);
    rgb[at] = Math.max(0, Math.min(255, 128 + wave * 45 + (state >>> 27)));
  }
  return rgb;
}

describe('the PDQ kernel', () => {
  it('gives the published reference its bits and its quality for every golden picture, in all orientations', async () => {
    assert.ok(golden.length >= 38);
    for (const one of golden) {
      const { rgb, width, height } = await decode(one.file);
      const result = kernel.hashPicture(rgb, width, height);
      assert.deepEqual(result.orientations, one.orientations, one.file);
      assert.equal(result.hash, one.orientations.original);
      assert.equal(result.quality, one.quality, one.file);
    }
  });

  it('agrees with the plain algorithm for any size: at most 2 bits off, and its quality to within 1', () => {
    const sides = fc.integer({ min: 5, max: longestSide });
    fc.assert(
      fc.property(sides, sides, fc.integer({ min: 1, max: 1e6 }), (width, height, seed) => {
        const rgb = texture(width, height, seed);
        const plain = hashPlainly(rgb, width, height);
        const ours = kernel.hashPicture(rgb, width, height);
        for (const orientation of orientations) {
          assert.ok(bitsApart(ours.orientations[orientation], hexOf(plain.frequencies, orientation)) <= 2);
        }
        assert.ok(Math.abs(ours.quality - plain.quality) <= 1);
      }),
      { numRuns: 60 },
    );
  });

  it('gives what thinning out by hand gives for larger pictures, stretched ones included', () => {
    for (const [width, height] of [
      [513, 512],
      [700, 900],
      [3001, 40],
      [40, 1200],
      [1, 700],
    ] as const) {
      const rgb = texture(width, height, width + height);
      const small = new Uint8Array(longestSide * longestSide * 3);
      for (let at = 0; at < longestSide * longestSide; at += 1) {
        const x = Math.floor(((at % longestSide) * width) / longestSide);
        const y = Math.floor((Math.floor(at / longestSide) * height) / longestSide);
        small.set(rgb.subarray((y * width + x) * 3, (y * width + x) * 3 + 3), at * 3);
      }
      assert.deepEqual(
        kernel.hashPicture(rgb, width, height),
        kernel.hashPicture(small, longestSide, longestSide),
        `${width} x ${height}`,
      );
    }
  });

  it('does not depend on what was hashed before', () => {
    const [a, b] = [texture(300, 200, 5), texture(512, 97, 9)];
    const first = kernel.hashPicture(a, 300, 200);
    kernel.hashPicture(b, 512, 97);
    kernel.hashPicture(new Uint8Array(64 * 64 * 3), 64, 64);
    assert.deepEqual(kernel.hashPicture(a, 300, 200), first);
  });

  it('hashes in place what was written into its memory', () => {
    const rgb = texture(320, 240, 77);
    kernel.pixels(320, 240).set(rgb);
    const { hash, quality } = kernel.hash(320, 240);
    const { orientations: all, ...whole } = kernel.hashPicture(rgb, 320, 240);
    assert.deepEqual({ hash, quality }, whole);
    assert.equal(hash, all.original);
  });

  it('gives a picture with a side of less than five pixels no hash and no quality', () => {
    for (const [width, height] of [
      [1, 1],
      [4, 300],
      [300, 4],
    ] as const) {
      const result = kernel.hashPicture(texture(width, height, 3), width, height);
      assert.deepEqual([result.hash, result.quality], ['0'.repeat(64), 0]);
    }
  });

  it('refuses sizes that are none, and pictures with too few bytes', () => {
    for (const side of [0, -1, 1.5, Number.NaN, 513])
      assert.throws(() => kernel.pixels(side, 10), RangeError);
    assert.throws(() => kernel.hashPicture(new Uint8Array(10), 100, 100), RangeError);
  });
});
