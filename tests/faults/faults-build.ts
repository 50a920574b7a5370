import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '#platform/log';
import { startEmbedded } from '#platform/postgres';
import { provideConsole } from '../harness/console.ts';
import { closeAtEnd } from '../harness/database.ts';
import { type Destination, startTcpProxy, type TcpProxy } from '../harness/tcp-proxy.ts';
import { BureauUnderTrial } from '../trial/bureau-under-trial.ts';

/** A PostgreSQL of its own, reached through a connection that can be broken. */
export interface FaultyDatabase {
  /** Through the proxy. */
  readonly url: string;
  /** Straight, for whoever checks afterwards. */
  readonly directUrl: string;
  readonly proxy: TcpProxy;
  /** Sends a signal to the server and every process of it. */
  readonly signal: (name: NodeJS.Signals) => Promise<void>;
}

export async function newFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `firstlight-${name}-`));
  closeAtEnd(async () => await rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

export async function startFaultyDatabase(): Promise<FaultyDatabase> {
  const folder = await newFolder('faulty-database');
  const embedded = await startEmbedded(folder, createLog('silent', 'test'));
  const socket = new URL(embedded.url).searchParams.get('host') ?? '';
  const destination: Destination = { path: join(socket, '.s.PGSQL.5432') };
  const proxy = await startTcpProxy(() => destination);
  const url = new URL(embedded.url);
  url.searchParams.delete('host');
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  const lock = await readFile(join(folder, 'postgres', 'cluster', 'postmaster.pid'), 'utf8');
  const postmaster = Number.parseInt(lock, 10);
  closeAtEnd(async () => {
    await embedded.stop();
    await proxy.close();
  });
  return {
    url: url.href,
    directUrl: embedded.url,
    proxy,
    signal: async (name) => {
      const children = await readFile(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8').catch(
        () => '',
      );
      for (const pid of [postmaster, ...children.trim().split(/\s+/).map(Number)]) {
        try {
          process.kill(pid, name);
        } catch {
          // It ended by itself a moment ago.
        }
      }
    },
  };
}

/** A bureau of real processes in front of that database. */
export async function startBureauOn(
  database: FaultyDatabase,
  environment: Readonly<Record<string, string>> = {},
): Promise<BureauUnderTrial> {
  const data = join(await newFolder('faults'), 'data');
  await provideConsole(data);
  const bureau = new BureauUnderTrial(
    data,
    { FIRSTLIGHT_LOG: 'error', DATABASE_URL: database.url, ...environment },
    database.directUrl,
  );
  closeAtEnd(async () => void (await bureau.stop()));
  await bureau.start();
  return bureau;
}
