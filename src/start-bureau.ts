import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { firstSignInLink, hasSigned, openDigestKey, openSigningKey, refuseForeignLog } from '#access';
import { jobDefinitions } from '#app';
import {
  isDemonstration,
  machineToken,
  makeDataFolder,
  readAddress,
  removeAddress,
  settleBureau,
  writeAddress,
} from '#platform/bureau';
import { type Child, forkChild, type GoMessage } from '#platform/child';
import { systemClock } from '#platform/clock';
import type { Config } from '#platform/config';
import { installQueues } from '#platform/jobs';
import type { Logger } from '#platform/log';
import { type Embedded, migrate, openDatabase, startEmbedded } from '#platform/postgres';
import { inTransaction } from '#platform/unit-of-work';
import { archivingFor, refuseHalfRestored } from '#upkeep';
import { knownKeys, openVault, registerKeys } from '#vault';
import { ensureConsole } from '../console/build.ts';
import { type SettledRoles, settleRoles } from './database-roles.ts';

export interface RunningBureau {
  readonly url: string;
  /** Resolves with the reason when the bureau cannot go on by itself. */
  readonly failed: Promise<Error>;
  readonly stop: () => Promise<void>;
}

/** What each part is told to start with, each only its own way into the database. */
type Words = Record<'server' | 'worker', GoMessage>;

const serverPath = fileURLToPath(new URL('./server.ts', import.meta.url));
const workerPath = fileURLToPath(new URL('./worker.ts', import.meta.url));

/**
 * Starts a bureau on one machine: *prepare* (database up, schema, queues, key, token), *go* (server and worker get
 * the word; both have loaded their code meanwhile), *watch* (whatever ends is started again), *stop* (children
 * first, then the database). Throws an Error with one clear sentence when it cannot.
 */
export async function startBureau(config: Config, log: Logger): Promise<RunningBureau> {
  await makeDataFolder(config.dataFolder);
  await refuseHalfRestored(config.dataFolder);
  await refuseSecond(config.dataFolder);
  warnAboutRoot(config);
  const children = { server: forkChild(serverPath), worker: forkChild(workerPath) };
  let embedded: Embedded | undefined;
  const stopAll = async () => {
    await Promise.all([children.server.stop(), children.worker.stop()]);
    await embedded?.stop();
    await removeAddress(config.dataFolder);
  };
  try {
    const pages = ensureConsole(config.dataFolder);
    // Awaited below; until then a failed build must not end the process without its sentence.
    pages.catch(() => {});
    embedded =
      config.secrets.databaseUrl === undefined
        ? await startEmbedded(config.dataFolder, log, {
            archiveCommand: await archivingFor(config.dataFolder, config.upkeep),
          })
        : undefined;
    const databaseUrl = config.secrets.databaseUrl ?? embedded?.url ?? '';
    const { link, urls } = await prepare(config, databaseUrl, log);
    const pagesFolder = await pages;
    const { desk, entrance, intake, worker } = urls;
    const go = { kind: 'go', port: config.port, pagesFolder } as const;
    const words: Words = {
      server: { ...go, databaseUrl: desk, poolUrls: { entrance, intake } },
      worker: { ...go, databaseUrl: worker },
    };
    const [url = ''] = await Promise.all([
      children.server.go(words.server),
      children.worker.go(words.worker),
    ]);
    await writeAddress(config.dataFolder, {
      url,
      pid: process.pid,
      databaseUrl,
      startedAt: systemClock.now().toISOString(),
    });
    welcome(config, url, link);
    words.server = { ...words.server, port: Number(new URL(url).port) };
    const watch = watchOver(children, words, log);
    return {
      url,
      failed: watch.failed,
      stop: async () => {
        watch.end();
        await stopAll();
      },
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

/** Makes everything that server and worker take for granted. Gives the first administrator's link while nobody has signed in. */
async function prepare(
  config: Config,
  databaseUrl: string,
  log: Logger,
): Promise<{ link: string | undefined; urls: SettledRoles['urls'] }> {
  const db = openDatabase(databaseUrl, { max: 2 });
  try {
    await migrate(db);
    const now = systemClock.now();
    await settleBureau(db.kysely, {
      name: config.bureauName,
      isDemonstration: await isDemonstration(config.dataFolder),
      now,
    });
    const vault = await openVault({
      folder: join(config.dataFolder, 'evidence'),
      keyFile: config.keyFile,
      create: true,
      settings: config.evidence,
      known: await knownKeys(db.kysely),
    });
    await registerKeys(db.kysely, vault, now);
    const signingKey = await openSigningKey(config.signingKeyFile, { create: !(await hasSigned(db.kysely)) });
    await refuseForeignLog(db.kysely, signingKey, config.signingKeyFile);
    await openDigestKey(config.digestKeyFile, { create: true });
    await machineToken(config.dataFolder);
    await installQueues(databaseUrl, jobDefinitions(vault, db.kysely), log);
    const { urls, warning, changes } = await settleRoles(db, config.database, now);
    if (warning !== undefined) process.stderr.write(`${warning}\n`);
    log.info({ changes: changes.length }, 'rights in the database are as the register says');
    const actor = { kind: 'system', id: 'start', name: 'start of the bureau' } as const;
    const link = await inTransaction(
      db.kysely,
      async () => {},
      async (tx) => await firstSignInLink({ tx, actor, now, log }),
    );
    return { link, urls };
  } finally {
    await db.close();
  }
}

function welcome(config: Config, url: string, link: string | undefined): void {
  const base = config.publicUrl ?? url;
  if (link !== undefined) {
    process.stdout.write(
      `Nobody has signed in yet. The first administrator opens this link, which works once within 24 hours:\n  ${base}/sign-in#${link}\n`,
    );
  }
  process.stdout.write(`Firstlight is ready: ${url}\n`);
}

/** One bureau per data folder: a second would not harm the data, but its address would hide the first. */
async function refuseSecond(dataFolder: string): Promise<void> {
  const address = await readAddress(dataFolder);
  if (address === undefined) return;
  const answer = await fetch(`${address.url}/health/live`, { signal: AbortSignal.timeout(1000) }).catch(
    () => undefined,
  );
  if (answer?.ok === true && isAlive(address.pid)) {
    throw new Error(
      `a bureau already runs on ${dataFolder} at ${address.url} (process ${address.pid}). Stop it first, or set FIRSTLIGHT_DATA to another folder.`,
    );
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function warnAboutRoot(config: Config): void {
  if (process.getuid?.() !== 0 || config.secrets.databaseUrl !== undefined) return;
  process.stderr.write(
    'Running as root is for trying out. For real reports use an ordinary user or set DATABASE_URL.\n',
  );
}

const longestPauseMs = 30_000;
/** A part that ran so long had started well. */
const steadyMs = 10_000;

/**
 * Starts server and worker again when they end while the bureau should run, with growing pauses; a part that ran
 * ten seconds starts afresh. The built-in database watches over itself.
 */
function watchOver(children: { server: Child; worker: Child }, words: Words, log: Logger) {
  let ended = false;
  let fail: (error: Error) => void = () => {};
  const failed = new Promise<Error>((resolve) => {
    fail = resolve;
  });
  const keep = async (part: 'server' | 'worker', path: string) => {
    let pauseMs = 100;
    while (!ended) {
      const since = performance.now();
      await children[part].exited;
      if (ended) return;
      pauseMs = performance.now() - since > steadyMs ? 100 : Math.min(pauseMs * 2, longestPauseMs);
      log.error({ part, pauseMs }, 'a part of the bureau ended and is started again');
      await sleep(pauseMs);
      if (ended) return;
      children[part] = forkChild(path);
      await children[part].go(words[part]).catch((err: unknown) => log.error({ err, part }, 'start failed'));
    }
  };
  const bug = (error: unknown) => fail(error instanceof Error ? error : new Error(String(error)));
  keep('server', serverPath).catch(bug);
  keep('worker', workerPath).catch(bug);
  return {
    failed,
    end: () => {
      ended = true;
    },
  };
}
