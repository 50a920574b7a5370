/** What the 64 points along one side of a picture see of it: which pixels, and with which weights. */
export interface SidePlan {
  /** First pixel of each point. */
  readonly first: Int32Array;
  /** How many pixels in a row each point sees, at most 7. */
  readonly count: Int32Array;
  /** 1 where a window of the filter is cut off by a border, so that the weights have a larger denominator. */
  readonly touchesBorder: Uint8Array;
  readonly denominator: Int32Array;
  /** 8 whole numbers for each point; their sum is its denominator. */
  readonly weights: Int32Array;
}

export const points = 64;
/** The most pixels that one point sees along one side: two windows of 4, one of them over the other. */
const mostPixels = 8;

/** How wide the box filter of the reference is for a side of this length: ceil(side / 128). */
export function windowOf(side: number): number {
  return Math.floor((side + 2 * points - 1) / (2 * points));
}

/** Where the window of the reference's box filter lies for the pixel `at`: first and last pixel within the side. */
function windowAt(at: number, window: number, side: number): { first: number; last: number } {
  const half = Math.floor((window + 2) / 2);
  return { first: Math.max(0, at - (window - half)), last: Math.min(side - 1, at + half - 1) };
}

/**
 * Two passes of the box filter, composed for the 64 points only. With windows of at most 4 pixels every weight is a
 * whole number over the square of the least common multiple of the window sizes that occur.
 */
export function planSide(side: number): SidePlan {
  const window = windowOf(side);
  const plan = {
    first: new Int32Array(points),
    count: new Int32Array(points),
    touchesBorder: new Uint8Array(points),
    denominator: new Int32Array(points),
    weights: new Int32Array(points * mostPixels),
  };
  for (let point = 0; point < points; point += 1) planPoint(plan, point, { side, window });
  return plan;
}

function planPoint(plan: SidePlan, point: number, { side, window }: { side: number; window: number }): void {
  const at = Math.floor(((point + 0.5) * side) / points);
  const outer = windowAt(at, window, side);
  const inner = range(outer.first, outer.last).map((pixel) => windowAt(pixel, window, side));
  const first = Math.min(...inner.map((one) => one.first));
  const last = Math.max(...inner.map((one) => one.last));
  const sizes = [outer, ...inner].map(sizeOf);
  const touchesBorder = sizes.some((size) => size !== window);
  const common = sizes.reduce(leastCommonMultiple);
  plan.first[point] = first;
  plan.count[point] = last - first + 1;
  plan.touchesBorder[point] = touchesBorder ? 1 : 0;
  plan.denominator[point] = common * common;
  for (const one of inner) {
    const share = (common / sizeOf(outer)) * (common / sizeOf(one));
    for (const pixel of range(one.first, one.last)) {
      const index = point * mostPixels + pixel - first;
      plan.weights[index] = (plan.weights[index] ?? 0) + share;
    }
  }
}

function sizeOf(window: { first: number; last: number }): number {
  return window.last - window.first + 1;
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
