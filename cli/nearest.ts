/** The most like `typed` among `known`: what it begins, or is at a slip of the finger from; undefined where nothing is near. */
export function nearest(typed: string, known: readonly string[]): string | undefined {
  const begun = known.find(
    (candidate) => typed.length > 1 && candidate.toLowerCase().startsWith(typed.toLowerCase()),
  );
  if (begun !== undefined) return begun;
  let best: string | undefined;
  let bestSteps = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const steps = editSteps(typed.toLowerCase(), candidate.toLowerCase());
    const isNear = steps <= Math.max(1, Math.floor(Math.max(typed.length, candidate.length) / 3));
    if (isNear && steps < bestSteps) {
      best = candidate;
      bestSteps = steps;
    }
  }
  return best;
}

/** Optimal string alignment: insertions, deletions, changes and swaps of two neighbours, each one step. */
export function editSteps(from: string, to: string): number {
  let before: number[] = [];
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      let steps = Math.min(
        (above[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + (isSame ? 0 : 1),
      );
      const isSwap =
        row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (isSwap) steps = Math.min(steps, (before[column - 2] ?? 0) + 1);
      current.push(steps);
    }
    before = above;
    above = current;
  }
  return above[to.length] ?? from.length;
}
