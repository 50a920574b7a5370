import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Actor, recordAudit } from '#access';
import { jobDefinitions } from '#app';
import { jobsFor } from '#pipeline';
import { isDemonstration } from '#platform/bureau';
import { systemClock } from '#platform/clock';
import type { Config } from '#platform/config';
import { installQueues, openQueue } from '#platform/jobs';
import type { Logger } from '#platform/log';
import { type Database, openDatabase, startEmbedded } from '#platform/postgres';
import { inTransaction } from '#platform/unit-of-work';
import { archivingFor } from '#upkeep';
import { openKnownVault, type RunDeed, type Vault } from '#vault';

/** What the commands of an administrator stand on, whether the bureau runs at the moment or not. */

/** Opens the bureau's database as its owner. @throws Error that says what to do where there is none yet. */
export async function openOwnDatabase(
  config: Config,
  log: Logger,
): Promise<{ readonly db: Database; readonly stop: () => Promise<void> }> {
  const { databaseUrl } = config.secrets;
  if (
    databaseUrl === undefined &&
    !(await exists(join(config.dataFolder, 'postgres', 'cluster', 'PG_VERSION')))
  ) {
    throw new Error(
      `There is no bureau in ${config.dataFolder}. Start it there once with "npm start", or name its folder with --data DIR.`,
    );
  }
  const archiveCommand =
    databaseUrl === undefined ? await archivingFor(config.dataFolder, config.upkeep) : undefined;
  const embedded =
    databaseUrl === undefined ? await startEmbedded(config.dataFolder, log, { archiveCommand }) : undefined;
  const db = openDatabase(databaseUrl ?? embedded?.url ?? '', { max: 4 });
  return {
    db,
    stop: async () => {
      await db.close();
      await embedded?.stop();
    },
  };
}

export async function openOwnVault(config: Config, db: Database): Promise<Vault> {
  return await openKnownVault(db.kysely, {
    folder: join(config.dataFolder, 'evidence'),
    keyFile: config.keyFile,
    create: false,
    settings: config.evidence,
  });
}

/** The secret files of this bureau by the names that a backup has for them; those that it uses. */
export async function keyFilesOf(config: Config): Promise<Readonly<Record<string, string>>> {
  const files = allKeyFiles(config);
  const there = await Promise.all(
    Object.entries(files).map(async ([name, path]) => [name, path, await exists(path)] as const),
  );
  return Object.fromEntries(there.flatMap(([name, path, isThere]) => (isThere ? [[name, path]] : [])));
}

export function allKeyFiles(config: Config): Readonly<Record<string, string>> {
  return {
    'evidence.key': config.keyFile,
    'signing.key': config.signingKeyFile,
    'digest.key': config.digestKeyFile,
  };
}

export async function factsOfBureau(config: Config, db: Database) {
  const row = await db.kysely.selectFrom('platform.bureau').select('name').executeTakeFirst();
  return { name: row?.name ?? config.bureauName, isDemonstration: await isDemonstration(config.dataFolder) };
}

/** A row of the trail in a transaction of its own, for deeds that no transaction spans. */
export function auditor(db: Database, actor: Actor) {
  return async (
    action: string,
    subject: string,
    details: Readonly<Record<string, string | number | boolean>>,
  ): Promise<void> => {
    await inTransaction(
      db.kysely,
      async () => {},
      async (tx) =>
        await recordAudit(tx, { at: systemClock.now(), actor, action, outcome: 'done', subject, details }),
    );
  };
}

/** Runs deeds outside a server or worker, with the jobs that follow from them. */
export async function openDeeds(
  db: Database,
  vault: Vault,
  actor: Actor,
  log: Logger,
): Promise<{
  readonly run: RunDeed;
  readonly enqueue: (jobs: readonly { name: string; subject: string }[]) => Promise<void>;
  readonly close: () => Promise<void>;
}> {
  await installQueues(db.url, jobDefinitions(vault, db.kysely), log);
  const queue = await openQueue(db.url, 'sender', log);
  return {
    run: async (work) =>
      await inTransaction(
        db.kysely,
        async (tx, events) => await queue.enqueue(tx, jobsFor(events)),
        async (tx) => await work({ tx, actor, now: systemClock.now(), log }),
      ),
    enqueue: async (jobs) =>
      await inTransaction(
        db.kysely,
        async () => {},
        async (tx) => await queue.enqueue(tx, jobs),
      ),
    close: async () => await queue.stop(),
  };
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
