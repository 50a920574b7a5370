import { dayMinutes } from './arrivals.ts';
import type { Load } from './options.ts';
import type { Item } from './policies.ts';

/** How one policy did. Shares from 0 to 1. Waits of reports that nobody looked at count up to the end of the play. */
export interface Measured {
  /** Of the truly urgent reports, those looked at within a day; one that arrived in the last day and still waits is left out. */
  readonly urgentSeenIn24h: number;
  readonly urgentSeen: number;
  readonly urgentP50Hours: number;
  readonly urgentP99Hours: number;
  readonly othersP50Hours: number;
  readonly othersP99Hours: number;
  readonly oldestUnseenDays: number;
  readonly looksPerDay: number;
}

export function measure(load: Load, items: readonly Item[]): Measured {
  const end = load.days * dayMinutes;
  const wait = (item: Item): number => (item.seenAt ?? end) - item.at;
  const urgent = items.filter((item) => item.isUrgent);
  const judged = urgent.filter((item) => item.seenAt !== undefined || end - item.at >= dayMinutes);
  const inTime = judged.filter((item) => item.seenAt !== undefined && wait(item) <= dayMinutes);
  const urgentHours = sortedHours(urgent.map(wait));
  const otherHours = sortedHours(items.filter((item) => !item.isUrgent).map(wait));
  const unseen = items.filter((item) => item.seenAt === undefined);
  return {
    urgentSeenIn24h: share(inTime.length, judged.length),
    urgentSeen: share(urgent.filter((item) => item.seenAt !== undefined).length, urgent.length),
    urgentP50Hours: quantile(urgentHours, 0.5),
    urgentP99Hours: quantile(urgentHours, 0.99),
    othersP50Hours: quantile(otherHours, 0.5),
    othersP99Hours: quantile(otherHours, 0.99),
    oldestUnseenDays: Math.max(0, ...unseen.slice(0, 1).map((item) => (end - item.at) / dayMinutes)),
    looksPerDay: (items.length - unseen.length) / load.days,
  };
}

/** Share of urgent reports that were looked at within so many minutes. */
export function urgentWithin(items: readonly Item[], minutes: number): number {
  const urgent = items.filter((item) => item.isUrgent);
  return share(
    urgent.filter((item) => item.seenAt !== undefined && item.seenAt - item.at <= minutes).length,
    urgent.length,
  );
}

export function mean(all: readonly Measured[]): Measured {
  const [first] = all;
  if (first === undefined) throw new Error('a mean needs at least one play');
  const names = Object.keys(first) as (keyof Measured)[];
  const entries = names.map((name) => [name, all.reduce((sum, one) => sum + one[name], 0) / all.length]);
  return Object.fromEntries(entries) as Record<keyof Measured, number>;
}

/** Where there is nothing to count, nothing was missed. */
function share(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole;
}

function sortedHours(minutes: readonly number[]): Float64Array {
  return Float64Array.from(minutes, (value) => value / 60).sort();
}

/** The smallest value that at least this share is not above. */
function quantile(sorted: Float64Array, at: number): number {
  return sorted[Math.max(0, Math.ceil(at * sorted.length) - 1)] ?? 0;
}
