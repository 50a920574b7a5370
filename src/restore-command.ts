import { appendFile, readFile } from 'node:fs/promises';
import { type Actor, endEverySession, openDigestKey, openSigningKey, verifyOwnLog } from '#access';
import type { RestoreReply } from '#contract/upkeep';
import type { Config } from '#platform/config';
import type { Logger } from '#platform/log';
import { vacuumTables } from '#platform/vacuum';
import { type RetainParts, repeatErasures } from '#retain';
import {
  type AuditVerdict,
  type BackupFolder,
  type BackupKeys,
  certifiedOf,
  finishRestore,
  type Report,
  readErasures,
  releaseFolder,
  restoreDatabase,
} from '#upkeep';
import { type RunDeed, sweepSeals, type Vault } from '#vault';
import { logSources } from './log-sources.ts';
import { allKeyFiles, auditor, openDeeds, openOwnVault } from './upkeep-session.ts';

export interface RestoreCommand {
  readonly config: Config;
  readonly log: Logger;
  readonly report: Report;
  readonly folder: BackupFolder;
  readonly keys: BackupKeys;
  readonly backupId: string | undefined;
  readonly at: string | undefined;
}

const restoreActor: Actor = { kind: 'system', id: 'restore', name: 'restore from backup' };

/** Brings a bureau back onto an empty machine; what it gives says everything that does not hold. */
export async function restoreBureau(command: RestoreCommand): Promise<RestoreReply> {
  const { config, log, report, folder, keys, backupId } = command;
  const until = untilOf(command.at);
  const restored = await restoreDatabase({
    ...{ folder, keys, backupId, until, log, report },
    backupKeyFile: config.upkeep.backupKeyFile,
    dataFolder: config.dataFolder,
    databaseUrl: config.secrets.databaseUrl,
    keyFiles: allKeyFiles(config),
  });
  const { db, manifest, jobs } = restored;
  try {
    const vault = await openOwnVault(config, db);
    const deeds = await openDeeds(db, vault, restoreActor, log);
    const audit = auditor(db, restoreActor);
    const subject = `backup:${manifest.id}`;
    try {
      const found = await finishRestore({
        ...{ folder, keys, restored, vault, report, run: deeds.run },
        asOf: until === 'latest' ? undefined : (until?.toISOString() ?? manifest.database.snapshotAt),
        begin: async () => await audit('begin-restore', subject, { folder: folder.path }),
        endSessions: async () => {
          await deeds.run(async (ctx) => await endEverySession(ctx));
        },
        eraseAgain: async () => await eraseAgain(command, vault, deeds.run),
        verifyAudit: async () => await verifyAudit(command, deeds.run),
        enqueue: async () => {
          await deeds.enqueue(jobs);
          return jobs.length;
        },
      });
      const { verifiedFiles: files, damaged } = found;
      await audit('restore', subject, { files, damaged: damaged.length });
      await releaseFolder(config.dataFolder);
      return { ...found, dataFolder: config.dataFolder };
    } finally {
      await deeds.close();
    }
  } finally {
    await restored.stop();
  }

  /** Puts the register of erasures beside the database again and erases what it names. */
  async function eraseAgain(_: RestoreCommand, vault: Vault, run: RunDeed): Promise<number> {
    const noted = certifiedOf(await readErasures(folder, keys));
    const text = await readFile(config.erasuresFile, 'utf8').catch(() => '');
    const lines = noted.map((line) => `${JSON.stringify({ version: 1, ...line })}\n`);
    await appendFile(config.erasuresFile, lines.filter((line) => !text.includes(line)).join(''), {
      mode: 0o600,
    });
    const parts: RetainParts = {
      vault,
      bureau: { name: manifest.bureau.name },
      signingKey: await openSigningKey(config.signingKeyFile, { create: false }),
      digestKey: await openDigestKey(config.digestKeyFile, { create: false }),
      erasuresFile: config.erasuresFile,
      vacuum: async (tables) => await vacuumTables(db.kysely, tables),
    };
    let erased = 0;
    for (let isComplete = false; !isComplete; ) {
      const pass = await run(async (ctx) => await repeatErasures(ctx, parts));
      erased += pass.repeated;
      isComplete = pass.isComplete;
      report({ phase: 'erasures', done: erased, unit: 'rows' });
    }
    // What nobody holds any longer goes now, so that it is not taken for bytes that are missing.
    for (let isComplete = false; !isComplete; )
      isComplete = (await run(async (ctx) => await sweepSeals(ctx, vault, {}))).isComplete;
    return erased;
  }
}

async function verifyAudit({ config, report }: RestoreCommand, run: RunDeed): Promise<AuditVerdict> {
  const signingKey = await openSigningKey(config.signingKeyFile, { create: false });
  const verified = await verifyOwnLog(run, { sources: logSources, signingKey }, (done, total) =>
    report({ phase: 'audit', done, total, unit: 'rows' }),
  );
  if (verified === undefined) return { entries: 0, faults: [] };
  return { entries: verified.checked, faults: verified.findings.map(({ message }) => message) };
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
