import { execFile } from 'node:child_process';
import { mkdir, open, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { newToken } from '#platform/random';
import type { Binaries } from './binaries.ts';
import { ownerPassword, passwordFile } from './owner-password.ts';
import { type SocketFolder, socketFolderFor } from './socket-folder.ts';

const run = promisify(execFile);

/** Name of the database and of the only user. */
export const embeddedName = 'firstlight';

/** Where an embedded cluster and its belongings are. */
export interface Place {
  /** `<dataFolder>/postgres`: cluster, log and, where the path is short enough, the socket. */
  readonly home: string;
  readonly cluster: string;
  readonly logFile: string;
  readonly socket: SocketFolder;
  /** Of the owner; a throw-away cluster asks nobody for a password. */
  readonly password: string | undefined;
}

/** Makes the outer folder if there is none. */
export async function placeFor(dataFolder: string, durable: boolean): Promise<Place> {
  await mkdir(join(dataFolder, 'postgres'), { recursive: true, mode: 0o700 });
  // One name however the folder was reached, so that all who use it agree on the socket.
  const home = await realpath(join(dataFolder, 'postgres'));
  return {
    home,
    cluster: join(home, 'cluster'),
    logFile: join(home, 'postgres.log'),
    socket: socketFolderFor(home),
    password: durable ? await ownerPassword(home) : undefined,
  };
}

export async function hasCluster(place: Place): Promise<boolean> {
  return stat(join(place.cluster, 'PG_VERSION')).then(
    (facts) => facts.isFile(),
    () => false,
  );
}

/** Nothing of ours, so that no PG* variable or secret reaches the server. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

/** Makes a cluster beside its place and moves it there; of several that race, the slower ones drop theirs. */
export async function ensureCluster(
  place: Place,
  binaries: Binaries,
  prefix: readonly string[],
  durable: boolean,
): Promise<void> {
  if (await hasCluster(place)) return;
  await removeAbandoned(place.home);
  const draft = join(place.home, `init.${process.pid}.${newToken().slice(0, 8)}`);
  const [command, ...args] = [
    ...prefix,
    binaries.initdb,
    ...['-D', draft, '-U', embeddedName, '--encoding=UTF8', '--data-checksums'],
    ...(durable ? ['--auth=scram-sha-256', `--pwfile=${passwordFile(place.home)}`] : ['--auth=trust']),
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
    if (await hasCluster(place)) return;
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

/** @throws Error that says what to do when the cluster was made by another major version. */
export async function refuseOtherMajor(place: Place, binaries: Binaries): Promise<void> {
  const recorded = (await readFile(join(place.cluster, 'PG_VERSION'), 'utf8')).trim();
  if (recorded === binaries.major) return;
  throw new Error(
    `${place.cluster} was made by PostgreSQL ${recorded}, and this Firstlight brings PostgreSQL ${binaries.major}, ` +
      `which cannot read it. Run the Firstlight release that brought PostgreSQL ${recorded}, or set DATABASE_URL to a ` +
      'server that holds the data, or FIRSTLIGHT_DATA to a new folder.',
  );
}

const longestLogBytes = 10 * 1024 * 1024;

/** Keeps one earlier log. */
export async function shortenLog(logFile: string): Promise<void> {
  const facts = await stat(logFile).catch(() => undefined);
  if (facts !== undefined && facts.size > longestLogBytes) await rename(logFile, `${logFile}.1`);
}

export async function logTail(logFile: string): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '(there is no log)');
  return text.trimEnd().split('\n').slice(-20).join('\n');
}
