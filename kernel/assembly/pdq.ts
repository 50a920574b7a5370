import {
  bitsAt,
  columnPlanAt,
  columnWeightsAt,
  cosinesAt,
  foldedAt,
  frequenciesAt,
  halfAt,
  lumaAt,
  orderedAt,
  otherAt,
  pixelsAt,
  pointsAt,
  rowAt,
  rowPlanAt,
  rowWeightsAt,
  sumsAt,
  turnedAt,
} from './pdq-memory';

/**
 * PDQ, the perceptual hash of Facebook's "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm"
 * (2019), for pictures of 5 to 512 pixels a side. Written for AssemblyScript with SIMD.
 *
 * The reference smooths with two passes of a box filter along rows and along columns and then looks at 64 x 64 points.
 * Both passes are linear, so what one point sees is a fixed sum over at most 7 x 7 pixels; the host computes the
 * weights of a size once. They are whole numbers over a common denominator: everything up to the 64 x 64 points is
 * exact, colour weights (299, 587, 114 thousandths) included.
 */

export function addressOfPixels(): usize {
  return pixelsAt;
}
export function addressOfRowPlan(): usize {
  return rowPlanAt;
}
export function addressOfColumnPlan(): usize {
  return columnPlanAt;
}
export function addressOfRowWeights(): usize {
  return rowWeightsAt;
}
export function addressOfColumnWeights(): usize {
  return columnWeightsAt;
}
export function addressOfFolded(): usize {
  return foldedAt;
}
export function addressOfCosines(): usize {
  return cosinesAt;
}
export function addressOfTurned(): usize {
  return turnedAt;
}
export function addressOfBits(): usize {
  return bitsAt;
}
export function addressOfRow(): usize {
  return rowAt;
}

/** Takes 512 pixels, evenly, from the row of a larger picture at `addressOfRow`, and puts them into row `into`. */
export function thinRow(width: i32, into: i32): void {
  let to = pixelsAt + <usize>(into * 512 * 3);
  for (let x: i32 = 0; x < 512; x++) {
    const from = rowAt + <usize>(((x * width) >> 9) * 3);
    store<u16>(to, load<u16>(from));
    store<u8>(to, load<u8>(from, 2), 2);
    to += 3;
  }
}

/** Repeats row `from` as row `into`: a picture with fewer than 512 rows is stretched. */
export function repeatRow(from: i32, into: i32): void {
  memory.copy(pixelsAt + <usize>(into * 1536), pixelsAt + <usize>(from * 1536), 1536);
}

/** The weighted sum of a point's rows, for every byte of a row of pixels, in 16 bits. */
function sumRows(point: i32, rowBytes: i32): void {
  const plan = rowPlanAt + <usize>(point << 4);
  const first = load<i32>(plan);
  const count = load<i32>(plan, 4);
  const weights = rowWeightsAt + <usize>(point << 4);
  const base = pixelsAt + <usize>(first * rowBytes);
  if (count === 7) {
    sumSeven(base, rowBytes, weights);
    return;
  }
  for (let at: i32 = 0; at < rowBytes; at += 16) {
    let low = i16x8.splat(0);
    let high = i16x8.splat(0);
    let from = base + <usize>at;
    for (let row: i32 = 0; row < count; row++) {
      const weight = i16x8.splat(load<i16>(weights + <usize>(row << 1)));
      const bytes = v128.load(from);
      low = i16x8.add(low, i16x8.mul(i16x8.extend_low_i8x16_u(bytes), weight));
      high = i16x8.add(high, i16x8.mul(i16x8.extend_high_i8x16_u(bytes), weight));
      from += <usize>rowBytes;
    }
    const to = sumsAt + <usize>(at << 1);
    v128.store(to, low);
    v128.store(to, high, 16);
  }
}

/** The same for seven rows, which is every point of a picture of more than 384 rows: nothing to count. */
function sumSeven(base: usize, rowBytes: i32, weights: usize): void {
  const w0 = i8x16.splat(load<i8>(weights));
  const w1 = i8x16.splat(load<i8>(weights, 2));
  const w2 = i8x16.splat(load<i8>(weights, 4));
  const w3 = i8x16.splat(load<i8>(weights, 6));
  const w4 = i8x16.splat(load<i8>(weights, 8));
  const w5 = i8x16.splat(load<i8>(weights, 10));
  const w6 = i8x16.splat(load<i8>(weights, 12));
  const step = <usize>rowBytes;
  for (let at: i32 = 0; at < rowBytes; at += 16) {
    let from = base + <usize>at;
    let bytes = v128.load(from);
    let low = i16x8.extmul_low_i8x16_u(bytes, w0);
    let high = i16x8.extmul_high_i8x16_u(bytes, w0);
    from += step;
    bytes = v128.load(from);
    low = i16x8.add(low, i16x8.extmul_low_i8x16_u(bytes, w1));
    high = i16x8.add(high, i16x8.extmul_high_i8x16_u(bytes, w1));
    from += step;
    bytes = v128.load(from);
    low = i16x8.add(low, i16x8.extmul_low_i8x16_u(bytes, w2));
    high = i16x8.add(high, i16x8.extmul_high_i8x16_u(bytes, w2));
    from += step;
    bytes = v128.load(from);
    low = i16x8.add(low, i16x8.extmul_low_i8x16_u(bytes, w3));
    high = i16x8.add(high, i16x8.extmul_high_i8x16_u(bytes, w3));
    from += step;
    bytes = v128.load(from);
    low = i16x8.add(low, i16x8.extmul_low_i8x16_u(bytes, w4));
    high = i16x8.add(high, i16x8.extmul_high_i8x16_u(bytes, w4));
    from += step;
    bytes = v128.load(from);
    low = i16x8.add(low, i16x8.extmul_low_i8x16_u(bytes, w5));
    high = i16x8.add(high, i16x8.extmul_high_i8x16_u(bytes, w5));
    from += step;
    bytes = v128.load(from);
    low = i16x8.add(low, i16x8.extmul_low_i8x16_u(bytes, w6));
    high = i16x8.add(high, i16x8.extmul_high_i8x16_u(bytes, w6));
    const to = sumsAt + <usize>(at << 1);
    v128.store(to, low);
    v128.store(to, high, 16);
  }
}

/** One point where rows or columns touch a border: sums reach beyond 16 bits, so one by one. */
function pointAtBorder(column: i32, rowDenominator: i32): f32 {
  const plan = columnPlanAt + <usize>(column << 4);
  const count = load<i32>(plan, 4);
  const weights = columnWeightsAt + <usize>(column << 4);
  let from = sumsAt + <usize>(load<i32>(plan) * 6);
  let red: i32 = 0;
  let green: i32 = 0;
  let blue: i32 = 0;
  for (let at: i32 = 0; at < count; at++) {
    const weight = <i32>load<u16>(weights + <usize>(at << 1));
    red += weight * <i32>load<u16>(from);
    green += weight * <i32>load<u16>(from, 2);
    blue += weight * <i32>load<u16>(from, 4);
    from += 6;
  }
  const whole = <f64>red * 299 + <f64>green * 587 + <f64>blue * 114;
  return <f32>(whole / (1000 * <f64>rowDenominator * <f64>load<i32>(plan, 12)));
}

/** All 64 points of one row. */
function pointsOfRow(point: i32): void {
  const plan = rowPlanAt + <usize>(point << 4);
  const touchesBorder = load<i32>(plan, 8);
  const denominator = load<i32>(plan, 12);
  let to = pointsAt + <usize>(point << 8);
  for (let column: i32 = 0; column < 64; column++) {
    const columnPlan = columnPlanAt + <usize>(column << 4);
    if (touchesBorder | load<i32>(columnPlan, 8)) {
      store<f32>(to, pointAtBorder(column, denominator));
    } else {
      const from = sumsAt + <usize>(load<i32>(columnPlan) * 6);
      const folded = foldedAt + <usize>(column * 48);
      let sum = i32x4.dot_i16x8_s(v128.load(from), v128.load(folded));
      sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load(from, 16), v128.load(folded, 16)));
      sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load(from, 32), v128.load(folded, 32)));
      const whole =
        i32x4.extract_lane(sum, 0) +
        i32x4.extract_lane(sum, 1) +
        i32x4.extract_lane(sum, 2) +
        i32x4.extract_lane(sum, 3);
      store<f32>(to, <f32>(<f64>whole / (1000 * <f64>denominator * <f64>load<i32>(columnPlan, 12))));
    }
    to += 4;
  }
}

/** 64 x 64 points to 16 x 16 frequencies: D A Dᵀ with the 16 low rows of the cosine matrix D. */
function transform(): void {
  for (let row: i32 = 0; row < 16; row++) {
    const cosines = cosinesAt + <usize>(row << 8);
    for (let column: usize = 0; column < 256; column += 64) {
      let a = f32x4.splat(0);
      let b = f32x4.splat(0);
      let c = f32x4.splat(0);
      let d = f32x4.splat(0);
      let from = pointsAt + column;
      for (let k: usize = 0; k < 256; k += 4) {
        const cosine = v128.load32_splat(cosines + k);
        a = f32x4.add(a, f32x4.mul(cosine, v128.load(from)));
        b = f32x4.add(b, f32x4.mul(cosine, v128.load(from, 16)));
        c = f32x4.add(c, f32x4.mul(cosine, v128.load(from, 32)));
        d = f32x4.add(d, f32x4.mul(cosine, v128.load(from, 48)));
        from += 256;
      }
      const to = halfAt + <usize>(row << 8) + column;
      v128.store(to, a);
      v128.store(to, b, 16);
      v128.store(to, c, 32);
      v128.store(to, d, 48);
    }
  }
  // One k after the other in every lane: the reference's order, so that rounding falls the same way.
  for (let row: i32 = 0; row < 16; row++) {
    const half = halfAt + <usize>(row << 8);
    let a = f32x4.splat(0);
    let b = f32x4.splat(0);
    let c = f32x4.splat(0);
    let d = f32x4.splat(0);
    let turned = turnedAt;
    for (let k: usize = 0; k < 256; k += 4) {
      const value = v128.load32_splat(half + k);
      a = f32x4.add(a, f32x4.mul(value, v128.load(turned)));
      b = f32x4.add(b, f32x4.mul(value, v128.load(turned, 16)));
      c = f32x4.add(c, f32x4.mul(value, v128.load(turned, 32)));
      d = f32x4.add(d, f32x4.mul(value, v128.load(turned, 48)));
      turned += 64;
    }
    const to = frequenciesAt + <usize>(row << 6);
    v128.store(to, a);
    v128.store(to, b, 16);
    v128.store(to, c, 32);
    v128.store(to, d, 48);
  }
}

/** How much the 64 x 64 points differ from their neighbours, 0 to 100: flat pictures are not worth a match. */
function quality(): i32 {
  let total = i32x4.splat(0);
  const hundred = f32x4.splat(100);
  const most = f32x4.splat(255);
  for (let row: i32 = 0; row < 64; row++) {
    const from = pointsAt + <usize>(row << 8);
    for (let column: usize = 0; column < 256; column += 16) {
      const here = v128.load(from + column);
      if (row < 63) {
        const below = v128.load(from + column, 256);
        const step = f32x4.div(f32x4.mul(f32x4.sub(here, below), hundred), most);
        total = i32x4.add(total, i32x4.abs(i32x4.trunc_sat_f32x4_s(step)));
      }
      const beside = v128.load(from + column, 4);
      let step = f32x4.div(f32x4.mul(f32x4.sub(here, beside), hundred), most);
      // The last column has no neighbour; what stands behind it is the next row.
      if (column === 240) step = f32x4.replace_lane(step, 3, 0);
      total = i32x4.add(total, i32x4.abs(i32x4.trunc_sat_f32x4_s(step)));
    }
  }
  const sum =
    i32x4.extract_lane(total, 0) +
    i32x4.extract_lane(total, 1) +
    i32x4.extract_lane(total, 2) +
    i32x4.extract_lane(total, 3);
  const result = sum / 90;
  return min(result, 100);
}

/** The 128th lowest of the values at `orderedAt`, by Hoare's selection (1961). */
function lowerMedian(): f32 {
  let low: i32 = 0;
  let high: i32 = 255;
  while (low < high) {
    const pivot = load<f32>(orderedAt + <usize>(((low + high) >> 1) << 2));
    let left = low;
    let right = high;
    while (left <= right) {
      while (load<f32>(orderedAt + <usize>(left << 2)) < pivot) left++;
      while (load<f32>(orderedAt + <usize>(right << 2)) > pivot) right--;
      if (left > right) break;
      const held = load<f32>(orderedAt + <usize>(left << 2));
      store<f32>(orderedAt + <usize>(left << 2), load<f32>(orderedAt + <usize>(right << 2)));
      store<f32>(orderedAt + <usize>(right << 2), held);
      left++;
      right--;
    }
    if (127 <= right) high = right;
    else if (127 >= left) low = left;
    else break;
  }
  return load<f32>(orderedAt + 127 * 4);
}

/**
 * The 256 bits of one orientation: which frequencies stand above their median. Turning or mirroring a picture
 * transposes its frequencies or changes the signs of those in odd or even rows and columns.
 * Bit k is frequency k = 16 row + column; the last byte holds bits 0 to 7, as the reference prints them.
 * @param signs bit 0: of odd rows, bit 1: of even rows, bit 2: of odd columns, bit 3: of even columns; changed twice is not changed
 */
export function orient(orientation: i32, isTransposed: i32, signs: i32): void {
  const signsOfRow = signs & 3;
  const signsOfColumn = signs >> 2;
  for (let row: i32 = 0; row < 16; row++) {
    for (let column: i32 = 0; column < 16; column++) {
      let value = load<f32>(frequenciesAt + <usize>(((row << 4) + column) << 2));
      const changes = (signsOfRow >> (1 - (row & 1))) ^ (signsOfColumn >> (1 - (column & 1)));
      if (changes & 1) value = -value;
      const to = isTransposed ? (column << 4) + row : (row << 4) + column;
      store<f32>(halfAt + <usize>(to << 2), value);
    }
  }
  memory.copy(orderedAt, halfAt, 1024);
  const median = f32x4.splat(lowerMedian());
  const bits = bitsAt + <usize>(orientation << 5);
  for (let byte: i32 = 0; byte < 32; byte++) {
    const from = halfAt + <usize>(byte << 5);
    const low = i32x4.bitmask(f32x4.gt(v128.load(from), median));
    const high = i32x4.bitmask(f32x4.gt(v128.load(from, 16), median));
    store<u8>(bits + <usize>(31 - byte), <u8>(low | (high << 4)));
  }
}

/** The reference's running sum along one line, in its own order of adding and taking away. */
function smoothLine(from: usize, to: usize, step: usize, length: i32): void {
  const window = (length + 127) >> 7;
  const ahead = ((window + 2) >> 1) - 1;
  const behind = window - ahead;
  let sum: f32 = 0;
  let inside: i32 = 0;
  for (let at: i32 = -ahead; at < length; at++) {
    const entering = at + ahead;
    const leaving = at - behind;
    if (entering < length) {
      sum += load<f32>(from + <usize>entering * step);
      inside++;
    }
    if (leaving >= 0) {
      sum -= load<f32>(from + <usize>leaving * step);
      inside--;
    }
    if (at >= 0) store<f32>(to + <usize>at * step, sum / <f32>inside);
  }
}

function fillLuma(pixels: i32): void {
  let from = pixelsAt;
  for (let at: i32 = 0; at < pixels; at++) {
    const luma =
      0.299 * <f64>load<u8>(from) + 0.587 * <f64>load<u8>(from, 1) + 0.114 * <f64>load<u8>(from, 2);
    store<f32>(lumaAt + <usize>(at << 2), <f32>luma);
    from += 3;
  }
}

/** Hashes the pixels step by step as the reference does, its rounding included. @returns the quality */
export function hashInSteps(width: i32, height: i32): i32 {
  fillLuma(width * height);
  if (width !== 64 || height !== 64) {
    const rowStep = <usize>(width << 2);
    for (let pass = 0; pass < 2; pass++) {
      for (let row: i32 = 0; row < height; row++) {
        smoothLine(lumaAt + <usize>row * rowStep, otherAt + <usize>row * rowStep, 4, width);
      }
      for (let column: i32 = 0; column < width; column++) {
        smoothLine(otherAt + <usize>(column << 2), lumaAt + <usize>(column << 2), rowStep, height);
      }
    }
  }
  for (let row: i32 = 0; row < 64; row++) {
    const y = ((2 * row + 1) * height) >> 7;
    for (let column: i32 = 0; column < 64; column++) {
      const x = ((2 * column + 1) * width) >> 7;
      const value = load<f32>(lumaAt + <usize>((y * width + x) << 2));
      store<f32>(pointsAt + <usize>(((row << 6) + column) << 2), value);
    }
  }
  transform();
  return quality();
}

/** Hashes the pixels that stand in memory under the plans that stand there. @returns the quality */
export function hash(rowBytes: i32): i32 {
  for (let point: i32 = 0; point < 64; point++) {
    sumRows(point, rowBytes);
    pointsOfRow(point);
  }
  transform();
  return quality();
}
