import { join } from 'node:path';
import type { DoctorReply } from '#contract/upkeep';
import { probeProtection, usualLimits } from '#decoder';
import { readAddress } from '#platform/bureau';
import { systemClock } from '#platform/clock';
import { type Config, environmentOfProcess } from '#platform/config';
import type { Logger } from '#platform/log';
import { type Check, examine, listBackups, openBackupFolder, openBackupKeys } from '#upkeep';
import { allKeyFiles, openOwnDatabase } from './upkeep-session.ts';

/** Looks at machine, files, database and surroundings of this bureau, running or not. */
export async function runDoctor(config: Config, log: Logger): Promise<DoctorReply> {
  const now = systemClock.now();
  const address = await readAddress(config.dataFolder);
  const opened = await openOwnDatabase(config, log).catch((error: unknown) => ({
    trouble: error instanceof Error ? error.message : String(error),
  }));
  try {
    const items = await examine({
      machine: { pid: address?.pid, usesBuiltInDatabase: config.secrets.databaseUrl === undefined },
      files: {
        dataFolder: config.dataFolder,
        private: {
          'the data folder': config.dataFolder,
          'the folder of keys': join(config.dataFolder, 'keys'),
          ...allKeyFiles(config),
          'the backup key': config.upkeep.backupKeyFile,
        },
        written: {
          data: config.dataFolder,
          ...(config.upkeep.backupFolder === undefined ? {} : { backups: config.upkeep.backupFolder }),
        },
      },
      transport: { host: config.host, publicUrl: config.publicUrl },
      backup: await newestBackup(config),
      now,
      decoder: await probeProtection(config.decoder.path, usualLimits),
      path: environmentOfProcess().PATH ?? '',
      database:
        'trouble' in opened
          ? opened
          : [
              opened.db,
              { isOneRole: config.database.isOneRole, now, witnesses: config.audit.witnesses.length },
            ],
    });
    return { items, counts: countsOf(items) };
  } finally {
    if ('stop' in opened) await opened.stop();
  }
}

async function newestBackup(config: Config): Promise<{ at: Date; holdsKeys: boolean } | undefined | null> {
  const { backupFolder, backupKeyFile } = config.upkeep;
  if (backupFolder === undefined) return null;
  const folder = await openBackupFolder(backupFolder).catch(() => undefined);
  if (folder === undefined) return undefined;
  const keys = await openBackupKeys(backupKeyFile).catch(() => undefined);
  const newest = (await listBackups(folder, keys)).find(({ state }) => state === 'complete');
  if (newest?.startedAt === undefined) return undefined;
  return { at: new Date(newest.startedAt), holdsKeys: (newest.manifest?.keys.length ?? 0) > 0 };
}

function countsOf(items: readonly Check[]): DoctorReply['counts'] {
  const of = (verdict: Check['verdict']) => items.filter((item) => item.verdict === verdict).length;
  return { ok: of('ok'), warn: of('warn'), bad: of('bad'), ask: of('ask') };
}
