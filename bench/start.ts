import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Benchmark, environmentFor, median, withFolder } from './benchmark.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** `npm start` on an empty data folder until its ready line, beside `node -e 0`, which is what starting Node costs. */
export const start: Benchmark = {
  summary: 'npm start on an empty data folder, until it is ready',
  defaults: { rounds: 3 },
  measure: async ({ rounds = 3 }, note) => {
    const [starts, bare]: [number[], number[]] = [[], []];
    for (let round = 1; round <= rounds; round++) {
      bare.push(await secondsOfBareNode());
      starts.push(await withFolder(async (folder) => await secondsUntilReady(folder)));
      note(
        `round ${round}: ready after ${starts.at(-1)?.toFixed(2)} s, node -e 0 ${bare.at(-1)?.toFixed(3)} s`,
      );
    }
    return [
      { name: 'npm start, first start', value: median(starts), unit: 's', aim: { kind: 'below', value: 5 } },
      { name: 'node -e 0', value: median(bare), unit: 's' },
      { name: 'start / node -e 0', value: median(starts) / median(bare), unit: '' },
    ];
  },
};

async function secondsOfBareNode(): Promise<number> {
  const startedMs = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
  return (performance.now() - startedMs) / 1000;
}

async function secondsUntilReady(folder: string): Promise<number> {
  const startedMs = performance.now();
  // A process group of its own: npm, its shell and the bureau end together, as by Ctrl-C.
  const child = spawn('npm', ['start', '--silent'], {
    cwd: root,
    env: environmentFor(folder),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const exited = once(child, 'exit');
  try {
    await ready(child, exited);
    return (performance.now() - startedMs) / 1000;
  } finally {
    if (child.exitCode === null && child.pid !== undefined) {
      process.kill(-child.pid, 'SIGINT');
      await exited;
    }
  }
}

async function ready(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  let [said, complaints] = ['', ''];
  child.stderr?.on('data', (part) => {
    complaints += String(part);
  });
  const isReady = new Promise<boolean>((resolve) => {
    child.stdout?.on('data', (part) => {
      said += String(part);
      if (/^Firstlight is ready: http/m.test(said)) resolve(true);
    });
  });
  if (await Promise.race([isReady, exited.then(() => false)])) return;
  throw new Error(`npm start ended before it was ready.\n${complaints.slice(-2000)}`);
}
