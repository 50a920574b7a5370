import { createHash } from 'node:crypto';
import { type Random, randomOf } from '../../demo/day/random.ts';
import { Coverage } from './coverage.ts';
import { mutated } from './mutate.ts';
import type { Target } from './target.ts';

export interface Finding {
  readonly input: Buffer;
  readonly error: string;
}

export interface FuzzOptions {
  readonly target: Target;
  readonly seed: number;
  /** Inputs that earlier runs kept. */
  readonly kept: readonly Buffer[];
  /** Told of every input before it runs, so that whoever watches knows what hangs. */
  readonly about: (input: Buffer) => void;
  readonly found: (finding: Finding) => void;
  /** Asked every now and then with the state; false ends the run. */
  readonly goesOn: (state: FuzzState) => boolean | Promise<boolean>;
}

export interface FuzzState {
  readonly executions: number;
  /** Characters of code that ran. */
  readonly reached: number;
  /** Inputs that reached something new. */
  readonly corpus: readonly Buffer[];
}

const mostKept = 4_000;
/** Inputs between two looks at the coverage. */
const [leastBatch, mostBatch] = [4, 256];

/** Gives one target input after input; those that reach new code are changed further. */
export async function fuzzOne(options: FuzzOptions): Promise<FuzzState> {
  const { target } = options;
  const random = randomOf(options.seed, 'fuzz', target.name);
  const coverage = new Coverage();
  const corpus: Buffer[] = [];
  const reported = new Set<string>();
  let executions = 0;
  const state = (): FuzzState => ({ executions, reached: coverage.reached, corpus });
  const run = async (input: Buffer): Promise<void> => {
    executions += 1;
    options.about(input);
    try {
      await target.run(input);
    } catch (error) {
      const shape = shapeOf(error);
      if (reported.has(shape)) return;
      reported.add(shape);
      options.found({
        input,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
  };
  const runAndKeep = async (input: Buffer): Promise<void> => {
    await run(input);
    if (coverage.look() && corpus.length < mostKept) corpus.push(input);
  };
  coverage.skip();
  const first = [...target.seeds.map((one) => Buffer.from(one as string)), ...options.kept];
  for (const input of first) await runAndKeep(input.subarray(0, target.mostBytes));
  if (corpus.length === 0) corpus.push(first[0] ?? Buffer.alloc(0));
  let batchSize = leastBatch;
  while (await options.goesOn(state())) {
    const inputs = Array.from({ length: batchSize }, () => nextInput(random, target, corpus));
    const startedMs = performance.now();
    for (const input of inputs) await run(input);
    const ranMs = performance.now();
    const isNews = coverage.isNews();
    const lookedMs = performance.now();
    // A look costs as much as many short inputs; it should not cost more than they do.
    batchSize =
      lookedMs - ranMs > (ranMs - startedMs) / 2
        ? Math.min(mostBatch, batchSize * 2)
        : Math.max(leastBatch, batchSize >> 1);
    if (isNews) for (const input of inputs) await runAndKeep(input);
  }
  return state();
}

function nextInput(random: Random, target: Target, corpus: readonly Buffer[]): Buffer {
  if (target.make !== undefined && random.chance(0.3))
    return target.make(random).subarray(0, target.mostBytes);
  // What was found lately is changed most.
  const recent = corpus.slice(-64);
  const base = random.pick(random.chance(0.5) ? recent : corpus);
  return mutated(random, base, random.pick(corpus), target.words, target.mostBytes);
}

/** One fault reported once: its words without numbers, and where it was thrown. */
function shapeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const place = error.stack?.split('\n').find((line) => line.includes('/src/')) ?? '';
  return `${error.name} ${error.message.replace(/\d+|"[^"]*"/g, '').slice(0, 80)} ${place}`;
}

export function nameOf(input: Buffer): string {
  return createHash('sha256').update(input).digest('hex').slice(0, 16);
}
