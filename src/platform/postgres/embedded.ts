import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '#platform/log';
import { type Binaries, findBinaries } from './binaries.ts';
import {
  embeddedName,
  ensureCluster,
  hasCluster,
  logTail,
  type Place,
  placeFor,
  refuseOtherMajor,
  shortenLog,
} from './cluster-folder.ts';
import { launchPrefix } from './launch-prefix.ts';
import {
  type Answer,
  ask,
  becameReady,
  ensureDatabase,
  hasExited,
  hungStopEnder,
  launch,
  lockHolder,
  stopServer,
  urlOf,
} from './server-process.ts';
import { prepareSocketFolder } from './socket-folder.ts';

interface EmbeddedOptions {
  /** False only for throw-away clusters: nothing is flushed to disk, and stopping does not save. */
  readonly durable?: boolean;
  /** PostgreSQL's `archive_command`, where its log is to be kept. */
  readonly archiveCommand?: string | undefined;
}

export interface Embedded {
  /** Stays the same for as long as the data folder is where it is. */
  readonly url: string;
  /** Whether this process runs the server now, or uses one that another process runs. */
  readonly isStarter: () => boolean;
  /** Stops the server if this process runs it. May be called twice. */
  readonly stop: () => Promise<void>;
}

/** How long to go on without any answer. */
const patienceMs = 30_000;
const restartPauseMs = 5_000;
const mostFailuresOfItsOwn = 5;

/** Our share in a running server. */
interface Hold {
  readonly isStarter: boolean;
  /** Settles when the server is gone, for whatever reason. */
  readonly lost: Promise<void>;
  readonly release: () => Promise<void>;
}

interface Machine {
  readonly place: Place;
  readonly binaries: Binaries;
  readonly prefix: readonly string[];
  readonly durable: boolean;
  readonly archiveCommand: string | undefined;
}

/**
 * Runs PostgreSQL on `<dataFolder>/postgres`, or attaches to the one that another process runs there.
 *
 * Modes: *attached* (somebody answers on the socket), *started* (our child holds the cluster's lock), *waiting* (the
 * lock is held by a server that does not answer yet, or old backends still hold shared memory: look again until the
 * deadline), *lost* (the server, or the process that ran it, is gone: become attached or started again), *stopped*.
 * The server ends with the process that started it, even when that is killed; those attached then take over.
 * @throws Error that says what to do when it cannot start at all.
 */
export async function startEmbedded(
  dataFolder: string,
  log: Logger,
  options: EmbeddedOptions = {},
): Promise<Embedded> {
  const place = await placeFor(dataFolder, options.durable ?? true);
  const machine: Machine = {
    place,
    binaries: await findBinaries(),
    prefix: await launchPrefix(),
    durable: options.durable ?? true,
    archiveCommand: options.archiveCommand,
  };
  await prepareSocketFolder(place.socket);
  await ensureCluster(place, machine.binaries, machine.prefix, machine.durable);
  await refuseOtherMajor(place, machine.binaries);

  let hold = await takeHold(machine);
  let stopping: Promise<void> | undefined;
  const unwanted = new AbortController();
  const keepHold = async () => {
    while (!unwanted.signal.aborted) {
      await hold.lost;
      if (unwanted.signal.aborted) return;
      log.error({ logFile: place.logFile }, 'the built-in PostgreSQL is gone; starting it again');
      hold = (await takeHoldAgain(machine, log, unwanted.signal)) ?? hold;
    }
  };
  const keeping = keepHold();
  return {
    url: urlOf(place, embeddedName),
    isStarter: () => hold.isStarter,
    stop: () => {
      unwanted.abort();
      stopping ??= hold
        .release()
        .then(() => keeping)
        // A restart that was under way may have taken a new hold meanwhile.
        .then(() => hold.release());
      return stopping;
    },
  };
}

async function takeHold(machine: Machine): Promise<Hold> {
  const { place } = machine;
  let deadline = performance.now() + patienceMs;
  let failuresOfItsOwn = 0;
  const endHungStop = hungStopEnder(place);
  while (performance.now() < deadline) {
    const attached = await attach(place);
    if (typeof attached === 'object') return attached;
    if (attached === 'starting' || attached === 'refused') {
      if (attached === 'starting') deadline = performance.now() + patienceMs;
      await endHungStop();
      await sleep(100);
      continue;
    }
    await prepareSocketFolder(place.socket);
    await shortenLog(place.logFile);
    const { binaries, prefix, durable, archiveCommand } = machine;
    const child = await launch(place, binaries, prefix, durable, archiveCommand);
    if (await becameReady(child, place, patienceMs)) {
      const hold = holdChild(child, machine);
      await ensureDatabase(place).catch((error: unknown) =>
        hold.release().then(() => {
          throw error;
        }),
      );
      return hold;
    }
    // Without a lock file there is no other server to wait for: ours cannot start for a reason of its own.
    failuresOfItsOwn = Number.isNaN(await lockHolder(place)) ? failuresOfItsOwn + 1 : 0;
    if (failuresOfItsOwn >= mostFailuresOfItsOwn) break;
    await sleep(100);
  }
  throw new Error(
    `The built-in PostgreSQL did not start. The end of ${place.logFile}:\n${await logTail(place.logFile)}`,
  );
}

/** Tries until it succeeds, the data is gone, or nobody wants it any more. */
async function takeHoldAgain(
  machine: Machine,
  log: Logger,
  unwanted: AbortSignal,
): Promise<Hold | undefined> {
  while (!unwanted.aborted) {
    try {
      // Never begins an empty database in the place of one that was taken away.
      if (await hasCluster(machine.place)) return await takeHold(machine);
      log.error({ folder: machine.place.cluster }, 'the files of the built-in PostgreSQL are gone');
    } catch (error) {
      log.error({ err: error }, 'the built-in PostgreSQL could not be started again');
    }
    await sleep(restartPauseMs, undefined, { ref: false, signal: unwanted }).catch(() => {});
  }
  return undefined;
}

/** Holds a connection that does nothing but end when the server does. */
async function attach(place: Place): Promise<Hold | Exclude<Answer, 'ready'>> {
  const client = new pg.Client({
    connectionString: urlOf(place, embeddedName),
    connectionTimeoutMillis: 2_000,
    application_name: 'firstlight-watch',
  }) as pg.Client & { unref: () => void };
  const lost = new Promise<void>((done) => client.once('end', () => done()));
  const answer = await ask(client);
  if (answer !== 'ready') {
    await client.end().catch(() => {});
    return answer;
  }
  client.unref();
  return { isStarter: false, lost, release: () => client.end() };
}

function holdChild(child: ChildProcess, machine: Machine): Hold {
  // Where the kernel does not end the server with us (no setpriv), this does for every exit but a kill.
  const endWithProcess = () => child.kill('SIGINT');
  process.once('exit', endWithProcess);
  const lost = new Promise<void>((done) => {
    if (hasExited(child)) done();
    child.once('exit', () => done());
  }).then(() => {
    process.removeListener('exit', endWithProcess);
  });
  return {
    isStarter: true,
    lost,
    release: async () => {
      await stopServer(child, machine.durable);
      await machine.place.socket.remove();
    },
  };
}
