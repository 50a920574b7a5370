import { plainText } from './plain-text.ts';

export interface Progress {
  readonly say: (text: string) => void;
  /** Leaves the last text standing, on a line of its own. */
  readonly end: () => void;
}

/** Least time between two lines where standard error is a file, so that a log stays short. */
const quietMs = 1000;

/** @param isShown true on a terminal, where each text takes the place of the one before */
export function openProgress(write: (text: string) => void, isShown: boolean): Progress {
  let pending: string | undefined;
  let saidAt = Number.NEGATIVE_INFINITY;
  return {
    say: (text) => {
      pending = plainText(text);
      if (isShown) {
        write(`\r\u001b[K${pending}`);
      } else if (performance.now() - saidAt >= quietMs) {
        write(`${pending}\n`);
        saidAt = performance.now();
        pending = undefined;
      }
    },
    end: () => {
      if (pending !== undefined) write(isShown ? '\n' : `${pending}\n`);
      pending = undefined;
    },
  };
}
