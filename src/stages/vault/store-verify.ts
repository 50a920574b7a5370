import { type Kysely, sql } from 'kysely';
import type { DB } from '#platform/database-types';
import { type SealRow, sealColumns, sealOf } from './store.ts';

/** Which seals are to be read again. */
type Db = Kysely<DB>;

/** Held until the transaction ends, so that two workers do not read the same files. */
export async function tryToVerify(db: Db): Promise<boolean> {
  const { rows } = await sql<{ is_ours: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended('vault.verify', 0)) as is_ours`.execute(db);
  return rows[0]?.is_ours === true;
}

/** Never read back first, then those that were not read for longest. Damaged ones are known already. */
export async function dueForVerification(db: Db, before: Date, limit: number): Promise<readonly SealRow[]> {
  const rows = await db
    .selectFrom('vault.seal')
    .select(sealColumns)
    .where('location', 'is not', null)
    .where('damaged_at', 'is', null)
    .where((eb) => eb.or([eb('verified_at', 'is', null), eb('verified_at', '<', before)]))
    .orderBy('verified_at', (order) => order.asc().nullsFirst())
    .limit(limit)
    .execute();
  return rows.map(sealOf).sort((one, other) => (one.sha256 < other.sha256 ? -1 : 1));
}

/** How far the bureau is with reading everything again. */
export async function verificationState(
  db: Db,
): Promise<{ readonly damaged: number; readonly unread: number; readonly oldest?: Date }> {
  const { rows } = await sql<{ damaged: string; unread: string; oldest: Date | null }>`
    select
      (select count(*) from vault.seal where location is not null and damaged_at is not null) as damaged,
      (select count(*) from vault.seal
        where location is not null and damaged_at is null and verified_at is null) as unread,
      (select min(verified_at) from vault.seal where location is not null and damaged_at is null) as oldest
    `.execute(db);
  const oldest = rows[0]?.oldest ?? undefined;
  return {
    damaged: Number(rows[0]?.damaged ?? 0),
    unread: Number(rows[0]?.unread ?? 0),
    ...(oldest === undefined ? {} : { oldest }),
  };
}
