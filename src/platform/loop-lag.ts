import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How late this process is with its own timers: a sign that it has more to do than it can. */
export interface LoopLag {
  /** Mean lateness over the last second or so, in milliseconds. */
  readonly recentMs: () => number;
  readonly stop: () => void;
}

const resolutionMs = 20;
const everyMs = 1000;

export function watchLoopLag(): LoopLag {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  let recentMs = 0;
  const timer = setInterval(() => {
    // A loop that stood still for the whole time has counted nothing.
    recentMs = delay.count === 0 ? everyMs : Math.max(0, delay.mean / 1e6 - resolutionMs);
    delay.reset();
  }, everyMs);
  timer.unref();
  return {
    recentMs: () => recentMs,
    stop: () => {
      clearInterval(timer);
      delay.disable();
    },
  };
}
