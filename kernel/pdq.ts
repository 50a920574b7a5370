import { cosines } from './oracle.ts';
import { changes, type Orientation, orientations } from './orientations.ts';
import { planSide, points } from './plan.ts';

/** Longer sides are thinned out to this, aspect ratio ignored, as the reference does. */
export const longestSide = 512;
/** The reference gives pictures with a shorter side no hash. */
export const shortestSide = 5;

/** The hash of one picture. */
export interface Pdq {
  /** 256 bits as 64 lower-case hex digits. */
  readonly hash: string;
  /** 0 to 100; below 50 a match says nothing. */
  readonly quality: number;
}

export interface PdqOrientations extends Pdq {
  /** The hash that the picture would have turned or mirrored, by the reference's names. */
  readonly orientations: Readonly<Record<Orientation, string>>;
}

/** Hashes one picture after another in memory of its own. Not for two at once. */
export interface PdqKernel {
  /**
   * Memory for a picture of at most 512 x 512: three bytes a pixel, red, green, blue, rows one after the other. Write the
   * picture there and call `hash` with the same size; nothing is copied.
   */
  pixels(width: number, height: number): Uint8Array;
  /** Hashes what stands in `pixels`. */
  hash(width: number, height: number): Pdq;
  /** The same with all eight orientations. */
  hashAll(width: number, height: number): PdqOrientations;
  /** Copies a picture of any size in, thinning it out as the reference does, and hashes it. */
  hashPicture(rgb: Uint8Array, width: number, height: number): PdqOrientations;
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  addressOfPixels(): number;
  addressOfRowPlan(): number;
  addressOfColumnPlan(): number;
  addressOfRowWeights(): number;
  addressOfColumnWeights(): number;
  addressOfFolded(): number;
  addressOfCosines(): number;
  addressOfTurned(): number;
  addressOfBits(): number;
  addressOfRow(): number;
  thinRow(width: number, into: number): void;
  repeatRow(from: number, into: number): void;
  hash(rowBytes: number): number;
  hashInSteps(width: number, height: number): number;
  orient(orientation: number, isTransposed: number, signs: number): void;
}

/** Node and browsers both have it, while the library of types for Node alone does not name it. */
const engine = globalThis as unknown as {
  readonly WebAssembly: {
    instantiate(
      wasm: Uint8Array,
      imports: object,
    ): Promise<{ readonly instance: { readonly exports: Exports } }>;
  };
};

const page = 64 * 1024;
/**
 * In a picture with less than this quality many frequencies lie so close to their median that the reference's own
 * rounding decides them; such a picture is hashed in the reference's steps. It is also the quality below which nothing
 * is matched. The same holds for a side of less than 64 pixels, whose points repeat pixels.
 */
const leastSureQuality = 50;
/** What a picture that is too small gets. */
const noHash = '0'.repeat(64);
/** Thousandths of red, green and blue in luma (ITU-R BT.601). */
const colours = [299, 587, 114] as const;

/**
 * A kernel from the bytes of `kernel/pdq.wasm`, in Node or in a browser.
 * @throws where WebAssembly with SIMD is not to be had
 */
export async function createPdqKernel(wasm: Uint8Array): Promise<PdqKernel> {
  const { instance } = await engine.WebAssembly.instantiate(wasm, {});
  const kernel = instance.exports;
  loadCosines(kernel);
  const plans = new PlanLoader(kernel);
  const run = (width: number, height: number): number => {
    const isStretched = width < points || height < points;
    const isExactly = width === points && height === points;
    if (!isStretched && !isExactly) {
      plans.load(width, height);
      const quality = kernel.hash(width * 3);
      if (quality >= leastSureQuality) return quality;
    }
    return kernel.hashInSteps(width, height);
  };
  const hashAll = (width: number, height: number): PdqOrientations => {
    const isTooSmall = width < shortestSide || height < shortestSide;
    const quality = isTooSmall ? 0 : run(width, height);
    const of = (one: Orientation): string => (isTooSmall ? noHash : hexOf(kernel, one));
    const all = Object.fromEntries(orientations.map((one) => [one, of(one)])) as Record<Orientation, string>;
    return { hash: all.original, quality, orientations: all };
  };
  const pixels = (width: number, height: number): Uint8Array => {
    refuseSize(width, height, longestSide);
    return new Uint8Array(kernel.memory.buffer, kernel.addressOfPixels(), width * height * 3);
  };
  return {
    pixels,
    hashAll,
    hash: (width, height) => {
      if (width < shortestSide || height < shortestSide) return { hash: noHash, quality: 0 };
      const quality = run(width, height);
      return { hash: hexOf(kernel, 'original'), quality };
    },
    hashPicture: (rgb, width, height) => {
      refuseSize(width, height, Number.MAX_SAFE_INTEGER);
      if (rgb.length < width * height * 3)
        throw new RangeError('the picture has fewer bytes than its size says');
      if (width <= longestSide && height <= longestSide) {
        pixels(width, height).set(rgb.subarray(0, width * height * 3));
        return hashAll(width, height);
      }
      thin(kernel, rgb, width, height);
      return hashAll(longestSide, longestSide);
    },
  };
}

function loadCosines(kernel: Exports): void {
  const matrix = cosines();
  new Float32Array(kernel.memory.buffer, kernel.addressOfCosines(), matrix.length).set(matrix);
  const rows = matrix.length / points;
  const turned = new Float32Array(kernel.memory.buffer, kernel.addressOfTurned(), matrix.length);
  for (const [at, value] of matrix.entries()) turned[(at % points) * rows + Math.floor(at / points)] = value;
}

const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const signOf = { none: 0, odd: 1, even: 2 } as const;

function hexOf(kernel: Exports, orientation: Orientation): string {
  const { isTransposed, rows, columns } = changes[orientation];
  const index = orientations.indexOf(orientation);
  kernel.orient(index, isTransposed ? 1 : 0, signOf[rows] | (signOf[columns] << 2));
  const bits = new Uint8Array(kernel.memory.buffer, kernel.addressOfBits() + index * 32, 32);
  let hex = '';
  for (const byte of bits) hex += hexOfByte[byte];
  return hex;
}

function refuseSize(width: number, height: number, most: number): void {
  for (const side of [width, height]) {
    if (!Number.isInteger(side) || side < 1 || side > most) throw new RangeError(`a side of ${side} pixels`);
  }
}

/** 512 x 512 by the nearest sample at the left and above. */
function thin(kernel: Exports, rgb: Uint8Array, width: number, height: number): void {
  const rowBytes = width * 3;
  const needed = kernel.addressOfRow() + rowBytes + 16;
  const missing = needed - kernel.memory.buffer.byteLength;
  if (missing > 0) kernel.memory.grow(Math.ceil(missing / page));
  const row = new Uint8Array(kernel.memory.buffer, kernel.addressOfRow(), rowBytes);
  let before = -1;
  for (let into = 0; into < longestSide; into += 1) {
    const from = Math.floor((into * height) / longestSide);
    if (from === before) {
      kernel.repeatRow(into - 1, into);
      continue;
    }
    row.set(rgb.subarray(from * rowBytes, (from + 1) * rowBytes));
    kernel.thinRow(width, into);
    before = from;
  }
}

/** Puts the plans of a size into the kernel's memory; the last size stays there. */
class PlanLoader {
  readonly #kernel: Exports;
  #width = 0;
  #height = 0;

  constructor(kernel: Exports) {
    this.#kernel = kernel;
  }

  load(width: number, height: number): void {
    const kernel = this.#kernel;
    if (height !== this.#height) {
      this.#write(height, kernel.addressOfRowPlan(), kernel.addressOfRowWeights());
      this.#height = height;
    }
    if (width !== this.#width) {
      this.#write(width, kernel.addressOfColumnPlan(), kernel.addressOfColumnWeights());
      this.#fold(width);
      this.#width = width;
    }
  }

  #write(side: number, planAt: number, weightsAt: number): void {
    const plan = planOf(side);
    const table = new Int32Array(this.#kernel.memory.buffer, planAt, points * 4);
    for (let point = 0; point < points; point += 1) {
      table[point * 4] = plan.first[point] ?? 0;
      table[point * 4 + 1] = plan.count[point] ?? 0;
      table[point * 4 + 2] = plan.touchesBorder[point] ?? 0;
      table[point * 4 + 3] = plan.denominator[point] ?? 1;
    }
    new Uint16Array(this.#kernel.memory.buffer, weightsAt, plan.weights.length).set(plan.weights);
  }

  #fold(width: number): void {
    const plan = planOf(width);
    const folded = new Int16Array(this.#kernel.memory.buffer, this.#kernel.addressOfFolded(), points * 24);
    folded.fill(0);
    for (let point = 0; point < points; point += 1) {
      if (plan.touchesBorder[point] === 1) continue;
      for (let at = 0; at < (plan.count[point] ?? 0); at += 1) {
        for (const [colour, share] of colours.entries()) {
          folded[point * 24 + at * 3 + colour] = (plan.weights[point * 8 + at] ?? 0) * share;
        }
      }
    }
  }
}

/** Pictures of one service often share a size; what is made once is kept for the sides there can be. */
const known = new Map<number, ReturnType<typeof planSide>>();
function planOf(side: number): ReturnType<typeof planSide> {
  const plan = known.get(side) ?? planSide(side);
  known.set(side, plan);
  return plan;
}
