import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { descendantsOf, type Process, processesNaming } from '../harness/process-list.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * What is killed with SIGKILL. `database` is PostgreSQL's first process and `backend` one of its connections, after
 * which it recovers as from a crash; `bureau` is the process that watches over the others; `everything` is all of
 * them in one moment, frozen first so that none sees another die. A power cut that loses what the system had not
 * yet written cannot be made this way.
 */
export const strikeKinds = [
  'server',
  'worker',
  'decoder',
  'database',
  'backend',
  'bureau',
  'everything',
] as const;
export type StrikeKind = (typeof strikeKinds)[number];

const patienceMs = 120_000;
const mostLog = 8_000_000;

/** One bureau on one machine, as its administrator starts it and as a supervisor starts it again. */
export class BureauUnderTrial {
  readonly dataFolder: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #ownerUrl: string | undefined;
  #child: ChildProcess | undefined;
  #url = '';
  #said = '';

  /** @param ownerUrl of a database that is not the built-in one */
  constructor(dataFolder: string, environment: Readonly<Record<string, string>>, ownerUrl?: string) {
    this.dataFolder = dataFolder;
    this.#ownerUrl = ownerUrl;
    this.#environment = environment;
  }

  get url(): string {
    return this.#url;
  }

  /** Resolves when it is ready; throws with what it said when it ended before. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, ['src/admin.ts', 'start'], {
      cwd: root,
      env: {
        PATH: process.env.PATH ?? '',
        TMPDIR: process.env.TMPDIR ?? '/tmp',
        ...this.#environment,
        FIRSTLIGHT_DATA: this.dataFolder,
        PORT: '0',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#said = '';
    this.#url = await new Promise<string>((resolve, reject) => {
      let out = '';
      child.stdout?.on('data', (chunk: Buffer) => {
        out = (out + chunk.toString()).slice(-2_000);
        const ready = /^Firstlight is ready: (\S+)$/m.exec(out);
        if (ready?.[1] !== undefined) resolve(ready[1]);
      });
      child.stderr?.on('data', (chunk: Buffer) => {
        this.#said = (this.#said + chunk.toString()).slice(-mostLog);
        this.#noteFaults(chunk.toString());
      });
      child.once('exit', (status) => reject(new Error(`the bureau ended with ${status}: ${this.lastWords}`)));
    });
  }

  /** The end of what it wrote to its log. */
  get lastWords(): string {
    return this.#said.slice(-8_000);
  }

  /** What it wrote to its log since its last start, up to some megabytes. */
  get log(): string {
    return this.#said;
  }

  /** What programs said when a request failed that should not have, without what it was about, to how often. */
  readonly loggedFaults = new Map<string, number>();

  #noteFaults(lines: string): void {
    for (const line of lines.split('\n').filter((each) => each.includes('"a request failed"'))) {
      const [, message = line] = /"message":"((?:[^"\\]|\\.){0,200})/.exec(line) ?? [];
      const place = /\(?file:[^)]*\/(src\/[^)\\]*)/.exec(line)?.[1] ?? '';
      const fault = `${message} ${place}`;
      this.loggedFaults.set(fault, (this.loggedFaults.get(fault) ?? 0) + 1);
    }
  }

  /** Kills one part and does not wait for it to come back; gives what to wait for. */
  async strike(
    kind: StrikeKind,
    pick: (candidates: readonly Process[]) => Process,
  ): Promise<readonly number[]> {
    const parent = this.#pid();
    if (kind === 'bureau') return kill([parent]);
    const below = await descendantsOf(parent);
    if (kind === 'everything') {
      const all = [parent, ...below.map(({ pid }) => pid)];
      for (const pid of all) signal(pid, 'SIGSTOP');
      return kill(all);
    }
    const candidates = below.filter(({ command }) => isPart(kind, command));
    // Another strike took it a moment ago and it is not back yet.
    return candidates.length === 0 ? [] : kill([pick(candidates).pid]);
  }

  /** Resolves when all parts run and the bureau says that it takes reports; starts it where nobody is left to. */
  async recover(struck: readonly number[]): Promise<void> {
    await until(
      async () => (await Promise.all(struck.map(isGone))).every((gone) => gone),
      'the struck to be gone',
    );
    if (struck.includes(this.#pid())) {
      // The system calls it gone a moment before this process hears of it.
      if (!hasEnded(this.#running())) await once(this.#running(), 'exit');
      await this.start();
    }
    await until(async () => {
      const below = await descendantsOf(this.#pid());
      const parts = ['server', 'worker', 'database'] as const;
      if (!parts.every((part) => below.some(({ command }) => isPart(part, command)))) return false;
      const reply = await fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(5_000) });
      return reply.ok;
    }, `the bureau to recover; it said: ${this.lastWords}`);
  }

  /** Every process of the bureau below the first. */
  async processes(): Promise<readonly Process[]> {
    return await descendantsOf(this.#pid());
  }

  async adminToken(): Promise<string> {
    return (await readFile(join(this.dataFolder, 'admin-token'), 'utf8')).trim();
  }

  async databaseUrl(): Promise<string> {
    if (this.#ownerUrl !== undefined) return this.#ownerUrl;
    const address = JSON.parse(await readFile(join(this.dataFolder, 'bureau.json'), 'utf8')) as {
      databaseUrl: string;
    };
    return address.databaseUrl;
  }

  /** Stops as an administrator does, and waits until no process names the folder. */
  async stop(): Promise<number | null> {
    const child = this.#child;
    if (child !== undefined && !hasEnded(child)) {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    }
    await until(
      async () => (await processesNaming(this.dataFolder)).length === 0,
      'every process of the bureau to end',
    );
    return child?.exitCode ?? null;
  }

  #running(): ChildProcess {
    if (this.#child === undefined) throw new Error('the bureau was never started');
    return this.#child;
  }

  #pid(): number {
    return this.#running().pid ?? 0;
  }
}

function isPart(kind: StrikeKind, command: string): boolean {
  switch (kind) {
    case 'server':
      return command.includes('src/server.ts');
    case 'worker':
      return command.includes('src/worker.ts');
    case 'decoder':
      return /src\/decoder\/[\w-]+\.ts/.test(command);
    case 'database':
      return /bin\/postgres .*-D /.test(command);
    case 'backend':
      return /^postgres: firstlight\w* /.test(command);
    default:
      return false;
  }
}

function kill(pids: readonly number[]): readonly number[] {
  for (const pid of pids) signal(pid, 'SIGKILL');
  return pids;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself a moment ago.
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Killed children stay as zombies until their parent asks for them; those run no more. */
async function isGone(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat === undefined || /\) [ZX] /.test(stat);
}

async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await isSo().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`waited ${patienceMs / 1000} s for ${what}`);
    await sleep(50);
  }
}
