import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { findBinaries } from '../../src/platform/postgres/binaries.ts';
import { serverEnvironment } from '../../src/platform/postgres/cluster-folder.ts';
import { launchPrefix } from '../../src/platform/postgres/launch-prefix.ts';
import { closeAtEnd } from './database.ts';

const run = promisify(execFile);

/** One PostgreSQL server of a pair, as a bureau with DATABASE_URL has it: not run by the bureau. */
interface Server {
  readonly socket: string;
  /** This server alone. */
  readonly url: string;
  readonly ask: <T extends object>(sql: string) => Promise<readonly T[]>;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  /** As when the machine loses power; what the kernel was given stays. */
  readonly kill: () => Promise<void>;
}

export interface Pair {
  /** Both hosts; connections go to the one that takes writes. */
  readonly url: string;
  readonly primary: Server;
  readonly standby: Server;
  /** Makes the standby a primary. */
  readonly promote: () => Promise<void>;
}

const settings = [
  ...['listen_addresses=', 'unix_socket_permissions=0700', 'max_connections=100', 'timezone=UTC', 'jit=off'],
  ...[
    'wal_level=replica',
    'max_wal_senders=4',
    'hot_standby=on',
    'wal_keep_size=256MB',
    'checkpoint_timeout=15min',
  ],
];

/**
 * A primary and a standby that streams from it, from the binaries that the bureau brings along. Commits wait until the
 * standby has them on its disk, so that a failover loses nothing that was acknowledged. The standby is a copy by the
 * low-level backup API.
 */
export async function startPair(): Promise<Pair> {
  const root = await mkdtemp(join(tmpdir(), 'fl-pair-'));
  const [one, other] = [await aServer(join(root, 'a')), await aServer(join(root, 'b'))];
  closeAtEnd(async () => {
    await Promise.all([one.stop(), other.stop()]);
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  });
  await one.make();
  await one.start();
  await one.ask('create database firstlight');
  await copyCluster(one, other);
  await other.start();
  await one.ask(`alter system set synchronous_standby_names = 'standby'`);
  await one.ask('select pg_reload_conf()');
  await untilSynchronous(one);
  const hosts = `${encodeURIComponent(one.socket)},${encodeURIComponent(other.socket)}`;
  return {
    url: `postgresql://firstlight@localhost/firstlight?host=${hosts}&port=5432,5432`,
    primary: one,
    standby: other,
    promote: async () => {
      await other.ask('select pg_promote(true, 60)');
    },
  };
}

interface MadeServer extends Server {
  readonly cluster: string;
  readonly make: () => Promise<void>;
}

async function aServer(home: string): Promise<MadeServer> {
  const cluster = join(home, 'cluster');
  const socket = join(home, 's');
  await mkdir(socket, { recursive: true, mode: 0o700 });
  const binaries = await findBinaries();
  const prefix = await launchPrefix();
  const environment = { env: serverEnvironment(), cwd: home };
  const url = `postgresql://firstlight@localhost/postgres?host=${encodeURIComponent(socket)}&port=5432`;
  let child: ChildProcess | undefined;
  const ask = async <T extends object>(sql: string): Promise<readonly T[]> => {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    try {
      await client.connect();
      return (await client.query<T>(sql)).rows;
    } finally {
      await client.end().catch(() => {});
    }
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const exited = once(running, 'exit');
    running.kill(signal);
    await exited;
  };
  return {
    socket,
    url,
    cluster,
    ask,
    make: async () => {
      const words = [binaries.initdb, '-D', cluster, '-U', 'firstlight', '--auth=trust', '--encoding=UTF8'];
      const [command = '', ...args] = [...prefix, ...words, '--locale=C', '--no-sync'];
      await run(command, args, environment);
    },
    start: async () => {
      const log = await open(join(home, 'log'), 'a');
      const words = [binaries.postgres, '-D', cluster, '-k', socket, '-p', '5432'];
      const [command = '', ...args] = [...prefix, ...words, ...settings.flatMap((each) => ['-c', each])];
      child = spawn(command, args, { ...environment, stdio: ['ignore', log.fd, log.fd] });
      await log.close();
      for (let attempt = 0; ; attempt += 1) {
        const isUp = await ask('select 1').then(
          () => true,
          () => false,
        );
        if (isUp) return;
        if (attempt > 600 || child.exitCode !== null) throw new Error(`the server in ${home} did not start`);
        await sleep(50);
      }
    },
    stop: async () => await end('SIGQUIT'),
    kill: async () => await end('SIGKILL'),
  };
}

/** By the low-level backup API, while the primary runs. */
async function copyCluster(from: MadeServer, to: MadeServer): Promise<void> {
  const client = new pg.Client({ connectionString: from.url });
  await client.connect();
  await client.query(`select pg_backup_start('standby', fast => true)`);
  await cp(from.cluster, to.cluster, {
    recursive: true,
    filter: (path) => !/\/(postmaster\.(pid|opts)|pg_wal\/.+|pg_replslot\/.+)$/.test(path),
  });
  const { rows } = await client.query<{ labelfile: string }>(
    'select labelfile from pg_backup_stop(wait_for_archive => false)',
  );
  await client.end();
  await writeFile(join(to.cluster, 'backup_label'), rows[0]?.labelfile ?? '');
  await writeFile(join(to.cluster, 'standby.signal'), '');
  const source = `host=${from.socket} port=5432 user=firstlight application_name=standby`;
  await writeFile(join(to.cluster, 'postgresql.auto.conf'), `primary_conninfo = '${source}'\n`);
  if ((await readdir(join(to.cluster, 'pg_wal'))).length > 0)
    throw new Error('the copy brought its log along');
}

async function untilSynchronous(primary: Server): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const rows = await primary.ask<{ sync: string }>('select sync_state as sync from pg_stat_replication');
    if (rows.some(({ sync }) => sync === 'sync')) return;
    await sleep(50);
  }
  throw new Error('the standby never followed');
}
