import { type Kysely, sql } from 'kysely';
import type { Sha256 } from '#base/ids';
import type { DB } from '#platform/database-types';

/**
 * The vault's SQL: seals and places. Locks are taken in this order: the row of an incoming place, then seals by rising SHA-256, then
 * holdings. Uploads of known bytes share the seal's row (`for key share`); whoever gives a seal another place or
 * takes its place away has the row alone (`for update`).
 */
type Db = Kysely<DB>;

/** Where bytes stand: which store, and where in it. */
export interface Standing {
  readonly store: string;
  readonly place: string;
}

export interface SealRow {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  readonly keyId: string;
  /** The store's id. */
  readonly store: string;
  /** Absent once destroyed. */
  readonly place: string | undefined;
  readonly isDamaged: boolean;
  /** What was found, where it is damaged. */
  readonly damage?: string;
}

export const sealColumns = [
  'sha256',
  'size_bytes',
  'key_id',
  'store',
  'location',
  'damaged_at',
  'damage',
] as const;

export function sealOf(row: {
  sha256: string;
  size_bytes: string;
  key_id: string;
  store: string;
  location: string | null;
  damaged_at: Date | null;
  damage: string | null;
}): SealRow {
  return {
    sha256: row.sha256 as Sha256,
    sizeBytes: Number(row.size_bytes),
    keyId: row.key_id,
    store: row.store,
    place: row.location ?? undefined,
    isDamaged: row.damaged_at !== null,
    ...(row.damage === null ? {} : { damage: row.damage }),
  };
}

/**
 * Notes a place before its first byte is written. Commits without waiting for the disk: what a kill leaves is found
 * by this row, and the power cut that could lose the row also loses the upload, whose sealing commit is durable and
 * comes later. A file that survives such a cut alone is found by `findStrays`.
 */
export async function insertIncoming(db: Db, { store, place }: Standing, startedAt: Date): Promise<void> {
  await sql`
    with relaxed as materialized (select set_config('synchronous_commit', 'off', true))
    insert into vault.incoming (location, store, started_at)
    select ${place}, ${store}, ${startedAt}::timestamptz from relaxed`.execute(db);
}

/** As {@link insertIncoming}: the note follows the bytes to their final place before they go there. */
export async function moveIncoming(db: Db, from: string, to: string): Promise<void> {
  await sql`
    with relaxed as materialized (select set_config('synchronous_commit', 'off', true))
    update vault.incoming set location = ${to} from relaxed where location = ${from}`.execute(db);
}

/** Holds the place's row alone from here on; false when it is gone: filed, discarded or swept. */
export async function deleteIncoming(db: Db, place: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('vault.incoming')
    .where('location', '=', place)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Leaves bytes to the next sweep; at once, whatever their age, or as if their upload had begun at `startedAt`. */
export async function abandon(db: Db, { store, place }: Standing, startedAt = new Date(0)): Promise<void> {
  await db.insertInto('vault.incoming').values({ location: place, store, started_at: startedAt }).execute();
}

/** Places that nobody came back for, locked; those that another sweep has locked are left to it. */
export async function lockForgotten(
  db: Db,
  startedBefore: Date,
  limit: number,
): Promise<readonly Standing[]> {
  const rows = await db
    .selectFrom('vault.incoming')
    .select(['location', 'store'])
    .where('started_at', '<', startedBefore)
    .orderBy('started_at')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute();
  return rows.map((row) => ({ store: row.store, place: row.location }));
}

/** Which of these places a seal, an upload or the quarantine knows of. */
export async function knownPlaces(db: Db, places: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ location: string }>`
    select location from vault.seal where location = any(${places})
    union all
    select location from vault.incoming where location = any(${places})
    union all
    select location from vault.quarantine where location = any(${places})`.execute(db);
  return new Set(rows.map((row) => row.location));
}

function sealQuery(db: Db, sha256: Sha256) {
  return db.selectFrom('vault.seal').select(sealColumns).where('sha256', '=', sha256);
}

export async function findSeal(db: Db, sha256: Sha256): Promise<SealRow | undefined> {
  const row = await sealQuery(db, sha256).executeTakeFirst();
  return row === undefined ? undefined : sealOf(row);
}

/** A seal that can take one more holder at once, kept from being destroyed until the transaction ends. */
export async function shareSoundSeal(db: Db, sha256: Sha256): Promise<SealRow | undefined> {
  const sound = sealQuery(db, sha256).where('location', 'is not', null).where('damaged_at', 'is', null);
  const row = await sound.forKeyShare().skipLocked().executeTakeFirst();
  return row === undefined ? undefined : sealOf(row);
}

/** The seal as it stands now, held alone until the transaction ends. */
export async function lockSeal(db: Db, sha256: Sha256): Promise<SealRow | undefined> {
  const row = await sealQuery(db, sha256).forUpdate().executeTakeFirst();
  return row === undefined ? undefined : sealOf(row);
}

/** Seals as they stand now; uploads of the same bytes go on, another place for them waits. */
export async function lockSealsForFinding(
  db: Db,
  sha256s: readonly Sha256[],
): Promise<ReadonlyMap<Sha256, SealRow>> {
  const rows = await db
    .selectFrom('vault.seal')
    .select(sealColumns)
    .where('sha256', 'in', [...sha256s])
    .orderBy('sha256')
    .forNoKeyUpdate()
    .execute();
  return new Map(rows.map(sealOf).map((seal) => [seal.sha256, seal]));
}

export interface NewSeal {
  readonly sha256: Sha256;
  readonly sha1: string;
  readonly md5: string;
  readonly sizeBytes: number;
  readonly mediaType?: string;
  readonly store: string;
  readonly place: string;
  readonly keyId: string;
  readonly sealedAt: Date;
}

/** False when there is a seal for these bytes; waits for a transaction that is making one. */
export async function insertSeal(db: Db, seal: NewSeal): Promise<boolean> {
  const row = await db
    .insertInto('vault.seal')
    .values({
      sha256: seal.sha256,
      sha1: seal.sha1,
      md5: seal.md5,
      size_bytes: seal.sizeBytes,
      media_type: seal.mediaType ?? null,
      store: seal.store,
      location: seal.place,
      key_id: seal.keyId,
      sealed_at: seal.sealedAt,
    })
    .onConflict((conflict) => conflict.column('sha256').doNothing())
    .returning('sha256')
    .executeTakeFirst();
  return row !== undefined;
}

/** Gives a seal fresh bytes in place of destroyed, missing or damaged ones. */
export async function replaceBytes(db: Db, seal: NewSeal): Promise<void> {
  await db
    .updateTable('vault.seal')
    .set({
      store: seal.store,
      location: seal.place,
      key_id: seal.keyId,
      sealed_at: seal.sealedAt,
      verified_at: null,
      damaged_at: null,
      damage: null,
      destroyed_at: null,
    })
    .where('sha256', '=', seal.sha256)
    .execute();
}

export async function markVerified(db: Db, sha256s: readonly Sha256[], at: Date): Promise<void> {
  if (sha256s.length === 0) return;
  await db
    .updateTable('vault.seal')
    .set({ verified_at: at, damaged_at: null, damage: null })
    .where('sha256', 'in', [...sha256s])
    .execute();
}

/** Keeps the time of the first finding. */
export async function markDamaged(db: Db, sha256: Sha256, at: Date, damage: string): Promise<void> {
  await db
    .updateTable('vault.seal')
    .set((eb) => ({ damaged_at: eb.fn.coalesce('damaged_at', eb.val(at)), damage }))
    .where('sha256', '=', sha256)
    .execute();
}

export async function markDestroyed(db: Db, sha256: Sha256, at: Date): Promise<void> {
  await db
    .updateTable('vault.seal')
    .set({ location: null, destroyed_at: at })
    .where('sha256', '=', sha256)
    .execute();
}

/** The next seals with bytes, by rising SHA-256. */
export async function sealsAfter(db: Db, after: string, limit: number): Promise<readonly SealRow[]> {
  const rows = await db
    .selectFrom('vault.seal')
    .select(sealColumns)
    .where('sha256', '>', after)
    .where('location', 'is not', null)
    .orderBy('sha256')
    .limit(limit)
    .execute();
  return rows.map(sealOf);
}

export async function countSeals(db: Db): Promise<number> {
  const row = await db
    .selectFrom('vault.seal')
    .select((eb) => eb.fn.countAll<string>().as('seals'))
    .where('location', 'is not', null)
    .executeTakeFirstOrThrow();
  return Number(row.seals);
}
