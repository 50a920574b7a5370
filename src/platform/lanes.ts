/**
 * Room for a bounded number of things at once, part of it reserved. Ordinary ones take free ordinary room, or wait in
 * a bounded queue for a bounded time, or are turned away. Urgent ones take reserved room first and then ordinary room,
 * and of those that wait they are first, whenever they came.
 */
export type Lane = 'ordinary' | 'urgent';

export interface LaneSizes {
  readonly ordinary: number;
  readonly urgent: number;
  /** How many may wait in each lane. */
  readonly waiting: number;
  readonly waitMs: number;
}

/** Gives room back; to be called once. */
export type Leave = () => void;

interface Waiter {
  readonly begin: (leave: Leave) => void;
}

export class Lanes {
  readonly #sizes: LaneSizes;
  readonly #taken: Record<Lane, number> = { ordinary: 0, urgent: 0 };
  readonly #waiting: Record<Lane, Set<Waiter>> = { ordinary: new Set(), urgent: new Set() };

  constructor(sizes: LaneSizes) {
    this.#sizes = sizes;
  }

  get taken(): number {
    return this.#taken.ordinary + this.#taken.urgent;
  }

  waitingIn(lane: Lane): number {
    return this.#waiting[lane].size;
  }

  /** Room that is free now; undefined where there is none, or where others wait for it. */
  tryEnter(lane: Lane): Leave | undefined {
    if (lane === 'urgent' && this.#isFree('urgent')) return this.#take('urgent');
    if (lane === 'ordinary' && this.#waiting.ordinary.size > 0) return undefined;
    return this.#isFree('ordinary') ? this.#take('ordinary') : undefined;
  }

  /**
   * Room, as soon as there is some. Undefined when too many wait already or it took too long.
   * @param isPatient waits as long as it takes, in a queue without bounds: for whoever is counted elsewhere
   */
  async enter(lane: Lane, isPatient = false): Promise<Leave | undefined> {
    const free = this.tryEnter(lane);
    if (free !== undefined) return free;
    const queue = this.#waiting[lane];
    if (!isPatient && queue.size >= this.#sizes.waiting) return undefined;
    return await new Promise((resolve) => {
      const giveUp = () => {
        queue.delete(waiter);
        resolve(undefined);
      };
      const timer = isPatient ? undefined : setTimeout(giveUp, this.#sizes.waitMs);
      const waiter: Waiter = {
        begin: (leave) => {
          clearTimeout(timer);
          resolve(leave);
        },
      };
      queue.add(waiter);
    });
  }

  #isFree(lane: Lane): boolean {
    return this.#taken[lane] < this.#sizes[lane];
  }

  #take(lane: Lane): Leave {
    this.#taken[lane] += 1;
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      this.#taken[lane] -= 1;
      this.#callNext(lane);
    };
  }

  #callNext(lane: Lane): void {
    const from = this.#waiting.urgent.size > 0 ? 'urgent' : lane;
    const [next] = this.#waiting[from];
    if (next === undefined) return;
    this.#waiting[from].delete(next);
    next.begin(this.#take(lane));
  }
}
