import { readFile } from 'node:fs/promises';
import type { ServerOutcome } from './against-server.ts';

/** What a run came to; a file of all runs adds them up. */
export interface Tally {
  readonly seed: number;
  readonly targets: Record<string, TargetTally>;
  server?: ServerOutcome;
}

interface TargetTally {
  readonly executions: number;
  readonly reached: number;
  readonly kept: number;
  readonly peakMegabytes: number;
  readonly findings: readonly string[];
}

export interface AllRuns {
  readonly runs: number;
  readonly executions: Readonly<Record<string, number>>;
  readonly findings: number;
}

export function emptyTally(seed: number): Tally {
  return { seed, targets: {} };
}

/** The tally of all runs with this one added. */
export async function readTally(path: string, tally: Tally): Promise<AllRuns> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const before: AllRuns =
    text === undefined ? { runs: 0, executions: {}, findings: 0 } : (JSON.parse(text) as AllRuns);
  const executions: Record<string, number> = { ...before.executions };
  const add = (name: string, count: number) => {
    executions[name] = (executions[name] ?? 0) + count;
  };
  for (const [name, target] of Object.entries(tally.targets)) add(name, target.executions);
  if (tally.server !== undefined) add('server', tally.server.requests);
  const found = Object.values(tally.targets).reduce((sum, { findings }) => sum + findings.length, 0);
  return {
    runs: before.runs + 1,
    executions,
    findings: before.findings + found + (tally.server?.findings.length ?? 0),
  };
}

export function textOf(tally: Tally, all: AllRuns): string {
  const lines = Object.entries(tally.targets).flatMap(
    ([name, { executions, reached, kept, peakMegabytes, findings }]) => [
      `${name.padEnd(24)}${String(executions).padStart(9)} inputs ${String(reached).padStart(6)} characters of code ${String(kept).padStart(5)} kept  ${peakMegabytes} MB at most`,
      ...findings.map((finding) => `  ${finding}`),
    ],
  );
  const { server } = tally;
  if (server !== undefined) {
    const statuses = Object.entries(server.statuses).map(([status, count]) => `${status}: ${count}`);
    lines.push(
      `${'server'.padEnd(24)}${String(server.requests).padStart(9)} requests (${statuses.join(', ')})`,
      `  memory ${server.memoryMegabytes.join(', ')} MB; longest stall ${server.longestStallMs} ms`,
      ...server.findings.map((finding) => `  ${finding}`),
    );
  }
  const total = Object.values(all.executions).reduce((sum, count) => sum + count, 0);
  return `${[...lines, `seed ${tally.seed}; all runs so far: ${all.runs} with ${total} inputs and ${all.findings} findings`].join('\n')}\n`;
}
