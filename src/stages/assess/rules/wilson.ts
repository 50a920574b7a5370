/** The normal quantile of an interval that holds the true rate 95 times in a hundred. */
const z = 1.959963984540054;

/**
 * Wilson's score interval of a rate (E. B. Wilson, JASA 22, 1927): right also for few findings, where the usual interval
 * would say "none, certainly". @returns both ends, from 0 to 1; the whole range where nothing was looked at
 */
export function wilsonInterval(found: number, of: number): { readonly from: number; readonly to: number } {
  if (of === 0) return { from: 0, to: 1 };
  const rate = found / of;
  const middle = (rate + z ** 2 / (2 * of)) / (1 + z ** 2 / of);
  const half = (z / (1 + z ** 2 / of)) * Math.sqrt((rate * (1 - rate)) / of + z ** 2 / (4 * of ** 2));
  return {
    from: found === 0 ? 0 : Math.max(0, middle - half),
    to: found === of ? 1 : Math.min(1, middle + half),
  };
}
