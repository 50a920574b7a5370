import { arrivalsOf, capacityOf } from './arrivals.ts';
import { urgentWithin } from './measure.ts';
import type { Load } from './options.ts';
import { play } from './play.ts';

export interface Plan {
  readonly officers: number;
  /** The share of urgent reports that they look at in time. */
  readonly share: number;
  readonly load: number;
}

const mostOfficers = 10_000;

/**
 * The fewest officers who look at the wanted share of urgent reports within so many minutes, by playing the days
 * with Firstlight's order for ever closer numbers; undefined when not even the most suffice.
 */
export function planStaff(
  load: Load,
  wanted: { readonly perDay: number; readonly withinMinutes: number; readonly share: number },
): Plan | undefined {
  const attempt = (officers: number): Plan => {
    const staffed = { ...load, officers, load: 1 };
    const played = { ...staffed, load: wanted.perDay / capacityOf(staffed) };
    const items = play('firstlight', played, arrivalsOf(played));
    return { officers, share: urgentWithin(items, wanted.withinMinutes), load: played.load };
  };
  let low = 0;
  let high = 1;
  let best = attempt(high);
  while (best.share < wanted.share) {
    if (high >= mostOfficers) return undefined;
    low = high;
    high = Math.min(high * 2, mostOfficers);
    best = attempt(high);
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const tried = attempt(middle);
    if (tried.share >= wanted.share) {
      high = middle;
      best = tried;
    } else low = middle;
  }
  return best;
}
