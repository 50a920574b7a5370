import { type Arrival, dayMinutes, productiveMinutes } from './arrivals.ts';
import { Heap } from './heap.ts';
import type { Load } from './options.ts';
import { type Item, type PolicyName, policyOf } from './policies.ts';

/**
 * An officer's day: one block of productive minutes, the blocks of all officers spread evenly round the clock, so
 * that somebody is always there. Time is counted in productive minutes and turned into minutes of the clock.
 */
class Officer {
  readonly #shiftStart: number;
  /** Productive minutes worked so far. */
  #worked = 0;

  constructor(index: number, officers: number) {
    this.#shiftStart = (index / officers) * dayMinutes;
  }

  /** When this officer is free, in minutes of the clock. */
  get freeAt(): number {
    const day = Math.floor(this.#worked / productiveMinutes);
    return day * dayMinutes + this.#shiftStart + (this.#worked - day * productiveMinutes);
  }

  work(minutes: number): void {
    this.#worked += minutes;
  }

  /** Nothing waits before this time: the minutes until then pass. */
  waitUntil(time: number): void {
    const sinceStart = time - this.#shiftStart;
    const day = Math.max(0, Math.floor(sinceStart / dayMinutes));
    const minute = Math.min(Math.max(0, sinceStart - day * dayMinutes), productiveMinutes);
    this.#worked = Math.max(this.#worked, day * productiveMinutes + minute);
  }
}

/** Plays the arrivals under one policy. @returns every report with the time of the first look, if it had one */
export function play(name: PolicyName, load: Load, arrivals: readonly Arrival[]): readonly Item[] {
  const items: readonly Item[] = arrivals.map((arrival, number) => ({
    ...arrival,
    number,
    seenAt: undefined,
  }));
  const policy = policyOf(name, load);
  const end = load.days * dayMinutes;
  const officers = new Heap<{ officer: Officer; at: number }>((a, b) => a.at < b.at);
  for (let index = 0; index < load.officers; index += 1) {
    const officer = new Officer(index, load.officers);
    officers.push({ officer, at: officer.freeAt });
  }
  let arrived = 0;
  for (let turn = officers.pop(); turn !== undefined && turn.at < end; turn = officers.pop()) {
    const { officer, at: now } = turn;
    for (let item = items[arrived]; item !== undefined && item.at <= now; item = items[arrived]) {
      policy.arrive(item);
      arrived += 1;
    }
    const next = policy.next(now);
    if (next !== undefined) {
      next.seenAt = now;
      officer.work(next.minutes);
    } else {
      const coming = items[arrived];
      if (coming === undefined) break;
      officer.waitUntil(coming.at);
    }
    // An officer whose shift has ended is free again when the next one starts.
    officers.push({ officer, at: Math.max(officer.freeAt, now) });
  }
  return items;
}
