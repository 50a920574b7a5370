import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { UpgradeReply } from '#contract/upkeep';
import { systemClock } from '#platform/clock';
import { type Config, environmentOfProcess, readConfig } from '#platform/config';
import type { Logger } from '#platform/log';
import {
  builtInMajor,
  compareMigrations,
  type Database,
  openDatabase,
  startEmbedded,
} from '#platform/postgres';
import { version } from '#platform/version';
import {
  databaseBytes,
  freeBytesAt,
  listBackups,
  openBackupFolder,
  openBackupKeys,
  type UpgradeFacts,
  upgradeReport,
} from '#upkeep';

/** The oldest PostgreSQL that the schema is tried on. */
const neededMajor = 18;

/**
 * What starting this release would change on the bureau. Reads only; a built-in database that does not run is started
 * for the moment, unless it is of another major version.
 */
export async function checkUpgrade(folderOption: string | undefined, log: Logger): Promise<UpgradeReply> {
  const environment = environmentOfProcess();
  const reading = readConfig(environment);
  const config = reading.kind === 'ok' ? reading.config : usable(environment);
  const { dataFolder } = config;
  const folder = folderOption ?? config.upkeep.backupFolder;
  const postgres = await postgresOf(config);
  const isAskable = postgres.kind === 'server' || postgres.cluster === postgres.brought;
  const asked = isAskable ? await withDatabase(config, log, ask) : undefined;
  return upgradeReport({
    version,
    configFaults: reading.kind === 'ok' ? [] : reading.faults,
    postgres:
      asked === undefined || postgres.kind === 'built-in'
        ? postgres
        : { ...postgres, version: asked.postgres },
    migrations: asked?.migrations,
    databaseBytes: asked?.bytes,
    freeBytes: await freeBytesAt(dataFolder),
    backups: folder === undefined ? undefined : await backupsIn(resolve(folder), config),
    now: systemClock.now(),
  });
}

/** With what is wrong left out, so that everything else can be looked at all the same. */
function usable(environment: Readonly<Record<string, string | undefined>>): Config {
  const { FIRSTLIGHT_DATA, DATABASE_URL, FIRSTLIGHT_BACKUP_FOLDER, FIRSTLIGHT_BACKUP_KEY_FILE } = environment;
  const reading = readConfig({
    FIRSTLIGHT_DATA,
    DATABASE_URL,
    FIRSTLIGHT_BACKUP_FOLDER,
    FIRSTLIGHT_BACKUP_KEY_FILE,
  });
  if (reading.kind === 'ok') return reading.config;
  throw new Error(reading.faults.join('\n'));
}

async function postgresOf(config: Config): Promise<UpgradeFacts['postgres']> {
  if (config.secrets.databaseUrl !== undefined) return { kind: 'server', version: '0', needed: neededMajor };
  const path = join(config.dataFolder, 'postgres', 'cluster', 'PG_VERSION');
  const cluster = await readFile(path, 'utf8').catch(() => undefined);
  if (cluster === undefined) {
    throw new Error(
      `There is no bureau in ${config.dataFolder}, so nothing would change. Name its folder with --data DIR.`,
    );
  }
  return { kind: 'built-in', cluster: cluster.trim(), brought: await builtInMajor() };
}

interface Asked {
  readonly migrations: NonNullable<UpgradeFacts['migrations']>;
  readonly bytes: number;
  readonly postgres: string;
}

async function ask(db: Database): Promise<Asked> {
  const { rows } = await db.pool.query<{ version: string }>(
    `select current_setting('server_version') as version`,
  );
  return {
    migrations: await compareMigrations(db),
    bytes: await databaseBytes(db),
    postgres: rows[0]?.version ?? '0',
  };
}

async function withDatabase(
  config: Config,
  log: Logger,
  work: (db: Database) => Promise<Asked>,
): Promise<Asked> {
  const { databaseUrl } = config.secrets;
  const embedded = databaseUrl === undefined ? await startEmbedded(config.dataFolder, log) : undefined;
  const db = openDatabase(databaseUrl ?? embedded?.url ?? '', { max: 1 });
  try {
    return await work(db);
  } finally {
    await db.close();
    await embedded?.stop();
  }
}

async function backupsIn(path: string, config: Config): Promise<UpgradeFacts['backups']> {
  const folder = await openBackupFolder(path).catch(() => undefined);
  if (folder === undefined) return [];
  const keys = await openBackupKeys(config.upkeep.backupKeyFile).catch(() => undefined);
  return await listBackups(folder, keys);
}
