/**
 * When somebody opens unusually many reports. A count is unusual where it is above a floor and also above what is
 * usual for the same person, or for the others: the median plus five robust spreads. The spread is the median
 * absolute deviation scaled to a standard deviation (1.4826, for a normal distribution), but at least the square root
 * of the median, as counts scatter by themselves, and at least one. Medians, because one busy night must not move
 * what counts as usual. Five, and the floors, are chosen: an auditor should see a few rows a month, not a wall.
 */
export interface Counted {
  readonly person: string;
  /** Start of the hour or day. */
  readonly from: number;
  /** Different reports. */
  readonly reports: number;
}

export interface Unusual extends Counted {
  readonly ownMedian?: number;
  readonly othersMedian?: number;
  readonly against: readonly ('own' | 'others' | 'floor')[];
}

export const floors = { hour: 20, day: 60 } as const;
/** Fewer periods than this are no baseline. */
const fewest = 5;
const spreads = 5;
/** Where there is no baseline at all, only this many times the floor is unusual. */
const withoutBaseline = 4;

/** Every unusual count among these; each is compared with all the others of the same length. */
export function unusualNumbers(counts: readonly Counted[], floor: number): readonly Unusual[] {
  const byPerson = Map.groupBy(counts, ({ person }) => person);
  const othersOf = new Map<string, ReturnType<typeof usual>>();
  const usualOfOthers = (person: string) => {
    if (!othersOf.has(person)) {
      const others = counts.filter((one) => one.person !== person);
      othersOf.set(person, usual(others.map(({ reports }) => reports)));
    }
    return othersOf.get(person);
  };
  return counts
    .filter(({ reports }) => reports > floor)
    .flatMap((one) => {
      const own = (byPerson.get(one.person) ?? []).filter(({ from }) => from !== one.from);
      const ownUsual = usual(own.map(({ reports }) => reports));
      const othersUsual = usualOfOthers(one.person);
      const against = [
        ...(ownUsual !== undefined && one.reports > ownUsual.most ? (['own'] as const) : []),
        ...(othersUsual !== undefined && one.reports > othersUsual.most ? (['others'] as const) : []),
        ...(ownUsual === undefined && othersUsual === undefined && one.reports > floor * withoutBaseline
          ? (['floor'] as const)
          : []),
      ];
      if (against.length === 0) return [];
      return [
        {
          ...one,
          ...(ownUsual !== undefined && { ownMedian: ownUsual.median }),
          ...(othersUsual !== undefined && { othersMedian: othersUsual.median }),
          against,
        },
      ];
    });
}

function usual(values: readonly number[]): { readonly median: number; readonly most: number } | undefined {
  if (values.length < fewest) return undefined;
  const median = medianOf(values);
  const deviation = medianOf(values.map((value) => Math.abs(value - median)));
  const spread = Math.max(1.4826 * deviation, Math.sqrt(median), 1);
  return { median, most: median + spreads * spread };
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
