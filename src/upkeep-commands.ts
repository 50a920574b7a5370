import { resolve } from 'node:path';
import type { Actor } from '#access';
import type {
  BackupExtractReply,
  BackupListReply,
  BackupPruneReply,
  BackupReply,
  BackupVerifyReply,
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
  extractEvidence,
  listBackups,
  makeBackupFolder,
  openBackupFolder,
  openBackupKeys,
  openOrMakeBackupKeys,
  pruneBackups,
  type Report,
  verifyBackup,
} from '#upkeep';
import { runDoctor } from './doctor-command.ts';
import { restoreBureau } from './restore-command.ts';
import { checkUpgrade } from './upgrade-command.ts';
import { auditor, factsOfBureau, keyFilesOf, openOwnDatabase, openOwnVault } from './upkeep-session.ts';

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
  'backup-extract': extract,
  doctor: async ({ config, log }) => await runDoctor(config, log),
  restore: async (command) =>
    await restoreBureau({
      ...{ config: command.config, log: command.log, report: command.report },
      folder: await openFolder(command),
      keys: await openBackupKeys(command.config.upkeep.backupKeyFile),
      backupId: command.options.backup,
      at: command.options.at,
    }),
};

export function isUpkeepCommand(name: string): boolean {
  return name === 'upgrade-check' || Object.hasOwn(commands, name);
}

/** Gives the exit status. What goes wrong is one sentence on standard error. */
export async function runUpkeepCommand(name: string, text: string): Promise<0 | 1> {
  const say = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`);
  try {
    const options = JSON.parse(text === '' ? '{}' : text) as Options;
    say({
      result: await resultOf(
        name,
        options,
        seldom((progress) => say({ progress })),
      ),
    });
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

async function resultOf(name: string, options: Options, report: Report): Promise<unknown> {
  // Looks at a configuration that this release may not take as it is.
  if (name === 'upgrade-check') return await checkUpgrade(options.folder, createLog('error', 'upkeep'));
  const config = configFromEnvironment();
  const log = createLog(config.logLevel, 'upkeep');
  return await commands[name]?.({ config, log, options, report });
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

async function createBackup(command: Command): Promise<BackupReply> {
  const { config, log, options, report } = command;
  const { dataFolder, upkeep } = config;
  const path = folderPathOf(command);
  const { db, stop } = await openOwnDatabase(config, log);
  try {
    const vault = await openOwnVault(config, db);
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

async function extract(command: Command): Promise<BackupExtractReply> {
  const { sha256 = '', out = '' } = command.options;
  const keys = await openBackupKeys(command.config.upkeep.backupKeyFile);
  return await extractEvidence(await openFolder(command), keys, sha256, out);
}

async function prune(command: Command): Promise<BackupPruneReply> {
  const folder = await openFolder(command);
  const keys = await openBackupKeys(command.config.upkeep.backupKeyFile);
  return await pruneBackups(folder, keys, Number(command.options.keep), command.report);
}
