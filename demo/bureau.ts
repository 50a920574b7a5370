import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { DemoTrouble } from './folder.ts';
import { Connection } from './send/connection.ts';

const adminPath = fileURLToPath(new URL('../src/admin.ts', import.meta.url));
const readyLine = /^Firstlight is ready: (http\S+)$/;

/** A bureau that was started for this run. */
export interface ChildBureau {
  readonly url: string;
  /** Settles when the bureau has ended, whatever the reason. */
  readonly ended: Promise<void>;
  /** The end of what it wrote to standard error. */
  lastWords(): string;
  /** Asks it to stop, once, and waits until it has. */
  stop(): Promise<void>;
  /** Tells it not to wait for what is under way. */
  hurry(): void;
  /** A connection with the local administrator's token. */
  administrator(): Promise<Connection>;
}

export function dataFolderOf(environment: NodeJS.ProcessEnv): string {
  const folder = environment.FIRSTLIGHT_DATA?.trim();
  return resolve(folder === undefined || folder === '' ? './data' : folder);
}

/**
 * Starts `npm start`'s program on a data folder and waits for its ready line. It runs in a process group of its own,
 * so that Ctrl-C reaches it once and through us, and ends by itself when this process is gone: its channel closes.
 * @param signal ends it, also while it starts
 * @throws DemoTrouble with what it wrote, when it ends before it is ready
 */
export async function startBureau(
  dataFolder: string,
  environment: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<ChildBureau> {
  const child = fork(adminPath, ['start'], {
    env: { ...environment, FIRSTLIGHT_DATA: dataFolder },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  let isAsked = false;
  // The bureau takes a second signal as "at once", so it gets one however often it is asked.
  const askOnce = (): void => {
    if (!isAsked) child.kill('SIGTERM');
    isAsked = true;
  };
  signal?.addEventListener('abort', askOnce);
  const complaints: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaints.push(text);
    if (complaints.length > 200) complaints.shift();
  });
  const exited = once(child, 'exit');
  const url = await Promise.race([addressOf(child), exited.then(() => undefined)]);
  if (url === undefined) throw new DemoTrouble(`The bureau did not start.\n${complaints.join('').trim()}`);
  return {
    url,
    ended: exited.then(() => undefined),
    lastWords: () => complaints.join('').trim(),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      askOnce();
      await exited;
    },
    hurry: () => {
      child.kill('SIGTERM');
    },
    administrator: async () => {
      const token = (await readFile(join(dataFolder, 'admin-token'), 'utf8')).trim();
      return new Connection(url, `Bearer ${token}`);
    },
  };
}

async function addressOf(child: ChildProcess): Promise<string | undefined> {
  if (child.stdout === null) throw new Error('the bureau has no standard output');
  const lines = createInterface({ input: child.stdout });
  return await new Promise((found) => {
    // Goes on reading after the ready line: a full pipe would stop the bureau.
    lines.on('line', (line) => {
      const url = readyLine.exec(line)?.[1];
      if (url !== undefined) found(url);
    });
  });
}
