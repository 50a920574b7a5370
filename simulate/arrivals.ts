import { drawOf, separationOf } from './draw.ts';
import type { Load } from './options.ts';

/** What an officer works a day, in minutes of looking. */
export const productiveMinutes = 300;
export const dayMinutes = 24 * 60;

/** One report of the play. Times are minutes since the play began. */
export interface Arrival {
  readonly at: number;
  readonly isUrgent: boolean;
  /** From 0 to below 1. */
  readonly score: number;
  readonly service: number;
  readonly isFlagged: boolean;
  /** Minutes that a look at it takes. */
  readonly minutes: number;
  /** Reports of the same viral item share a number. */
  readonly viral: number | undefined;
}

/**
 * Share of each service at a national bureau (United Kingdom, 2024, published by NCMEC for GPCEP): the twelve largest
 * by name in the source; here only their sizes matter.
 */
const serviceShares = [35.6, 12.2, 8.8, 8.3, 7.0, 5.9, 4.7, 3.3, 2.2, 2.2, 1.8, 1.5, 6.5] as const;

/** Services mark 0.9 % of all reports by themselves (United Kingdom, 2024: 800 of 90,000). */
const flaggedOfAll = 0.009;

/** How long a viral item keeps arriving. */
const burstDays = 2;

/** How many reports the officers can look at in a day. */
export function capacityOf(load: Load): number {
  return (load.officers * productiveMinutes) / load.minutes;
}

/** Every report of the play in order of arrival; the same load gives the same reports. */
export function arrivalsOf(load: Load): readonly Arrival[] {
  const perMinute = (capacityOf(load) * load.load) / dayMinutes;
  const end = load.days * dayMinutes;
  const draw = drawOf('arrivals', load.seed);
  const make = reportMaker(load);
  const all: Arrival[] = [];
  for (let at = draw.exponential() / perMinute; at < end; at += draw.exponential() / perMinute) {
    all.push(make(at, undefined));
  }
  for (let one = 0; one < load.burst; one += 1) {
    const at = (load.burstDay + draw.unit() * burstDays) * dayMinutes;
    if (at < end) all.push({ ...make(at, 0), isUrgent: false, isFlagged: false, score: viralScore });
  }
  return delayed(load, all).sort((a, b) => a.at - b.at);
}

/** Every copy looks the same to a score, and good enough to be looked at: that is what makes it a burden. */
const viralScore = 0.9;

function reportMaker(load: Load): (at: number, viral: number | undefined) => Arrival {
  const draw = drawOf('reports', load.seed);
  const apart = separationOf(load.auc);
  const weights = serviceShares.map((share, index) => [index, share] as const);
  const wronglyFlagged = Math.max(0, (flaggedOfAll - load.urgent * load.flagged) / (1 - load.urgent));
  return (at, viral) => {
    const isUrgent = draw.chance(load.urgent);
    const raw = draw.normal() + (isUrgent ? apart : 0);
    return {
      at,
      isUrgent,
      // Any growing function keeps the order; this one gives a share.
      score: 1 / (1 + Math.exp(-raw)),
      service: draw.weighted(weights),
      isFlagged: draw.chance(isUrgent ? load.flagged : wronglyFlagged),
      minutes: draw.duration(load.minutes),
      viral,
    };
  };
}

/** What the largest service would have sent while it was dark comes within the hour after. */
function delayed(load: Load, all: readonly Arrival[]): Arrival[] {
  if (load.darkDay === 0) return [...all];
  const from = load.darkDay * dayMinutes;
  const until = from + load.darkDays * dayMinutes;
  const end = load.days * dayMinutes;
  return all.flatMap((arrival) => {
    if (arrival.service !== 0 || arrival.at < from || arrival.at >= until) return [arrival];
    const at = until + ((arrival.at - from) / (until - from)) * 60;
    return at < end ? [{ ...arrival, at }] : [];
  });
}
