import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { closeAtEnd } from './database.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

/** A bureau as its administrator starts it: real processes on a data folder. */
export interface RunningBureau {
  readonly url: string;
  readonly pid: number;
  /** Resolves with the exit status. */
  readonly exited: Promise<number | null>;
  readonly signal: (signal: NodeJS.Signals) => void;
}

export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly error: string;
}

/** Starts and waits for the ready line; throws with everything it said when it ends before. */
export async function startProcess(
  environment: Readonly<Record<string, string>>,
  by: 'node' | 'npm' = 'node',
): Promise<RunningBureau> {
  const child = spawnBureau(environment, by);
  const exited = once(child, 'exit').then(([status]) => status as number | null);
  closeAtEnd(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await exited;
  });
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const ready = /^Firstlight is ready: (\S+)$/m.exec(said);
      if (ready?.[1] !== undefined) resolve(ready[1]);
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    void exited.then((status) => reject(new Error(`ended with ${status}: ${said}`)));
  });
  return { url, pid: child.pid ?? 0, exited, signal: (signal) => child.kill(signal) };
}

/** Starts and waits for the end, for starts that are meant to fail. */
export async function startAndEnd(
  environment: Readonly<Record<string, string>>,
  command: 'start' | 'server' | 'worker' = 'start',
): Promise<Ended> {
  const child = spawnBureau(environment, 'node', command);
  let out = '';
  let error = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    error += chunk.toString();
  });
  const [status] = (await once(child, 'exit')) as [number | null];
  return { status, out, error };
}

function spawnBureau(
  environment: Readonly<Record<string, string>>,
  by: 'node' | 'npm' = 'node',
  word = 'start',
): ChildProcess {
  const [command, args] = by === 'npm' ? ['npm', ['start']] : [process.execPath, ['src/admin.ts', word]];
  return spawn(command, args, {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', TMPDIR: process.env.TMPDIR ?? '/tmp', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs the command line against a data folder; gives its JSON. */
export async function firstlight(dataFolder: string, ...args: readonly string[]): Promise<unknown> {
  const { stdout } = await run(process.execPath, ['cli/firstlight.ts', ...args, '--json'], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', FIRSTLIGHT_DATA: dataFolder },
  });
  return JSON.parse(stdout);
}
