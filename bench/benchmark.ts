import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Numbers } from './options.ts';

/** One figure, with what it is compared to and the aim, if there is one. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Whether the value should reach (`at-least`) or stay under (`below`) a number. */
  readonly aim?: { readonly kind: 'at-least' | 'below'; readonly value: number };
}

export interface Benchmark {
  readonly summary: string;
  readonly defaults: Numbers;
  /** Measures in a data folder of its own. Throws when something went wrong that makes the figures worthless. */
  readonly measure: (numbers: Numbers, note: (line: string) => void) => Promise<readonly Figure[]>;
}

/** Runs with an empty folder that is gone afterwards. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'firstlight-bench-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** The environment of a bureau that is measured: its own folder, a free port, the built-in database. */
export function environmentFor(folder: string): NodeJS.ProcessEnv {
  const { DATABASE_URL: _ours, ...environment } = process.env;
  return { ...environment, FIRSTLIGHT_DATA: folder, PORT: '0', HOST: '127.0.0.1' };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) throw new Error('a median needs at least one value');
  return (low + high) / 2;
}

export function isMet(figure: Figure): boolean | undefined {
  if (figure.aim === undefined) return undefined;
  return figure.aim.kind === 'at-least' ? figure.value >= figure.aim.value : figure.value < figure.aim.value;
}
