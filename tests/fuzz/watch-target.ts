import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { laneHead, type ThreadMessage, type ThreadOrder } from './thread.ts';

export interface Watched {
  readonly executions: number;
  readonly reached: number;
  readonly corpus: readonly Uint8Array[];
  readonly findings: readonly { readonly input: Buffer; readonly error: string }[];
  readonly peakMegabytes: number;
}

/** An input that takes longer hangs, whatever the machine. */
const longestMs = 10_000;
/** What a parser of inputs of a few hundred kilobytes may ever need. */
const mostHeapMegabytes = 768;
const laneBytes = 512 * 1024;

/** Runs one target in a thread of its own for so long; whatever hangs or dies is a finding, and the rest goes on. */
export async function watchTarget(order: Omit<ThreadOrder, 'lane'>): Promise<Watched> {
  const findings: { input: Buffer; error: string }[] = [];
  const deadline = performance.now() + order.seconds * 1000;
  let total = { executions: 0, reached: 0, corpus: [] as readonly Uint8Array[], peakMegabytes: 0 };
  for (let round = 0; ; round += 1) {
    const seconds = (deadline - performance.now()) / 1000;
    if (seconds <= 0 && round > 0) break;
    const ran = await runThread({ ...order, seed: order.seed + round, seconds: Math.max(seconds, 0) });
    findings.push(...ran.findings);
    total = {
      executions: total.executions + ran.executions,
      reached: Math.max(total.reached, ran.reached),
      corpus: ran.corpus.length > 0 ? ran.corpus : total.corpus,
      peakMegabytes: Math.max(total.peakMegabytes, ran.peakMegabytes),
    };
    if (ran.isComplete) break;
  }
  return { ...total, findings };
}

async function runThread(
  order: Omit<ThreadOrder, 'lane'>,
): Promise<Watched & { readonly isComplete: boolean }> {
  const lane = new SharedArrayBuffer(laneHead + laneBytes);
  const head = new Int32Array(lane, 0, 2);
  const current = () => Buffer.from(new Uint8Array(lane, laneHead, head[1] ?? 0));
  const thread = new Worker(new URL('./thread.ts', import.meta.url), {
    workerData: { ...order, lane } satisfies ThreadOrder,
    resourceLimits: { maxOldGenerationSizeMb: mostHeapMegabytes },
    stdout: false,
  });
  let [executions, reached, peakMegabytes, isComplete] = [0, 0, 0, false];
  let corpus: readonly Uint8Array[] = [];
  const findings: { input: Buffer; error: string }[] = [];
  thread.on('message', (message: ThreadMessage) => {
    if (message.kind === 'found') findings.push({ input: Buffer.from(message.input), error: message.error });
    else ({ executions, reached } = message);
    if (message.kind !== 'end') return;
    corpus = message.corpus;
    isComplete = true;
  });
  thread.on('error', (error) => {
    findings.push({ input: current(), error: `the thread died: ${error.stack ?? error.message}` });
  });
  let isOver = false;
  const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve())).then(() => {
    isOver = true;
  });
  const startMegabytes = process.memoryUsage().rss / 1_000_000;
  let [last, sinceMs] = [-1, performance.now()];
  while (!isOver) {
    await Promise.race([ended, sleep(200)]);
    peakMegabytes = Math.max(
      peakMegabytes,
      Math.round(process.memoryUsage().rss / 1_000_000 - startMegabytes),
    );
    const now = Atomics.load(head, 0);
    if (now !== last) [last, sinceMs] = [now, performance.now()];
    // Before the first input the thread is loading.
    if (isOver || now === 0 || performance.now() - sinceMs < longestMs) continue;
    findings.push({ input: current(), error: `an input took longer than ${longestMs / 1000} s` });
    await thread.terminate();
  }
  return {
    executions: Math.max(executions, Atomics.load(head, 0)),
    reached,
    corpus,
    findings,
    peakMegabytes,
    isComplete,
  };
}
