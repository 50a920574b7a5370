import { barDays, barOf, freshMs, isWorthALook, laneOf, rankOf } from '#assess';
import { type Arrival, dayMinutes } from './arrivals.ts';
import { Heap } from './heap.ts';
import type { Load } from './options.ts';
import { nthHighest } from './select.ts';

/** A report within the play. */
export interface Item extends Arrival {
  readonly number: number;
  /** When somebody looked at it, in minutes; undefined while it waits. */
  seenAt: number | undefined;
}

/** Who is looked at next. Gives items that wait, each once. */
export interface Policy {
  arrive(item: Item): void;
  next(now: number): Item | undefined;
}

export const policyNames = ['fifo', 'round-robin', 'service-flag', 'firstlight', 'oracle'] as const;
export type PolicyName = (typeof policyNames)[number];

export function policyOf(name: PolicyName, load: Load): Policy {
  if (name === 'fifo') return inOrder(() => 0, 1);
  if (name === 'service-flag') return inOrder((item) => (item.isFlagged ? 0 : 1), 2);
  if (name === 'oracle') return inOrder((item) => (item.isUrgent ? 0 : 1), 2);
  if (name === 'round-robin') return roundRobin();
  return firstlight(load);
}

const isWaiting = (item: Item | undefined): item is Item => item !== undefined && item.seenAt === undefined;

/** A line that is first in, first out, with steps over what was seen meanwhile. */
class Line {
  readonly #items: Item[] = [];
  #from = 0;

  push(item: Item): void {
    this.#items.push(item);
  }

  peek(): Item | undefined {
    while (this.#from < this.#items.length && !isWaiting(this.#items[this.#from])) this.#from += 1;
    return this.#items[this.#from];
  }
}

/** Classes one after the other, first in, first out inside each. */
function inOrder(classOf: (item: Item) => number, classes: number): Policy {
  const lines = Array.from({ length: classes }, () => new Line());
  return {
    arrive: (item) => lines[classOf(item)]?.push(item),
    next: () => lines.map((line) => line.peek()).find(isWaiting),
  };
}

/** Each service in turn, first in, first out inside each. */
function roundRobin(): Policy {
  const lines = new Map<number, Line>();
  let turn = 0;
  return {
    arrive: (item) => {
      const line = lines.get(item.service) ?? new Line();
      lines.set(item.service, line);
      line.push(item);
    },
    next: () => {
      const all = [...lines.values()];
      for (let step = 0; step < all.length; step += 1) {
        turn = (turn + 1) % all.length;
        const item = all[turn]?.peek();
        if (item !== undefined) return item;
      }
      return undefined;
    },
  };
}

/** How often the bar is set anew. */
const barEveryMinutes = 60;

/**
 * The order of the line itself: its rules decide, this only keeps what waits. Copies of a viral item are one item:
 * a look at one is a look at all that are there, and later ones need none.
 */
function firstlight(load: Load): Policy {
  const byRank = new Heap<Item>((a, b) => a.score > b.score || (a.score === b.score && a.number < b.number));
  const oldest = new Line();
  const copies = new Map<number, Item[]>();
  const week = new Week();
  let looks = 0;
  let bar = Number.NEGATIVE_INFINITY;
  let nextBar = barEveryMinutes;
  const waiting = (item: Item) => ({ urgency: 4 as const, score: item.score, filedAt: item.at * 60_000 });
  const settle = (item: Item, now: number): Item => {
    const others = item.viral === undefined ? [] : (copies.get(item.viral) ?? []);
    for (const other of others) if (other !== item) other.seenAt ??= now;
    looks += 1;
    week.look(now);
    return item;
  };
  return {
    arrive: (item) => {
      const known = item.viral === undefined ? undefined : copies.get(item.viral);
      if (known?.[0]?.seenAt !== undefined) {
        item.seenAt = item.at;
        return;
      }
      if (item.viral !== undefined) {
        if (known === undefined) copies.set(item.viral, [item]);
        else known.push(item);
      }
      byRank.push(item);
      oldest.push(item);
      week.arrive(item.at, rankOf(waiting(item)));
    },
    next: (now) => {
      if (now >= nextBar) {
        nextBar = now + barEveryMinutes;
        bar = week.bar(now, load.reserve);
      }
      const first = oldest.peek();
      if (first === undefined) return undefined;
      if (laneOf(looks + 1, load.reserve) === 'by-waiting') return settle(first, now);
      for (let best = byRank.peek(); best !== undefined; best = byRank.peek()) {
        // Older than a day never comes back into the day's order, so the heap may forget it.
        if (isWaiting(best) && now * 60_000 - best.at * 60_000 <= freshMs) {
          return settle(isWorthALook(waiting(best), bar, now * 60_000) ? best : first, now);
        }
        byRank.pop();
      }
      return settle(first, now);
    },
  };
}

/** The last week's arrivals by rank and looks by time. */
class Week {
  readonly #times: number[] = [];
  readonly #ranks: number[] = [];
  readonly #looks: number[] = [];
  #arrivalsFrom = 0;
  #looksFrom = 0;

  arrive(at: number, rank: number): void {
    this.#times.push(at);
    this.#ranks.push(rank);
  }

  look(at: number): void {
    this.#looks.push(at);
  }

  bar(now: number, waitingShare: number): number {
    const since = now - barDays * dayMinutes;
    while ((this.#times[this.#arrivalsFrom] ?? now) < since) this.#arrivalsFrom += 1;
    while ((this.#looks[this.#looksFrom] ?? now) < since) this.#looksFrom += 1;
    const ranks = Float64Array.from(this.#ranks.slice(this.#arrivalsFrom));
    const week = { arrivals: ranks.length, looks: this.#looks.length - this.#looksFrom };
    return barOf(week, waitingShare, (n) => nthHighest(ranks, n));
  }
}
