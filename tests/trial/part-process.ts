import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { descendantsOf } from '../harness/process-list.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** One part of a bureau alone, as a supervisor runs it on one of several machines. */
export class PartProcess {
  readonly part: 'server' | 'worker';
  readonly #environment: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #port: number | undefined;
  #said = '';

  constructor(part: 'server' | 'worker', environment: Readonly<Record<string, string>>) {
    this.part = part;
    this.#environment = environment;
  }

  /** Where it listens; undefined for a worker and for a server that does not run. */
  get port(): number | undefined {
    return this.#child?.exitCode === null && this.#child.signalCode === null ? this.#port : undefined;
  }

  /** Resolves when it is ready; throws with what it said when it ended before. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, ['src/admin.ts', this.part], {
      cwd: root,
      env: {
        PATH: process.env.PATH ?? '',
        TMPDIR: process.env.TMPDIR ?? '/tmp',
        PORT: '0',
        ...this.#environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#port = undefined;
    await new Promise<void>((resolve, reject) => {
      let out = '';
      child.stdout?.on('data', (chunk: Buffer) => {
        out = (out + chunk.toString()).slice(-2_000);
        const url = /^Firstlight is ready: (\S+)$/m.exec(out)?.[1];
        if (url !== undefined) this.#port = Number(new URL(url).port);
        if (url !== undefined || /worker is ready/.test(out)) resolve();
      });
      child.stderr?.on('data', (chunk: Buffer) => {
        this.#said = (this.#said + chunk.toString()).slice(-4_000);
      });
      child.once('exit', (status) =>
        reject(new Error(`the ${this.part} ended with ${status}: ${this.#said}`)),
      );
    });
  }

  /** The whole machine's share dies in one moment. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined) return;
    const pids = [child.pid, ...(await descendantsOf(child.pid)).map(({ pid }) => pid)];
    for (const name of ['SIGSTOP', 'SIGKILL'] as const) {
      for (const pid of pids) {
        try {
          process.kill(pid, name);
        } catch {
          // It ended by itself a moment ago.
        }
      }
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  }
}
