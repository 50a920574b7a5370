import { type ChildProcess, fork } from 'node:child_process';
import { environmentOfProcess } from '#platform/config';
import type { Logger } from '#platform/log';

/** What the parent of a bureau on one machine tells its server and worker, and what they answer. */
export interface GoMessage {
  readonly kind: 'go';
  /** As what the part connects. Holds a password. */
  readonly databaseUrl: string;
  /** As what a server connects for requests that need less: see `AppParts.pools`. */
  readonly poolUrls?: { readonly entrance: string; readonly intake: string };
  readonly port: number;
  readonly pagesFolder?: string;
}
type ChildMessage =
  | { readonly kind: 'ready'; readonly url?: string }
  | { readonly kind: 'failed'; readonly reason: string };

/**
 * The child's side: waits for the parent's word, and ends when the parent goes away, whatever way it goes.
 * @param stop closes what was opened; the process exits after it
 */
export async function childOfBureau(
  start: (go: GoMessage) => Promise<{ readonly url?: string; readonly stop: () => Promise<void> }>,
  log: Logger,
): Promise<void> {
  // The terminal sends SIGINT to the whole group; the parent decides when its children stop.
  process.on('SIGINT', () => {});
  const go = await new Promise<GoMessage>((resolve) => {
    process.once('message', (message) => resolve(message as GoMessage));
    process.once('disconnect', () => process.exit(0));
  });
  let stopping = false;
  let running: Awaited<ReturnType<typeof start>> | undefined;
  const end = async () => {
    if (stopping) return;
    stopping = true;
    await running?.stop().catch((err: unknown) => log.error({ err }, 'stopping failed'));
    process.exit(0);
  };
  process.on('SIGTERM', () => void end());
  process.on('disconnect', () => void end());
  try {
    running = await start(go);
    tell({ kind: 'ready', ...(running.url === undefined ? {} : { url: running.url }) });
  } catch (error) {
    log.debug({ err: error }, 'start failed');
    tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
    process.exit(1);
  }
}

function tell(message: ChildMessage): void {
  process.send?.(message);
}

export interface Child {
  /** Sends the word to start and resolves with the child's address, if it has one. Throws an Error with the child's reason. */
  readonly go: (message: GoMessage) => Promise<string | undefined>;
  readonly exited: Promise<void>;
  readonly stop: () => Promise<void>;
}

const stopDeadlineMs = 15_000;

/**
 * Uploads leave many short-lived buffers. A smaller young generation and fewer allocator arenas keep the process
 * near what it really holds: 390 MB became 260 MB in `bench intake`.
 */
const leanMemory = ['--max-semi-space-size=8'];

/** The parent's side: a child that has loaded its code and waits for the word. */
export function forkChild(path: string): Child {
  const child: ChildProcess = fork(path, [], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [...process.execArgv, ...leanMemory],
    // The owner of the database stays with whoever starts the parts; each is told its own address with the word to go.
    env: { ...environmentOfProcess(), DATABASE_URL: undefined, MALLOC_ARENA_MAX: '2' },
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    exited,
    go: async (message) =>
      await new Promise((resolve, reject) => {
        const ended = () => reject(new Error('A part of the bureau ended while starting.'));
        child.once('message', (answer) => {
          const told = answer as ChildMessage;
          if (told.kind === 'ready') resolve(told.url);
          else reject(new Error(told.reason));
        });
        if (child.exitCode !== null || child.signalCode !== null) ended();
        child.once('exit', ended);
        child.send(message, (error) => {
          if (error !== null) ended();
        });
      }),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopDeadlineMs);
      await exited;
      clearTimeout(timer);
    },
  };
}
