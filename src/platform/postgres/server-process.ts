import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { isSqlState } from '#platform/postgres-errors';
import type { Binaries } from './binaries.ts';
import { embeddedName, type Place, serverEnvironment } from './cluster-folder.ts';
import { accessFile, settleOwnerPassword, writeAccess } from './owner-password.ts';

const stopDeadlineMs = 30_000;

/** The host in the authority is only there so that every URL parser accepts it; the one in the query counts. */
export function urlOf(place: Place, database: string): string {
  const host = encodeURIComponent(place.socket.path);
  const who = place.password === undefined ? embeddedName : `${embeddedName}:${place.password}`;
  return `postgresql://${who}@localhost:5432/${database}?host=${host}&sslmode=disable`;
}

/**
 * `starting` also stands for recovering after a crash and for shutting down: somebody is there and takes the time it
 * takes. `refused`: a server that has another password.
 */
export type Answer = 'ready' | 'starting' | 'refused' | 'none';

/** The only proof that a server is ready: pid files and their `ready` line outlive a crash. */
export async function ask(client: pg.Client): Promise<Answer> {
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
    return 'ready';
  } catch (error) {
    if (isSqlState(error, 'invalidPassword', 'invalidAuthorization')) return 'refused';
    return isSqlState(error, 'cannotConnectNow') ? 'starting' : 'none';
  }
}

/** Spawns the server. The child may end at once, for example because another server holds the lock. */
export async function launch(
  place: Place,
  binaries: Binaries,
  prefix: readonly string[],
  durable: boolean,
  archiveCommand: string | undefined,
): Promise<ChildProcess> {
  if (place.password !== undefined) await writeAccess(place.home, 'scram-sha-256');
  const output = await open(place.logFile, 'a', 0o600);
  try {
    const [command, ...args] = [
      ...prefix,
      binaries.postgres,
      ...['-D', place.cluster, '-k', place.socket.path, '-p', '5432'],
      ...(place.password === undefined ? [] : ['-c', `hba_file=${accessFile(place.home)}`]),
      ...[...serverSettings(durable), ...archiveSettings(archiveCommand)].flatMap((setting) => [
        '-c',
        setting,
      ]),
    ];
    const child = spawn(command ?? binaries.postgres, args, {
      // A group of its own, so that Ctrl-C in a terminal reaches us and not the server: we stop it after our work.
      detached: true,
      cwd: place.home,
      env: serverEnvironment(),
      stdio: ['ignore', output.fd, output.fd],
    });
    child.on('error', () => {});
    child.unref();
    return child;
  } finally {
    await output.close();
  }
}

function serverSettings(durable: boolean): readonly string[] {
  return [
    'listen_addresses=',
    'unix_socket_permissions=0700',
    'max_connections=100',
    'shared_buffers=128MB',
    'effective_cache_size=512MB',
    'random_page_cost=1.1',
    'max_wal_size=2GB',
    'min_wal_size=128MB',
    'checkpoint_timeout=15min',
    'wal_compression=on',
    'jit=off',
    'timezone=UTC',
    'log_timezone=UTC',
    // Errors go to the client that caused them. Here they could carry values of rows, which a log must not hold.
    'log_min_messages=log',
    'log_min_error_statement=panic',
    'log_error_verbosity=terse',
    'log_checkpoints=off',
    ...(durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
  ];
}

/** A piece of the log is handed on at the latest after a minute in which anything was written. */
function archiveSettings(command: string | undefined): readonly string[] {
  return command === undefined ? [] : ['archive_mode=on', `archive_command=${command}`, 'archive_timeout=60'];
}

/**
 * True once our child answers; false when it ended instead, for example because another server holds the lock, or
 * when it says nothing at all for too long and was ended.
 */
export async function becameReady(child: ChildProcess, place: Place, patienceMs: number): Promise<boolean> {
  let deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    if (child.pid === undefined || hasExited(child)) return false;
    // An answer may come from another starter's server while our child is about to give up.
    if ((await lockHolder(place)) === child.pid) {
      const client = new pg.Client({
        connectionString: urlOf(place, 'postgres'),
        connectionTimeoutMillis: 2_000,
      });
      const answer = await ask(client);
      await client.end().catch(() => {});
      if (answer === 'ready') return true;
      if (answer === 'refused')
        await settleOwnerPassword(child, place.home, urlOf(place, 'postgres')).catch(() => {});
      // Recovery of much unsaved work must not be cut off: it would begin anew each time.
      if (answer === 'starting') deadline = performance.now() + patienceMs;
    }
    await sleep(25);
  }
  child.kill('SIGQUIT');
  return false;
}

/** The process that wrote its id into the lock file, alive or not; NaN where there is no lock file. */
export async function lockHolder(place: Place): Promise<number> {
  const text = await readFile(join(place.cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  return Number.parseInt(text, 10);
}

/** A stop that takes longer is ended; what it had not saved is recovered from the log of PostgreSQL at the next start. */
const hungStopMs = 10_000;

/**
 * Watches a server that is on its way out and that nobody waits for any more, at each call. PostgreSQL 18 can hang
 * there for ever: when it is told to stop while it recovers from the crash of one of its connections.
 */
export function hungStopEnder(place: Place): () => Promise<void> {
  let sinceMs: number | undefined;
  return async () => {
    if (!(await isStopping(place))) sinceMs = undefined;
    else sinceMs ??= performance.now();
    if (sinceMs === undefined || performance.now() - sinceMs < hungStopMs) return;
    sinceMs = undefined;
    try {
      process.kill(await lockHolder(place), 'SIGQUIT');
    } catch {
      // It ended by itself, or belongs to another user, who has to end it.
    }
  };
}

/** What a server writes into the eighth line of its lock file (`PM_STATUS_STOPPING` in PostgreSQL's pidfile.h). */
async function isStopping(place: Place): Promise<boolean> {
  const text = await readFile(join(place.cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  return text.split('\n')[7]?.trim() === 'stopping';
}

/** Makes the one database where there is none. */
export async function ensureDatabase(place: Place): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(place, 'postgres') });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [embeddedName]);
    if (rowCount === 0) await client.query(`create database ${embeddedName}`);
  } catch (error) {
    if (!isSqlState(error, 'duplicateDatabase', 'uniqueViolation')) throw error;
  } finally {
    await client.end();
  }
}

/** Fast shutdown saves first; a throw-away cluster is dropped at once. */
export async function stopServer(child: ChildProcess, durable: boolean): Promise<void> {
  if (hasExited(child)) return;
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  child.ref();
  child.kill(durable ? 'SIGINT' : 'SIGQUIT');
  const timer = setTimeout(() => child.kill('SIGQUIT'), stopDeadlineMs);
  await exited;
  clearTimeout(timer);
}

export function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
