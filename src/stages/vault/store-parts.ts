import { type Kysely, sql } from 'kysely';
import type { Actor } from '#access';
import type { ReportId } from '#base/ids';
import type { DB } from '#platform/database-types';

/**
 * The SQL of parts and tombstones. A part's place keeps its row in vault.incoming with a time that never comes, so
 * that no sweep takes it and a search for strays knows it; letting the part go sets that time back to the beginning.
 */
type Db = Kysely<DB>;

export interface PartRow {
  readonly position: number;
  readonly place: string;
  readonly store: string;
  readonly keyId: string;
  readonly sizeBytes: number;
}

/** Adds staged parts after those that are there. False when a place was swept meanwhile: then nothing may be kept. */
export async function insertParts(
  db: Db,
  uploadId: string,
  parts: readonly Omit<PartRow, 'position'>[],
  at: Date,
): Promise<boolean> {
  const rows = parts.map(({ place, store, keyId, sizeBytes }, index) => ({
    nth: index + 1,
    location: place,
    store,
    key_id: keyId,
    size_bytes: sizeBytes,
  }));
  const { rows: kept } = await sql<{ n: string }>`
    with given as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as row (nth integer, location text, store text, key_id text, size_bytes bigint)
    ), held as (
      update vault.incoming set started_at = 'infinity'
      where location in (select location from given) returning location
    ), added as (
      insert into vault.part (upload_id, position, location, store, key_id, size_bytes, received_at)
      select ${uploadId},
        (select coalesce(max(position), 0) from vault.part where upload_id = ${uploadId}) + nth,
        location, store, key_id, size_bytes, ${at}
      from given join held using (location)
      returning position
    )
    select count(*) as n from added`.execute(db);
  return Number(kept[0]?.n) === parts.length;
}

/** Holds the place of a part that no upload has alone from here on; false when it is kept, swept or gone. */
export async function deleteLoosePart(db: Db, place: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    delete from vault.incoming where location = ${place} and started_at <> 'infinity'`.execute(db);
  return (numAffectedRows ?? 0n) > 0n;
}

/** Every part of an upload in order. */
export async function partsOf(db: Db, uploadId: string): Promise<readonly PartRow[]> {
  const rows = await db
    .selectFrom('vault.part')
    .select(['position', 'location', 'store', 'key_id', 'size_bytes'])
    .where('upload_id', '=', uploadId)
    .orderBy('position')
    .execute();
  return rows.map((row) => ({
    position: row.position,
    place: row.location,
    store: row.store,
    keyId: row.key_id,
    sizeBytes: Number(row.size_bytes),
  }));
}

/** Lets every part of these uploads go to the next sweep. */
export async function deleteParts(db: Db, uploadIds: readonly string[]): Promise<void> {
  if (uploadIds.length === 0) return;
  await sql`
    with gone as (
      delete from vault.part where upload_id = any(${[...uploadIds]}) returning location
    )
    update vault.incoming set started_at = 'epoch' where location in (select location from gone)`.execute(db);
}

/** Leaves staged places to the next sweep, whatever their age. */
export async function abandonPlaces(db: Db, places: readonly string[]): Promise<void> {
  if (places.length === 0) return;
  await db
    .updateTable('vault.incoming')
    .set({ started_at: new Date(0) })
    .where('location', 'in', [...places])
    .execute();
}

export interface Tombstone {
  readonly at: Date;
  readonly reason: 'refused' | 'ended';
  /** The refusal's code, or what ended the upload. */
  readonly note: string;
  readonly reportId?: ReportId;
  readonly uploadId?: string;
  readonly digests?: { readonly sha256: string; readonly sha1: string; readonly md5: string };
  readonly sizeBytes: number;
  readonly receivedAt: Date;
  readonly actor: Pick<Actor, 'kind' | 'id'>;
}

export async function insertTombstones(db: Db, tombstones: readonly Tombstone[]): Promise<void> {
  if (tombstones.length === 0) return;
  await db
    .insertInto('vault.tombstone')
    .values(
      tombstones.map((stone) => ({
        at: stone.at,
        reason: stone.reason,
        note: stone.note,
        report_id: stone.reportId ?? null,
        upload_id: stone.uploadId ?? null,
        sha256: stone.digests?.sha256 ?? null,
        sha1: stone.digests?.sha1 ?? null,
        md5: stone.digests?.md5 ?? null,
        size_bytes: stone.sizeBytes,
        received_at: stone.receivedAt,
        actor_kind: stone.actor.kind,
        actor_id: stone.actor.id,
      })),
    )
    .execute();
}
