import { type Kysely, sql } from 'kysely';
import type { Actor } from '#access';
import type { FileId, ReportId, Sha256 } from '#base/ids';
import type { DB } from '#platform/database-types';

/**
 * The vault's SQL. Locks are taken in this order: the row of an incoming place, then seals by rising SHA-256, then
 * holdings. Uploads of known bytes share the seal's row (`for key share`); whoever gives a seal another place or
 * takes its place away has the row alone (`for update`).
 */
type Db = Kysely<DB>;

export interface SealRow {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  readonly keyId: string;
  /** Absent once destroyed. */
  readonly place: string | undefined;
  readonly isDamaged: boolean;
}

const sealColumns = ['sha256', 'size_bytes', 'key_id', 'location', 'damaged_at'] as const;

function sealOf(row: {
  sha256: string;
  size_bytes: string;
  key_id: string;
  location: string | null;
  damaged_at: Date | null;
}): SealRow {
  return {
    sha256: row.sha256 as Sha256,
    sizeBytes: Number(row.size_bytes),
    keyId: row.key_id,
    place: row.location ?? undefined,
    isDamaged: row.damaged_at !== null,
  };
}

/**
 * Notes a place before its first byte is written. Commits without waiting for the disk: what a kill leaves is found
 * by this row, and the power cut that could lose the row also loses the upload, whose sealing commit is durable and
 * comes later. A file that survives such a cut alone is found by `findStrays`.
 */
export async function insertIncoming(db: Db, place: string, startedAt: Date): Promise<void> {
  await sql`
    with relaxed as materialized (select set_config('synchronous_commit', 'off', true))
    insert into vault.incoming (location, started_at) select ${place}, ${startedAt}::timestamptz from relaxed`.execute(
    db,
  );
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

/** Leaves bytes to the next sweep, whatever their age. */
export async function abandon(db: Db, place: string): Promise<void> {
  await db
    .insertInto('vault.incoming')
    .values({ location: place, started_at: new Date(0) })
    .execute();
}

/** Places that nobody came back for, locked; those that another sweep has locked are left to it. */
export async function lockForgotten(db: Db, startedBefore: Date, limit: number): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('vault.incoming')
    .select('location')
    .where('started_at', '<', startedBefore)
    .orderBy('started_at')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute();
  return rows.map((row) => row.location);
}

/** Which of these places a seal or an upload knows of. */
export async function knownPlaces(db: Db, places: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ location: string }>`
    select location from vault.seal where location = any(${places})
    union all
    select location from vault.incoming where location = any(${places})`.execute(db);
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

export interface HoldingRow {
  readonly sha256: Sha256;
  readonly reportId: ReportId;
  readonly isReleased: boolean;
}

export interface NewHolding {
  readonly sha256: Sha256;
  readonly fileId: FileId;
  readonly reportId: ReportId;
  readonly heldAt: Date;
  readonly by: Actor;
  readonly note?: string;
}

/** Adds a holder and its custody entry. The seal's row is held by then, shared or alone. */
export async function insertHolding(db: Db, holding: NewHolding): Promise<void> {
  const { sha256, fileId, reportId, heldAt, by, note } = holding;
  await sql`
    with held as (
      insert into vault.holding (sha256, file_id, report_id, held_at)
      values (${sha256}, ${fileId}, ${reportId}, ${heldAt})
      returning *
    )
    insert into vault.custody (at, sha256, act, actor_kind, actor_id, report_id, file_id, note)
    select held_at, sha256, 'received', ${by.kind}, ${by.id}, report_id, file_id, ${note ?? null} from held`.execute(
    db,
  );
}

export async function findHolding(db: Db, fileId: FileId): Promise<HoldingRow | undefined> {
  const row = await db
    .selectFrom('vault.holding')
    .select(['sha256', 'report_id', 'released_at'])
    .where('file_id', '=', fileId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    sha256: row.sha256 as Sha256,
    reportId: row.report_id as ReportId,
    isReleased: row.released_at !== null,
  };
}

/** Releases every holding of a report that is still held, and leaves a custody entry for each. */
export async function releaseHoldings(db: Db, reportId: ReportId, at: Date, by: Actor): Promise<number> {
  const { numAffectedRows } = await sql`
    with released as (
      update vault.holding set released_at = ${at} where report_id = ${reportId} and released_at is null
      returning *
    )
    insert into vault.custody (at, sha256, act, actor_kind, actor_id, report_id, file_id)
    select released_at, sha256, 'released', ${by.kind}, ${by.id}, report_id, file_id
    from released order by held_at, file_id`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

export async function hasHolder(db: Db, sha256: Sha256): Promise<boolean> {
  const row = await db
    .selectFrom('vault.holding')
    .select('file_id')
    .where('sha256', '=', sha256)
    .where('released_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Seals with bytes that no file record holds any longer, by rising SHA-256; of one report, or of all. */
export async function unheldSeals(
  db: Db,
  options: { readonly reportId?: ReportId; readonly limit: number },
): Promise<readonly Sha256[]> {
  const { reportId } = options;
  let query = db
    .selectFrom('vault.seal as seal')
    .select('seal.sha256')
    .where('seal.location', 'is not', null)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('vault.holding as held')
            .select('held.file_id')
            .whereRef('held.sha256', '=', 'seal.sha256')
            .where('held.released_at', 'is', null),
        ),
      ),
    );
  if (reportId !== undefined) {
    query = query.where('seal.sha256', 'in', (eb) =>
      eb.selectFrom('vault.holding as once').select('once.sha256').where('once.report_id', '=', reportId),
    );
  }
  const rows = await query.orderBy('seal.sha256').limit(options.limit).execute();
  return rows.map((row) => row.sha256 as Sha256);
}

type CustodyAct = 'received' | 'verified' | 'read' | 'released' | 'damaged' | 'destroyed';

export interface CustodyEntry {
  readonly at: Date;
  readonly sha256: Sha256;
  readonly act: CustodyAct;
  readonly actor: Pick<Actor, 'kind' | 'id'>;
  readonly reportId?: ReportId;
  readonly fileId?: FileId;
  readonly note?: string;
}

export async function insertCustody(db: Db, entries: readonly CustodyEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await db
    .insertInto('vault.custody')
    .values(
      entries.map((entry) => ({
        at: entry.at,
        sha256: entry.sha256,
        act: entry.act,
        actor_kind: entry.actor.kind,
        actor_id: entry.actor.id,
        report_id: entry.reportId ?? null,
        file_id: entry.fileId ?? null,
        note: entry.note ?? null,
      })),
    )
    .execute();
}

/** Everything that happened to the bytes that a report holds or held, in order; other reports' entries left out. */
export async function custodyOf(db: Db, reportId: ReportId): Promise<readonly CustodyEntry[]> {
  const rows = await db
    .selectFrom('vault.custody as entry')
    .selectAll()
    .where((eb) =>
      eb.or([
        eb('entry.report_id', '=', reportId),
        eb.and([
          eb('entry.report_id', 'is', null),
          eb('entry.sha256', 'in', (sub) =>
            sub.selectFrom('vault.holding').select('sha256').where('report_id', '=', reportId),
          ),
        ]),
      ]),
    )
    .orderBy('entry.id')
    .execute();
  return rows.map((row) => ({
    at: row.at,
    sha256: row.sha256 as Sha256,
    act: row.act as CustodyAct,
    actor: { kind: row.actor_kind as Actor['kind'], id: row.actor_id },
    ...(row.report_id === null ? {} : { reportId: row.report_id as ReportId }),
    ...(row.file_id === null ? {} : { fileId: row.file_id as FileId }),
    ...(row.note === null ? {} : { note: row.note }),
  }));
}
