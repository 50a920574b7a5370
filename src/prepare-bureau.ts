import { join } from 'node:path';
import { firstSignInLink, hasSigned, openDigestKey, openSigningKey, refuseForeignLog } from '#access';
import { jobDefinitions } from '#app';
import { isDemonstration, machineToken, settleBureau } from '#platform/bureau';
import { systemClock } from '#platform/clock';
import type { Config } from '#platform/config';
import { installQueues } from '#platform/jobs';
import type { Logger } from '#platform/log';
import { migrate, openDatabase } from '#platform/postgres';
import { inTransaction } from '#platform/unit-of-work';
import { openKnownVault, registerKeys } from '#vault';
import { type SettledRoles, settleRoles } from './database-roles.ts';

/** Any number that nothing else locks; machines that start at once prepare one after the other. */
const advisoryLock = 6_310_000_001n;

/** Makes everything that server and worker take for granted. Gives the first administrator's link while nobody has signed in. */
export async function prepareBureau(
  config: Config,
  databaseUrl: string,
  log: Logger,
): Promise<{ link: string | undefined; urls: SettledRoles['urls'] }> {
  const db = openDatabase(databaseUrl, { max: 4 });
  const holder = await db.pool.connect().catch(async (error: unknown) => {
    await db.close();
    throw error;
  });
  try {
    await holder.query('select pg_advisory_lock($1)', [advisoryLock]);
    await migrate(db);
    const now = systemClock.now();
    await settleBureau(db.kysely, {
      name: config.bureauName,
      isDemonstration: await isDemonstration(config.dataFolder),
      now,
    });
    const vault = await openKnownVault(db.kysely, {
      folder: join(config.dataFolder, 'evidence'),
      keyFile: config.keyFile,
      create: true,
      settings: config.evidence,
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
    // With the connection goes the lock.
    holder.release(true);
    await db.close();
  }
}
