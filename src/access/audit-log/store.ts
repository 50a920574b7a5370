import { type Kysely, sql } from 'kysely';
import type { DB } from '#platform/database-types';
import { hashBytes } from '#proof/merkle';
import type { ReadTile } from '#proof/tiles';

/** The SQL of the audit log; positions and sizes are far below 2^53 and travel as numbers. */
type Db = Kysely<DB>;

export interface PendingRow {
  readonly source: string;
  readonly rowId: string;
}

export interface EntryRow extends PendingRow {
  readonly position: number;
  readonly salt: Buffer;
}

export interface TileRow {
  readonly level: number;
  readonly tile: number;
  readonly hashes: Buffer;
}

export interface CheckpointRow {
  readonly size: number;
  readonly root: Buffer;
  readonly note: string;
  readonly signedAt: Date;
}

/** Whose hold on the log ends with its transaction; any number, but the same in every process. */
const sealingLock = 0x6c6f67;

/** False when another worker is sealing. */
export async function lockLog(db: Db): Promise<boolean> {
  const { rows } = await sql<{
    got: boolean;
  }>`select pg_try_advisory_xact_lock(${sealingLock}) as got`.execute(db);
  return rows[0]?.got === true;
}

/** Takes the rows that wait longest out of the list. Whatever commits later is found by the next call. */
export async function takePending(db: Db, limit: number): Promise<readonly PendingRow[]> {
  const { rows } = await sql<PendingRow & { readonly id: string }>`
    delete from access.log_pending
    where id in (select id from access.log_pending order by id limit ${limit})
    returning id::text as id, source, row_id::text as "rowId"`.execute(db);
  return rows
    .map((row) => ({ ...row, order: BigInt(row.id) }))
    .sort((one, other) => (one.order < other.order ? -1 : 1))
    .map(({ source, rowId }) => ({ source, rowId }));
}

/** Those of the rows that have no position yet, each once. */
export async function withoutPosition(
  db: Db,
  pending: readonly PendingRow[],
): Promise<readonly PendingRow[]> {
  const { rows } = await sql<PendingRow>`
    select source, row_id::text as "rowId" from access.log_entry
    where (source, row_id) in (select * from unnest(
      ${pending.map((row) => row.source)}::text[], ${pending.map((row) => row.rowId)}::bigint[]))`.execute(
    db,
  );
  const keyOf = (row: PendingRow) => `${row.source}:${row.rowId}`;
  const known = new Set(rows.map(keyOf));
  return pending.filter((row) => {
    const isNew = !known.has(keyOf(row));
    known.add(keyOf(row));
    return isNew;
  });
}

export async function insertEntries(db: Db, entries: readonly EntryRow[]): Promise<void> {
  await sql`
    insert into access.log_entry (position, row_id, source, salt)
    select * from unnest(
      ${entries.map((entry) => entry.position)}::bigint[], ${entries.map((entry) => entry.rowId)}::bigint[],
      ${entries.map((entry) => entry.source)}::text[], ${entries.map((entry) => entry.salt)}::bytea[])`.execute(
    db,
  );
}

export async function upsertTiles(db: Db, tiles: readonly TileRow[]): Promise<void> {
  await sql`
    insert into access.log_tile (level, tile, hashes)
    select * from unnest(
      ${tiles.map((row) => row.level)}::smallint[], ${tiles.map((row) => row.tile)}::bigint[],
      ${tiles.map((row) => row.hashes)}::bytea[])
    on conflict (level, tile) do update set hashes = excluded.hashes`.execute(db);
}

export async function insertCheckpoint(db: Db, row: CheckpointRow): Promise<void> {
  await db
    .insertInto('access.log_checkpoint')
    .values({ size: row.size, root: row.root, note: row.note, signed_at: row.signedAt })
    .execute();
}

export async function newestCheckpoint(db: Db): Promise<CheckpointRow | undefined> {
  const { rows } = await sql<CheckpointRow>`
    select size::float8 as size, root, note, signed_at as "signedAt" from access.log_checkpoint
    order by access.log_checkpoint.size desc limit 1`.execute(db);
  return rows[0];
}

export async function checkpointOf(db: Db, size: number): Promise<CheckpointRow | undefined> {
  const { rows } = await sql<CheckpointRow>`
    select size::float8 as size, root, note, signed_at as "signedAt" from access.log_checkpoint
    where access.log_checkpoint.size = ${size}`.execute(db);
  return rows[0];
}

/** The tile as far as it has grown; undefined where there is none. */
export async function tileAt(db: Db, level: number, tile: number): Promise<Buffer | undefined> {
  const row = await db
    .selectFrom('access.log_tile')
    .select('hashes')
    .where('level', '=', level)
    .where('tile', '=', String(tile))
    .executeTakeFirst();
  return row?.hashes;
}

/** Reads tiles for proofs; one that is not there reads as empty, which no proof takes. */
export function tileReader(db: Db): ReadTile {
  return async (level, tile, width) =>
    (await tileAt(db, level, tile))?.subarray(0, width * hashBytes) ?? Buffer.alloc(0);
}

export async function tilesBetween(
  db: Db,
  level: number,
  first: number,
  count: number,
): Promise<ReadonlyMap<number, Buffer>> {
  const { rows } = await sql<{ tile: number; hashes: Buffer }>`
    select tile::float8 as tile, hashes from access.log_tile
    where level = ${level} and access.log_tile.tile >= ${first} and access.log_tile.tile < ${first + count}`.execute(
    db,
  );
  return new Map(rows.map((row) => [row.tile, row.hashes]));
}

export async function entriesBetween(db: Db, first: number, count: number): Promise<readonly EntryRow[]> {
  const { rows } = await sql<EntryRow>`
    select position::float8 as position, source, row_id::text as "rowId", salt from access.log_entry
    where access.log_entry.position >= ${first} and access.log_entry.position < ${first + count}
    order by access.log_entry.position`.execute(db);
  return rows;
}

export interface WitnessRow {
  readonly name: string;
  readonly size: number;
  readonly askedAt: Date;
  readonly answeredAt: Date | null;
  readonly trouble: string | null;
}

export async function witnessRows(db: Db): Promise<readonly WitnessRow[]> {
  const { rows } = await sql<WitnessRow>`
    select name, size::float8 as size, asked_at as "askedAt", answered_at as "answeredAt", trouble
    from access.log_witness order by name`.execute(db);
  return rows;
}

/** Takes the turn to ask a witness, unless somebody took it since `before` or it has cosigned `size` already. */
export async function takeTurn(
  db: Db,
  name: string,
  facts: { readonly now: Date; readonly before: Date; readonly size: number },
): Promise<{ readonly size: number } | undefined> {
  const { rows } = await sql<{ size: number }>`
    insert into access.log_witness as known (name, asked_at) values (${name}, ${facts.now})
    on conflict (name) do update set asked_at = excluded.asked_at
      where known.asked_at <= ${facts.before} and (known.size < ${facts.size} or known.trouble is not null)
    returning size::float8 as size`.execute(db);
  return rows[0];
}

export async function noteWitness(
  db: Db,
  name: string,
  outcome:
    | {
        readonly kind: 'cosigned';
        readonly size: number;
        readonly line: string;
        readonly at: Date;
        readonly now: Date;
      }
    | { readonly kind: 'trouble'; readonly trouble: string },
): Promise<void> {
  if (outcome.kind === 'trouble') {
    await db
      .updateTable('access.log_witness')
      .set({ trouble: outcome.trouble })
      .where('name', '=', name)
      .execute();
    return;
  }
  await db
    .updateTable('access.log_witness')
    .set({ size: outcome.size, answered_at: outcome.now, trouble: null })
    .where('name', '=', name)
    .execute();
  await db
    .insertInto('access.log_cosignature')
    .values({ size: outcome.size, witness: name, line: outcome.line, cosigned_at: outcome.at })
    .onConflict((oc) => oc.doNothing())
    .execute();
}

export async function cosignatureLines(db: Db, size: number): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('access.log_cosignature')
    .select('line')
    .where('size', '=', String(size))
    .orderBy('witness')
    .execute();
  return rows.map((row) => row.line);
}

/** Counts no further than this: more than so many waiting rows are too many, however many. */
const mostCounted = 100_000;

export async function countPending(db: Db): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from (select from access.log_pending limit ${mostCounted}) waiting`.execute(
    db,
  );
  return rows[0]?.count ?? 0;
}

/** The last sealed row of a source. */
export async function lastEntryOf(db: Db, source: string): Promise<string | undefined> {
  const { rows } = await sql<{ rowId: string }>`
    select row_id::text as "rowId" from access.log_entry where source = ${source}
    order by position desc limit 1`.execute(db);
  return rows[0]?.rowId;
}
