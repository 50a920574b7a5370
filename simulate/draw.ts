import { type Random, randomOf } from '../demo/day/random.ts';

/** Numbers that follow a law, from a seeded stream. */
export interface Draw extends Random {
  /** Mean 0, variance 1 (Box and Muller, 1958). */
  normal(): number;
  /** Mean 1. */
  exponential(): number;
  /** Log-normal with this mean and a coefficient of variation of 1. */
  duration(mean: number): number;
}

/** The variance of the logarithm where the coefficient of variation is 1: ln(1 + 1²). */
const logVariance = Math.log(2);

export function drawOf(...key: readonly (string | number)[]): Draw {
  const random = randomOf(...key);
  // Never 0, which has no logarithm.
  const open = (): number => 1 - random.unit();
  const normal = (): number => Math.sqrt(-2 * Math.log(open())) * Math.cos(2 * Math.PI * random.unit());
  return {
    ...random,
    normal,
    exponential: () => -Math.log(open()),
    duration: (mean) => Math.exp(Math.log(mean) - logVariance / 2 + Math.sqrt(logVariance) * normal()),
  };
}

/**
 * How far apart two normal distributions of variance 1 stand when one value of each is told apart with this
 * probability: AUC = Φ(d / √2).
 */
export function separationOf(auc: number): number {
  let low = 0;
  let high = 12;
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (normalShare(middle / Math.SQRT2) < auc) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Φ, by Abramowitz and Stegun (1964), 26.2.17: at most 7.5e-8 off. */
function normalShare(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const tail =
    (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return x > 0 ? 1 - tail : tail;
}
