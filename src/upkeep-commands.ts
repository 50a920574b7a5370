import { resolve } from 'node:path';
import type { Actor } from '#access';
import type {
  BackupListReply,
  BackupPruneReply,
  BackupReply,
  BackupVerifyReply,
  RestoreReply,
} from '#contract/upkeep';
import { systemClock } from '#platform/clock';
import { type Config, configFromEnvironment } from '#platform/config';
import { createLog, type Logger } from '#platform/log';
import { version } from '#platform/version';
import {
  type BackupFolder,
  backUp,
  clusterCopier,
  clusterPlaceOf,
  evidenceOf,
  finishRestore,
  listBackups,
  makeBackupFolder,
  openBackupFolder,
  openBackupKeys,
  openOrMakeBackupKeys,
  pruneBackups,
  type Report,
  releaseFolder,
  restoreDatabase,
  verifyBackup,
} from '#upkeep';
import {
  allKeyFiles,
  auditor,
  factsOfBureau,
  keyFilesOf,
  openDeeds,
  openOwnDatabase,
  openOwnVault,
} from './upkeep-session.ts';

/**
 * Commands that run on the bureau's own machine without its server. The command line starts them: it gives one JSON
 * object of text options and gets JSON lines, `{"progress": …}` while it takes and `{"result": …}` at the end.
 */
type Options = Readonly<Record<string, string | undefined>>;

interface Command {
  readonly config: Config;
  readonly log: Logger;
  readonly options: Options;
  readonly report: Report;
}

const commands: Readonly<Record<string, (command: Command) => Promise<unknown>>> = {
  backup: createBackup,
  'backup-list': list,
  'backup-verify': verify,
  'backup-prune': prune,
  restore,
};

export function isUpkeepCommand(name: string): boolean {
  return Object.hasOwn(commands, name);
}

/** Gives the exit status. What goes wrong is one sentence on standard error. */
export async function runUpkeepCommand(name: string, text: string): Promise<0 | 1> {
  const config = configFromEnvironment();
  const log = createLog(config.logLevel, 'upkeep');
  const say = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`);
  try {
    const options = JSON.parse(text === '' ? '{}' : text) as Options;
    const result = await commands[name]?.({
      config,
      log,
      options,
      report: seldom((progress) => say({ progress })),
    });
    say({ result });
    return 0;
  } catch (error) {
    log.debug({ err: error }, name);
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

const leastPauseMs = 100;

function seldom(report: Report): Report {
  let saidAt = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const now = performance.now();
    if (now - saidAt < leastPauseMs) return;
    saidAt = now;
    report(progress);
  };
}

function folderPathOf({ config, options }: Command): string {
  const path = options.folder ?? config.upkeep.backupFolder;
  if (path === undefined) {
    throw new Error('Which folder? Name it with --to or --from FOLDER, or set FIRSTLIGHT_BACKUP_FOLDER.');
  }
  return resolve(path);
}

async function openFolder(command: Command): Promise<BackupFolder> {
  return await openBackupFolder(folderPathOf(command));
}

const backupActor: Actor = { kind: 'system', id: 'backup', name: 'backup' };
const restoreActor: Actor = { kind: 'system', id: 'restore', name: 'restore from backup' };

async function createBackup(command: Command): Promise<BackupReply> {
  const { config, log, options, report } = command;
  const { dataFolder, upkeep } = config;
  const path = folderPathOf(command);
  const { db, stop } = await openOwnDatabase(config, log);
  try {
    const vault = await openOwnVault(config);
    const folder = await makeBackupFolder(path);
    const { keys, isNew } = await openOrMakeBackupKeys(upkeep.backupKeyFile);
    const isArchived =
      config.secrets.databaseUrl === undefined &&
      upkeep.backupFolder !== undefined &&
      resolve(upkeep.backupFolder) === path;
    const place = isArchived ? await clusterPlaceOf(dataFolder) : undefined;
    const manifest = await backUp(
      {
        db,
        databaseKind: config.secrets.databaseUrl === undefined ? 'built-in' : 'server',
        evidence: evidenceOf(vault),
        keys,
        clock: systemClock,
        report,
        version,
        bureau: await factsOfBureau(config, db),
        keyFiles: options.withoutKeys === undefined ? await keyFilesOf(config) : {},
        audit: auditor(db, backupActor),
      },
      folder,
      place === undefined ? undefined : clusterCopier(place, folder, keys, report),
    );
    const { backupKeyFile: keyFile } = upkeep;
    return { manifest, folder: folder.path, keyFile, isNewKey: isNew, isArchived };
  } finally {
    await stop();
  }
}

async function list(command: Command): Promise<BackupListReply> {
  const folder = await openFolder(command);
  const keys = await openBackupKeys(command.config.upkeep.backupKeyFile).catch(() => undefined);
  return { folder: folder.path, items: await listBackups(folder, keys) };
}

async function verify(command: Command): Promise<BackupVerifyReply> {
  const { options, report } = command;
  const folder = await openFolder(command);
  const keys = await openBackupKeys(command.config.upkeep.backupKeyFile);
  const listed = await listBackups(folder, keys);
  const id = options.backup ?? listed.find(({ state }) => state !== 'incomplete')?.id;
  if (id === undefined) throw new Error(`There is no complete backup in ${folder.path}.`);
  return await verifyBackup(folder, keys, id, report, options.quick !== undefined);
}

async function prune(command: Command): Promise<BackupPruneReply> {
  const folder = await openFolder(command);
  const keys = await openBackupKeys(command.config.upkeep.backupKeyFile);
  return await pruneBackups(folder, keys, Number(command.options.keep), command.report);
}

async function restore(command: Command): Promise<RestoreReply> {
  const { config, log, options, report } = command;
  const folder = await openFolder(command);
  const keys = await openBackupKeys(config.upkeep.backupKeyFile);
  const until = untilOf(options.at);
  const restored = await restoreDatabase({
    folder,
    keys,
    backupKeyFile: config.upkeep.backupKeyFile,
    dataFolder: config.dataFolder,
    databaseUrl: config.secrets.databaseUrl,
    backupId: options.backup,
    until,
    keyFiles: allKeyFiles(config),
    log,
    report,
  });
  const { db, manifest, jobs } = restored;
  try {
    const vault = await openOwnVault(config);
    const deeds = await openDeeds(db, vault, restoreActor, log);
    try {
      const audit = auditor(db, restoreActor);
      await audit('begin-restore', `backup:${manifest.id}`, { folder: folder.path });
      const found = await finishRestore({
        folder,
        keys,
        restored,
        vault,
        run: deeds.run,
        report,
        asOf: until === 'latest' ? undefined : (until?.toISOString() ?? manifest.database.snapshotAt),
        endSessions: async () => {},
        eraseAgain: async () => 0,
        verifyAudit: async () => ({ entries: 0, faults: [] }),
        enqueue: async () => {
          await deeds.enqueue(jobs);
          return jobs.length;
        },
      });
      await audit('restore', `backup:${manifest.id}`, {
        files: found.verifiedFiles,
        damaged: found.damaged.length,
      });
      await releaseFolder(config.dataFolder);
      return { ...found, dataFolder: config.dataFolder };
    } finally {
      await deeds.close();
    }
  } finally {
    await restored.stop();
  }
}

function untilOf(text: string | undefined): Date | 'latest' | undefined {
  if (text === undefined || text === 'latest') return text;
  const at = new Date(text);
  if (Number.isNaN(at.getTime()) || !/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text)) {
    throw new Error(
      `${text} is not a moment. Write it with its zone, for example 2026-11-24T18:30:00Z, or latest.`,
    );
  }
  return at;
}
