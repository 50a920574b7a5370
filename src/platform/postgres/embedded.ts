import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, open, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Logger } from '#platform/log';
import { isSqlState } from '#platform/postgres-errors';
import { newToken } from '#platform/random';
import { type Binaries, findBinaries } from './binaries.ts';
import { launchPrefix } from './launch-prefix.ts';
import { prepareSocketFolder, type SocketFolder, socketFolderFor } from './socket-folder.ts';

const run = promisify(execFile);

export interface EmbeddedOptions {
  /** False only for throw-away clusters: nothing is flushed to disk, and stopping does not save. */
  readonly durable?: boolean;
}

export interface Embedded {
  readonly url: string;
  /** Whether this process started the server, or found one running on the same folder. */
  readonly isStarter: boolean;
  /** Stops the server if this process started it. May be called twice. */
  readonly stop: () => Promise<void>;
}

const startDeadlineMs = 30_000;
const stopDeadlineMs = 30_000;
const user = 'firstlight';

interface Place {
  /** `<dataFolder>/postgres`: cluster, log and, where the path is short enough, the socket. */
  readonly home: string;
  readonly cluster: string;
  readonly logFile: string;
  readonly socket: SocketFolder;
}

/**
 * Starts PostgreSQL on `<dataFolder>/postgres`, or attaches to the one that another process started there.
 *
 * Modes: *attached* (somebody answers on the socket: use it, stopping is theirs), *started* (our child holds the
 * cluster's lock), *waiting* (the lock is held by a server that does not answer yet, or old backends still hold
 * shared memory: look again until the deadline). A starter that loses the race for the lock goes back to waiting.
 * The server dies with this process, even when that is killed.
 */
export async function startEmbedded(
  dataFolder: string,
  log: Logger,
  options: EmbeddedOptions = {},
): Promise<Embedded> {
  const durable = options.durable ?? true;
  await mkdir(join(dataFolder, 'postgres'), { recursive: true, mode: 0o700 });
  // One name however the folder was reached, so that all who use it agree on the socket.
  const home = await realpath(join(dataFolder, 'postgres'));
  const cluster = join(home, 'cluster');
  const place: Place = { home, cluster, logFile: join(home, 'postgres.log'), socket: socketFolderFor(home) };
  if (await answers(place, user)) return attached(place);

  const binaries = await findBinaries();
  const prefix = await launchPrefix(log);
  await prepareSocketFolder(place.socket);
  await ensureCluster(place, binaries, prefix, durable);
  await refuseOtherMajor(place, binaries);
  await shortenLog(place.logFile);

  const deadline = performance.now() + startDeadlineMs;
  while (performance.now() < deadline) {
    const child = await launch(place, binaries, prefix, durable);
    if (await becameReady(child, place, deadline)) {
      await ensureDatabase(place);
      return started(child, place, durable, log);
    }
    if (await answers(place, user)) return attached(place);
    await sleep(100);
  }
  throw new Error(
    `The built-in PostgreSQL did not start within ${startDeadlineMs / 1000} seconds. The end of ${place.logFile}:\n` +
      (await logTail(place.logFile)),
  );
}

function attached(place: Place): Embedded {
  return { url: urlOf(place, user), isStarter: false, stop: async () => {} };
}

function started(child: ChildProcess, place: Place, durable: boolean, log: Logger): Embedded {
  let stopping: Promise<void> | undefined;
  // Where the kernel does not end the server with us (no setpriv), this does for every exit but a kill.
  const endWithProcess = () => child.kill('SIGINT');
  process.once('exit', endWithProcess);
  child.once('exit', (code, signal) => {
    process.removeListener('exit', endWithProcess);
    if (stopping === undefined) {
      log.error({ code, signal, logFile: place.logFile }, 'the built-in PostgreSQL stopped by itself');
    }
  });
  return {
    url: urlOf(place, user),
    isStarter: true,
    stop: () => {
      stopping ??= stopServer(child, durable).then(() => place.socket.remove());
      return stopping;
    },
  };
}

/** Fast shutdown saves first; a throw-away cluster is dropped at once. */
async function stopServer(child: ChildProcess, durable: boolean): Promise<void> {
  if (hasExited(child)) return;
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  child.ref();
  child.kill(durable ? 'SIGINT' : 'SIGQUIT');
  const timer = setTimeout(() => child.kill('SIGQUIT'), stopDeadlineMs);
  await exited;
  clearTimeout(timer);
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** The host in the authority is only there so that every URL parser accepts it; the one in the query counts. */
function urlOf(place: Place, database: string): string {
  const host = encodeURIComponent(place.socket.path);
  return `postgresql://${user}@localhost:5432/${database}?host=${host}&sslmode=disable`;
}

/** The only proof that a server is ready: pid files and their `ready` line outlive a crash. */
async function answers(place: Place, database: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: urlOf(place, database), connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

async function ensureCluster(
  place: Place,
  binaries: Binaries,
  prefix: readonly string[],
  durable: boolean,
): Promise<void> {
  if (await isFile(join(place.cluster, 'PG_VERSION'))) return;
  await removeAbandoned(place.home);
  const draft = join(place.home, `init.${process.pid}.${newToken().slice(0, 8)}`);
  const [command, ...args] = [
    ...prefix,
    binaries.initdb,
    ...['-D', draft, '-U', user, '--auth=trust', '--encoding=UTF8', '--data-checksums'],
    // Sorting must not depend on the machine's locales.
    ...['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'],
    ...(durable ? [] : ['--no-sync']),
  ];
  try {
    await run(command ?? binaries.initdb, args, { env: serverEnvironment(), cwd: place.home });
    await rename(draft, place.cluster);
    if (durable) await flushFolder(place.home);
  } catch (cause) {
    // Somebody else may have been first.
    if (await isFile(join(place.cluster, 'PG_VERSION'))) return;
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The built-in PostgreSQL could not make its files in ${place.home}: ${detail}`, {
      cause,
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Drafts of processes that died while making them. */
async function removeAbandoned(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    const pid = /^init\.(\d+)\./.exec(name)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    await rm(join(home, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
}

async function refuseOtherMajor(place: Place, binaries: Binaries): Promise<void> {
  const recorded = (await readFile(join(place.cluster, 'PG_VERSION'), 'utf8')).trim();
  if (recorded === binaries.major) return;
  throw new Error(
    `${place.cluster} was made by PostgreSQL ${recorded}, and this Firstlight brings PostgreSQL ${binaries.major}, ` +
      `which cannot read it. Run the Firstlight release that brought PostgreSQL ${recorded}, or set DATABASE_URL to a ` +
      'server that holds the data, or FIRSTLIGHT_DATA to a new folder.',
  );
}

async function launch(
  place: Place,
  binaries: Binaries,
  prefix: readonly string[],
  durable: boolean,
): Promise<ChildProcess> {
  const output = await open(place.logFile, 'a', 0o600);
  try {
    const [command, ...args] = [
      ...prefix,
      binaries.postgres,
      ...['-D', place.cluster, '-k', place.socket.path, '-p', '5432'],
      ...serverSettings(durable).flatMap((setting) => ['-c', setting]),
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

/** Nothing of ours, so that no PG* variable or secret reaches the server. */
function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

/** True once our child answers; false when it ended instead, for example because another server holds the lock. */
async function becameReady(child: ChildProcess, place: Place, deadline: number): Promise<boolean> {
  while (performance.now() < deadline) {
    if (child.pid === undefined || hasExited(child)) return false;
    // An answer may come from another starter's server while our child is about to give up.
    if ((await lockHolder(place)) === child.pid && (await answers(place, 'postgres'))) return true;
    await sleep(25);
  }
  child.kill('SIGQUIT');
  return false;
}

/** The process that wrote its id into the lock file, alive or not. */
async function lockHolder(place: Place): Promise<number> {
  const text = await readFile(join(place.cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  return Number.parseInt(text, 10);
}

async function ensureDatabase(place: Place): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(place, 'postgres') });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [user]);
    if (rowCount === 0) await client.query(`create database ${user}`);
  } catch (error) {
    if (!isSqlState(error, 'duplicateDatabase', 'uniqueViolation')) throw error;
  } finally {
    await client.end();
  }
}

const longestLogBytes = 10 * 1024 * 1024;

/** Keeps one earlier log. */
async function shortenLog(logFile: string): Promise<void> {
  const facts = await stat(logFile).catch(() => undefined);
  if (facts !== undefined && facts.size > longestLogBytes) await rename(logFile, `${logFile}.1`);
}

async function logTail(logFile: string): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '(there is no log)');
  return text.trimEnd().split('\n').slice(-20).join('\n');
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isFile(),
    () => false,
  );
}
