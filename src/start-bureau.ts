import { makeDataFolder, readAddress, removeAddress, writeAddress } from '#platform/bureau';
import type { GoMessage } from '#platform/child';
import { systemClock } from '#platform/clock';
import type { Config } from '#platform/config';
import type { Logger } from '#platform/log';
import { type Embedded, startEmbedded } from '#platform/postgres';
import { archivingFor, refuseHalfRestored } from '#upkeep';
import { ensureConsole } from '../console/build.ts';
import type { SettledRoles } from './database-roles.ts';
import { type Part, Parts } from './parts.ts';
import { prepareBureau } from './prepare-bureau.ts';

export interface RunningBureau {
  readonly url: string;
  /** Resolves with the reason when the bureau cannot go on by itself. */
  readonly failed: Promise<Error>;
  readonly stop: () => Promise<void>;
}

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
  const parts = new Parts(['server', 'worker']);
  let embedded: Embedded | undefined;
  const stop = async () => {
    await parts.stop();
    await embedded?.stop();
    await removeAddress(config.dataFolder);
  };
  try {
    const pages = startPages(config);
    embedded =
      config.secrets.databaseUrl === undefined
        ? await startEmbedded(config.dataFolder, log, {
            archiveCommand: await archivingFor(config.dataFolder, config.upkeep),
          })
        : undefined;
    const databaseUrl = config.secrets.databaseUrl ?? embedded?.url ?? '';
    const { link, urls } = await prepareBureau(config, databaseUrl, log);
    const words = wordsFor(config, urls, await pages);
    const url = await goAndTell(config, parts, words, databaseUrl);
    welcome(config, url, link);
    return { url, failed: parts.watchOver(atPort(words, url), log), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Starts one part of a bureau whose other parts run on other machines, or beside it: all of them on one PostgreSQL,
 * with the same keys and the same evidence. Any number of each may run. Prepares like a whole bureau, one machine
 * after the other. Throws an Error with one clear sentence when it cannot.
 */
export async function startPart(config: Config, log: Logger, part: Part): Promise<RunningBureau> {
  const { databaseUrl } = config.secrets;
  if (databaseUrl === undefined) {
    throw new Error(
      `a ${part} alone needs a PostgreSQL that the other parts reach too. Set DATABASE_URL, or run "npm start" for a bureau on one machine.`,
    );
  }
  await makeDataFolder(config.dataFolder);
  await refuseHalfRestored(config.dataFolder);
  const parts = new Parts([part]);
  const stop = async () => {
    await parts.stop();
    if ((await readAddress(config.dataFolder))?.pid === process.pid) await removeAddress(config.dataFolder);
  };
  try {
    const pages = part === 'server' ? startPages(config) : Promise.resolve(undefined);
    const { link, urls } = await prepareBureau(config, databaseUrl, log);
    const words = wordsFor(config, urls, await pages);
    if (part === 'worker') {
      await parts.go(words);
      process.stdout.write('Firstlight\u2019s worker is ready.\n');
      return { url: '', failed: parts.watchOver(words, log), stop };
    }
    const url = await goAndTell(config, parts, words, databaseUrl);
    welcome(config, url, link);
    return { url, failed: parts.watchOver(atPort(words, url), log), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Words = Record<Part, GoMessage>;

function wordsFor(config: Config, urls: SettledRoles['urls'], pagesFolder: string | undefined): Words {
  const { desk, entrance, intake, worker } = urls;
  const go = {
    kind: 'go',
    port: config.port,
    ...(pagesFolder === undefined ? {} : { pagesFolder }),
  } as const;
  return {
    server: { ...go, databaseUrl: desk, poolUrls: { entrance, intake } },
    worker: { ...go, databaseUrl: worker },
  };
}

/** A server that is started again takes the port that it had. */
function atPort(words: Words, url: string): Words {
  return { ...words, server: { ...words.server, port: Number(new URL(url).port) } };
}

async function goAndTell(config: Config, parts: Parts, words: Words, databaseUrl: string): Promise<string> {
  const url = (await parts.go(words)) ?? '';
  const startedAt = systemClock.now().toISOString();
  await writeAddress(config.dataFolder, { url, pid: process.pid, databaseUrl, startedAt });
  return url;
}

function startPages(config: Config): Promise<string | undefined> {
  const pages = ensureConsole(config.dataFolder);
  // Awaited later; until then a failed build must not end the process without its sentence.
  pages.catch(() => {});
  return pages;
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
