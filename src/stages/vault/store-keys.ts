import { type Kysely, sql } from 'kysely';
import type { Sha256 } from '#base/ids';
import { isKmsKey } from '#platform/config-evidence';
import type { DB } from '#platform/database-types';
import type { Standing } from './store.ts';

/** Which keys evidence is sealed under, and the copies that were set aside. */
type Db = Kysely<DB>;

/** What the database says about keys, whatever the key file says. */
export interface KnownKeys {
  /** Every key that something is sealed under, and every one made that was not taken away since. */
  readonly keyIds: readonly string[];
  readonly removedIds: readonly string[];
  /** About how many files are sealed. */
  readonly files: number;
}

/** Steps from key to key through the index, so that it costs the same however many files there are. */
export async function knownKeys(db: Db): Promise<KnownKeys> {
  const { rows } = await sql<{ key_id: string; is_removed: boolean }>`
    with recursive used as (
      (select key_id from vault.seal where location is not null order by key_id limit 1)
      union all
      select (
        select seal.key_id from vault.seal seal
        where seal.location is not null and seal.key_id > used.key_id order by seal.key_id limit 1
      ) from used where used.key_id is not null
    )
    select key_id, false as is_removed from used where key_id is not null
    union
    select key_id, removed_at is not null from vault.key`.execute(db);
  const used = new Set(rows.filter((row) => !row.is_removed).map((row) => row.key_id));
  const removed = rows.filter((row) => row.is_removed).map((row) => row.key_id);
  return {
    keyIds: [...used].sort(),
    removedIds: removed.filter((id) => !used.has(id)),
    files: used.size === 0 ? 0 : await countFiles(db),
  };
}

async function countFiles(db: Db): Promise<number> {
  const { rows } = await sql<{ files: string }>`
    select greatest(reltuples, 1)::bigint as files from pg_class where oid = 'vault.seal'::regclass`.execute(
    db,
  );
  return Number(rows[0]?.files ?? 1);
}

/** Notes a key as the bureau's own. */
export async function insertKey(db: Db, keyId: string, madeAt: Date): Promise<void> {
  await db
    .insertInto('vault.key')
    .values({ key_id: keyId, kind: kindOf(keyId), made_at: madeAt })
    .onConflict((conflict) => conflict.column('key_id').doNothing())
    .execute();
}

function kindOf(keyId: string): 'file' | 'kms' {
  return isKmsKey(keyId) ? 'kms' : 'file';
}

export async function isKnownKey(db: Db, keyId: string): Promise<boolean> {
  const row = await db
    .selectFrom('vault.key')
    .select('key_id')
    .where('key_id', '=', keyId)
    .executeTakeFirst();
  return row !== undefined;
}

/** Whether nothing new may be sealed under it. */
export async function isRetired(db: Db, keyId: string): Promise<boolean> {
  const row = await db
    .selectFrom('vault.key')
    .select('key_id')
    .where('key_id', '=', keyId)
    .where('retired_at', 'is not', null)
    .executeTakeFirst();
  return row !== undefined;
}

export interface KeyRow {
  readonly keyId: string;
  readonly kind: 'file' | 'kms';
  readonly madeAt?: Date;
  readonly retiredAt?: Date;
  readonly removedAt?: Date;
  /** Files that are sealed under it, copies that were set aside not counted. */
  readonly files: number;
  readonly sizeBytes: number;
  readonly setAside: number;
}

/** Every key that was ever used, oldest first. */
export async function keysInUse(db: Db): Promise<readonly KeyRow[]> {
  const { rows } = await sql<{
    key_id: string;
    made_at: Date | null;
    retired_at: Date | null;
    removed_at: Date | null;
    files: string | null;
    size_bytes: string | null;
    set_aside: string | null;
  }>`
    with sealed as (
      select key_id, count(*) as files, sum(size_bytes) as size_bytes
      from vault.seal where location is not null group by key_id
    ), aside as (
      select key_id, count(*) as set_aside from vault.quarantine group by key_id
    )
    select coalesce(key.key_id, sealed.key_id, aside.key_id) as key_id,
      made_at, retired_at, removed_at, files, size_bytes, set_aside
    from vault.key key
    full join sealed on sealed.key_id = key.key_id
    full join aside on aside.key_id = coalesce(key.key_id, sealed.key_id)
    order by made_at nulls first, 1
    limit 1000`.execute(db);
  return rows.map((row) => ({
    keyId: row.key_id,
    kind: kindOf(row.key_id),
    ...(row.made_at === null ? {} : { madeAt: row.made_at }),
    ...(row.retired_at === null ? {} : { retiredAt: row.retired_at }),
    ...(row.removed_at === null ? {} : { removedAt: row.removed_at }),
    files: Number(row.files ?? 0),
    sizeBytes: Number(row.size_bytes ?? 0),
    setAside: Number(row.set_aside ?? 0),
  }));
}

/** How much stands under a key: sealed files, copies that were set aside, parts of unfinished uploads. */
export async function countUnder(db: Db, keyId: string): Promise<number> {
  const { rows } = await sql<{ files: string }>`
    select (select count(*) from vault.seal where key_id = ${keyId} and location is not null)
      + (select count(*) from vault.quarantine where key_id = ${keyId})
      + (select count(*) from vault.part where key_id = ${keyId}) as files`.execute(db);
  return Number(rows[0]?.files ?? 0);
}

/** Nothing is sealed under it from the commit on; transactions that began before may still do so. */
export async function markRetired(db: Db, keyId: string, at: Date): Promise<void> {
  await sql`
    update vault.key set retired_at = ${at}, retired_in = pg_current_xact_id()
    where key_id = ${keyId} and retired_at is null`.execute(db);
}

/** Whether every transaction that may not know of the retirement has ended. */
export async function isRetirementKnown(db: Db, keyId: string): Promise<boolean> {
  const { rows } = await sql<{ is_known: boolean }>`
    select retired_in < pg_snapshot_xmin(pg_current_snapshot()) as is_known
    from vault.key where key_id = ${keyId} and retired_at is not null`.execute(db);
  return rows[0]?.is_known === true;
}

export async function takeBackRetirement(db: Db, keyId: string): Promise<void> {
  await db
    .updateTable('vault.key')
    .set({ retired_at: null, retired_in: null })
    .where('key_id', '=', keyId)
    .where('removed_at', 'is', null)
    .execute();
}

/** Keys that were retired and not taken away yet. */
export async function keysToRemove(db: Db): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('vault.key')
    .select('key_id')
    .where('retired_at', 'is not', null)
    .where('removed_at', 'is', null)
    .limit(100)
    .execute();
  return rows.map((row) => row.key_id);
}

export async function markRemoved(db: Db, keyId: string, at: Date): Promise<void> {
  await db
    .updateTable('vault.key')
    .set({ removed_at: at })
    .where('key_id', '=', keyId)
    .where('removed_at', 'is', null)
    .execute();
}

export interface SetAside extends Standing {
  readonly sha256: Sha256;
  readonly keyId: string;
  readonly since: Date;
  readonly reason: string;
}

export async function insertQuarantine(db: Db, copy: SetAside): Promise<void> {
  await db
    .insertInto('vault.quarantine')
    .values({
      location: copy.place,
      store: copy.store,
      sha256: copy.sha256,
      key_id: copy.keyId,
      since: copy.since,
      reason: copy.reason,
    })
    .execute();
}

/** Takes the copies of one file out of the quarantine; whoever calls removes them or leaves them to a sweep. */
export async function takeSetAside(db: Db, sha256: Sha256): Promise<readonly Standing[]> {
  const rows = await db
    .deleteFrom('vault.quarantine')
    .where('sha256', '=', sha256)
    .returning(['location', 'store'])
    .execute();
  return rows.map((row) => ({ store: row.store, place: row.location }));
}

/** Copies that were set aside, oldest first. */
export async function setAsideCopies(db: Db, limit: number): Promise<readonly SetAside[]> {
  const rows = await db
    .selectFrom('vault.quarantine')
    .selectAll()
    .orderBy('since')
    .orderBy('location')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    sha256: row.sha256 as Sha256,
    store: row.store,
    place: row.location,
    keyId: row.key_id,
    since: row.since,
    reason: row.reason,
  }));
}
