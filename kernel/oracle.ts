import { side as frequencies } from './orientations.ts';
import { points, windowOf } from './plan.ts';

/**
 * PDQ step by step as the reference does it, in plain TypeScript with numbers of 32 bits: slow, and what the kernel is
 * held against. Described in "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm" (2019).
 */
export function hashPlainly(
  rgb: Uint8Array,
  width: number,
  height: number,
): { readonly frequencies: Float32Array; readonly quality: number } {
  const luma = new Float32Array(width * height);
  for (let at = 0; at < luma.length; at += 1) {
    const [red = 0, green = 0, blue = 0] = rgb.subarray(at * 3, at * 3 + 3);
    luma[at] = 0.299 * red + 0.587 * green + 0.114 * blue;
  }
  const small =
    width === points && height === points ? luma : sampled(smoothed(luma, width, height), width, height);
  return { frequencies: transformed(small), quality: qualityOf(small) };
}

function smoothed(luma: Float32Array, width: number, height: number): Float32Array {
  const other = new Float32Array(luma.length);
  for (let pass = 0; pass < 2; pass += 1) {
    for (let row = 0; row < height; row += 1)
      smoothLine(luma, other, { from: row * width, step: 1, length: width });
    for (let column = 0; column < width; column += 1) {
      smoothLine(other, luma, { from: column, step: width, length: height });
    }
  }
  return luma;
}

/** A box filter by a running sum: enter pixels ahead, leave pixels behind, divide by how many are inside. */
function smoothLine(
  input: Float32Array,
  output: Float32Array,
  line: { readonly from: number; readonly step: number; readonly length: number },
): void {
  const window = windowOf(line.length);
  const ahead = Math.floor((window + 2) / 2) - 1;
  const behind = window - ahead;
  let sum = 0;
  let inside = 0;
  for (let at = -ahead; at < line.length; at += 1) {
    const entering = at + ahead;
    const leaving = at - behind;
    if (entering < line.length) {
      sum = Math.fround(sum + (input[line.from + entering * line.step] ?? 0));
      inside += 1;
    }
    if (leaving >= 0) {
      sum = Math.fround(sum - (input[line.from + leaving * line.step] ?? 0));
      inside -= 1;
    }
    if (at >= 0) output[line.from + at * line.step] = sum / inside;
  }
}

function sampled(luma: Float32Array, width: number, height: number): Float32Array {
  const small = new Float32Array(points * points);
  for (let row = 0; row < points; row += 1) {
    for (let column = 0; column < points; column += 1) {
      const y = Math.floor(((row + 0.5) * height) / points);
      const x = Math.floor(((column + 0.5) * width) / points);
      small[row * points + column] = luma[y * width + x] ?? 0;
    }
  }
  return small;
}

/** Row k of the cosine matrix, k from 1 to 16: sqrt(2/64) cos(π/128 · k (2 j + 1)), the root in 32 bits as there. */
export function cosines(): Float32Array {
  const matrix = new Float32Array(frequencies * points);
  const scale = Math.fround(Math.sqrt(2 / points));
  for (let row = 0; row < frequencies; row += 1) {
    for (let column = 0; column < points; column += 1) {
      matrix[row * points + column] = scale * Math.cos((Math.PI / 2 / points) * (row + 1) * (2 * column + 1));
    }
  }
  return matrix;
}

function transformed(small: Float32Array): Float32Array {
  const matrix = cosines();
  const half = new Float32Array(frequencies * points);
  const result = new Float32Array(frequencies * frequencies);
  for (let row = 0; row < frequencies; row += 1) {
    for (let column = 0; column < points; column += 1) {
      let sum = 0;
      for (let k = 0; k < points; k += 1) {
        sum = Math.fround(
          sum + Math.fround((matrix[row * points + k] ?? 0) * (small[k * points + column] ?? 0)),
        );
      }
      half[row * points + column] = sum;
    }
  }
  for (let row = 0; row < frequencies; row += 1) {
    for (let column = 0; column < frequencies; column += 1) {
      let sum = 0;
      for (let k = 0; k < points; k += 1) {
        sum = Math.fround(
          sum + Math.fround((half[row * points + k] ?? 0) * (matrix[column * points + k] ?? 0)),
        );
      }
      result[row * frequencies + column] = sum;
    }
  }
  return result;
}

function qualityOf(small: Float32Array): number {
  let total = 0;
  const step = (a: number, b: number): number => {
    const scaled = Math.fround(Math.fround(Math.fround((small[a] ?? 0) - (small[b] ?? 0)) * 100) / 255);
    return Math.abs(Math.trunc(scaled));
  };
  for (let row = 0; row < points; row += 1) {
    for (let column = 0; column < points; column += 1) {
      const at = row * points + column;
      if (row < points - 1) total += step(at, at + points);
      if (column < points - 1) total += step(at, at + 1);
    }
  }
  return Math.min(100, Math.floor(total / 90));
}
