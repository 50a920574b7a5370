/** The one source of time. Rules and deeds get `now` as a value; only whoever builds a context asks the clock. */
export interface Clock {
  readonly now: () => Date;
}

export const systemClock: Clock = { now: () => new Date() };

/** A clock that stands still until it is moved: for tests of lifetimes and expiry. */
export interface SettableClock extends Clock {
  readonly set: (to: Date) => void;
  readonly advance: (ms: number) => void;
}

export function settableClock(start: Date): SettableClock {
  let at = start.getTime();
  return {
    now: () => new Date(at),
    set: (to) => {
      at = to.getTime();
    },
    advance: (ms) => {
      at += ms;
    },
  };
}
