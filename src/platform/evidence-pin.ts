import { type Kysely, sql } from 'kysely';
import type pg from 'pg';
import type { DB } from '#platform/database-types';

/**
 * Keeps bytes in the evidence store while a backup copies those that its snapshot names. Whoever removes bytes shares
 * a lock for the length of its transaction; the backup has it alone for as long as it takes to copy what came since it
 * last looked. An advisory lock, because it must hold on every machine of a bureau and go with its connection.
 */

/** The letters 'evid' as a number; any constant that no other program on the same database uses. */
const pinLock = 0x65766964;

/**
 * Whether bytes may be removed in this transaction. False while a backup copies: leave it to the next run, which is
 * moments later.
 */
export async function mayRemoveEvidence(db: Kysely<DB>): Promise<boolean> {
  const { rows } = await sql<{
    may: boolean;
  }>`select pg_try_advisory_xact_lock_shared(${pinLock}) as may`.execute(db);
  return rows[0]?.may === true;
}

/** Waits for removals that are under way, then holds off new ones until the given function is called. */
export async function pinEvidence(pool: pg.Pool): Promise<() => Promise<void>> {
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [pinLock]);
  } catch (error) {
    client.release(true);
    throw error;
  }
  return async () => {
    // A connection that is gone has let go of its locks.
    const failed = await client.query('select pg_advisory_unlock($1)', [pinLock]).then(
      () => false,
      () => true,
    );
    client.release(failed);
  };
}
