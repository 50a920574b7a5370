import { parentPort, workerData } from 'node:worker_threads';
import { fuzzOne } from './fuzz-one.ts';
import { targets } from './targets.ts';

/** What the thread is started with. `lane` holds the input that runs: how many so far, its length, then its bytes. */
export interface ThreadOrder {
  readonly target: string;
  readonly seed: number;
  readonly seconds: number;
  readonly kept: readonly Uint8Array[];
  readonly lane: SharedArrayBuffer;
}

export type ThreadMessage =
  | { readonly kind: 'state'; readonly executions: number; readonly reached: number; readonly kept: number }
  | { readonly kind: 'found'; readonly input: Uint8Array; readonly error: string }
  | {
      readonly kind: 'end';
      readonly executions: number;
      readonly reached: number;
      readonly corpus: readonly Uint8Array[];
    };

export const laneHead = 8;

if (parentPort !== null) {
  const port = parentPort;
  const order = workerData as ThreadOrder;
  const target = targets.find(({ name }) => name === order.target);
  if (target === undefined) throw new Error('no such target');
  const head = new Int32Array(order.lane, 0, 2);
  const bytes = new Uint8Array(order.lane, laneHead);
  const say = (message: ThreadMessage) => port.postMessage(message);
  const deadline = performance.now() + order.seconds * 1000;
  let saidMs = 0;
  const end = await fuzzOne({
    target,
    seed: order.seed,
    kept: order.kept.map((one) => Buffer.from(one)),
    about: (input) => {
      bytes.set(input.subarray(0, bytes.length));
      head[1] = Math.min(input.length, bytes.length);
      Atomics.add(head, 0, 1);
    },
    found: ({ input, error }) => say({ kind: 'found', input, error }),
    goesOn: async ({ executions, reached, corpus }) => {
      if (performance.now() - saidMs > 1_000) {
        saidMs = performance.now();
        say({ kind: 'state', executions, reached, kept: corpus.length });
        // Lets timers and messages of the thread have their turn.
        await new Promise((resolve) => setImmediate(resolve));
      }
      return performance.now() < deadline;
    },
  });
  say({ kind: 'end', executions: end.executions, reached: end.reached, corpus: end.corpus });
}
