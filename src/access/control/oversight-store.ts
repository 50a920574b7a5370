import { type Kysely, sql } from 'kysely';
import type { DB } from '#platform/database-types';

/** The SQL of look-ups, their marks, the watch-list and the samples. */
type Db = Kysely<DB>;

export interface NewLookUp {
  readonly at: Date;
  readonly actorKind: 'staff' | 'system';
  readonly actorId: string;
  readonly actorName: string;
  readonly reportId: string;
  readonly task: 'own' | 'triage' | 'reason' | 'emergency' | 'none';
  readonly why: string;
  readonly emergencyId: string | undefined;
  readonly watchEntries: readonly string[];
}

export async function insertLookUp(db: Db, row: NewLookUp): Promise<void> {
  await db
    .insertInto('access.look_up')
    .values({
      at: row.at,
      actor_kind: row.actorKind,
      actor_id: row.actorId,
      actor_name: row.actorName,
      report_id: row.reportId,
      task: row.task,
      why: row.why,
      emergency_id: row.emergencyId ?? null,
      watch_entries: [...row.watchEntries],
    })
    .execute();
}

/** The reason that this person gave for this report lately. */
export async function recentReason(
  db: Db,
  staffId: string,
  reportId: string,
  since: Date,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('access.look_up')
    .select('why')
    .where('actor_id', '=', staffId)
    .where('report_id', '=', reportId)
    .where('task', '=', 'reason')
    .where('at', '>', since)
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.why;
}

/** Watched identifiers among these digests. */
export async function watchedAmong(db: Db, digests: readonly string[]): Promise<readonly string[]> {
  if (digests.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    select id::text as id from access.watch_entry
    where removed_at is null and digest = any(${[...digests]}) order by id limit 100`.execute(db);
  return rows.map(({ id }) => id);
}

export interface LookUpRow {
  readonly id: string;
  readonly at: Date;
  readonly actorId: string;
  readonly actorName: string;
  readonly reportId: string;
  readonly task: NewLookUp['task'];
  readonly why: string;
  readonly emergencyId: string | null;
  readonly categories: string[] | null;
  readonly mark: 'explained' | 'follow-up' | null;
  readonly markNote: string | null;
  readonly markedBy: string | null;
  readonly markerName: string | null;
  readonly markedAt: Date | null;
}

const columns = sql`look.id::text as id, look.at, look.actor_id as "actorId", look.actor_name as "actorName",
  look.report_id::text as "reportId", look.task, look.why, look.emergency_id::text as "emergencyId",
  (select array_agg(distinct category) from (
      select entry.category from access.watch_entry entry where entry.id = any(look.watch_entries)
      union all select 'colleague' from access.staff staff where staff.id = any(look.watch_entries)
    ) watched) as categories,
  mark.mark, mark.note as "markNote", mark.marked_by::text as "markedBy", marker.name as "markerName",
  mark.marked_at as "markedAt"`;

/** The newest mark stands. */
const marks = sql`left join lateral (
    select * from access.look_up_mark where look_up_id = look.id order by access.look_up_mark.id desc limit 1
  ) mark on true
  left join access.staff marker on marker.id = mark.marked_by`;

const isMarked = sql`(look.task in ('reason', 'emergency', 'none') or look.watch_entries <> '{}')`;

/** The newest first. */
export async function listLookUps(
  db: Db,
  query: {
    readonly show: 'marked' | 'all';
    readonly person?: string;
    readonly before?: string;
    readonly limit: number;
  },
): Promise<readonly LookUpRow[]> {
  const { rows } = await sql<LookUpRow>`
    select ${columns} from access.look_up look ${marks}
    where ${query.show === 'marked' ? isMarked : sql`true`}
      and ${query.person === undefined ? sql`true` : sql`look.actor_id = ${query.person}`}
      and ${query.before === undefined ? sql`true` : sql`look.id < ${query.before}::bigint`}
    order by look.id desc limit ${query.limit}`.execute(db);
  return rows;
}

export async function findLookUp(db: Db, id: string): Promise<LookUpRow | undefined> {
  const { rows } = await sql<LookUpRow>`
    select ${columns} from access.look_up look ${marks} where look.id = ${id}::bigint`.execute(db);
  return rows[0];
}

export async function insertMark(
  db: Db,
  mark: {
    readonly lookUpId: string;
    readonly mark: 'explained' | 'follow-up';
    readonly note: string;
    readonly by: string;
    readonly at: Date;
  },
): Promise<void> {
  await db
    .insertInto('access.look_up_mark')
    .values({
      look_up_id: mark.lookUpId,
      mark: mark.mark,
      note: mark.note,
      marked_by: mark.by,
      marked_at: mark.at,
    })
    .execute();
}

export interface CountRow {
  readonly id: string;
  readonly name: string;
  readonly from: Date;
  readonly reports: number;
}

/** How many different reports each member of staff opened in each hour since then. */
export async function hourlyCounts(db: Db, since: Date) {
  const { rows } = await sql<CountRow>`
    select actor_id as id, max(actor_name) as name, date_trunc('hour', at, 'UTC') as "from",
      count(distinct report_id)::int as reports
    from access.look_up where at >= ${since} and actor_kind = 'staff' group by 1, 3`.execute(db);
  return rows;
}

export async function dailyCounts(db: Db, since: Date) {
  const { rows } = await sql<CountRow>`
    select actor_id as id, max(actor_name) as name, date_trunc('day', at, 'UTC') as "from",
      count(distinct report_id)::int as reports
    from access.look_up where at >= ${since} and actor_kind = 'staff' group by 1, 3`.execute(db);
  return rows;
}

export async function insertWatchEntry(
  db: Db,
  entry: {
    readonly id: string;
    readonly kind: string;
    readonly category: string;
    readonly digest: string;
    readonly by: { readonly kind: string; readonly id: string };
    readonly at: Date;
  },
): Promise<boolean> {
  const result = await db
    .insertInto('access.watch_entry')
    .values({
      id: entry.id,
      kind: entry.kind,
      category: entry.category,
      digest: entry.digest,
      added_by_kind: entry.by.kind,
      added_by: entry.by.id,
      added_at: entry.at,
    })
    .onConflict((oc) => oc.column('digest').where('removed_at', 'is', null).doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function removeWatchEntry(db: Db, id: string, at: Date): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('access.watch_entry')
    .set({ removed_at: at })
    .where('id', '=', id)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export interface WatchRow {
  readonly id: string;
  readonly kind: 'email' | 'phone' | 'name' | 'account';
  readonly category: 'colleague' | 'neighbour' | 'public-figure' | 'other';
  readonly addedAt: Date;
  readonly keyId: string;
  readonly addedMicros: string;
}

export async function listWatchEntries(
  db: Db,
  query: { readonly before?: { readonly micros: string; readonly id: string }; readonly limit: number },
): Promise<readonly WatchRow[]> {
  const { before } = query;
  const beyond =
    before === undefined
      ? sql`true`
      : sql`(added_at, id) < (timestamptz 'epoch' + ${before.micros}::bigint * interval '1 microsecond', ${before.id}::uuid)`;
  const { rows } = await sql<WatchRow>`
    select id::text as id, kind, category, added_at as "addedAt", split_part(digest, ':', 1) as "keyId",
      (extract(epoch from added_at) * 1000000)::bigint::text as "addedMicros"
    from access.watch_entry where removed_at is null and ${beyond}
    order by added_at desc, access.watch_entry.id desc limit ${query.limit}`.execute(db);
  return rows;
}

export interface SampleRow {
  readonly id: string;
  readonly month: string;
  readonly until: Date;
  readonly seed: string;
  readonly size: number;
  readonly population: number;
  readonly marked: number;
  readonly drawnBy: string;
  readonly drawerName: string;
  readonly drawnAt: Date;
}

/**
 * Draws the sample: every look-up of the month before `until` gets the number SHA-256 of seed and id, and the lowest
 * are the sample. Whoever has the seed and the rows draws the same again, with any tool.
 */
export async function drawItems(
  db: Db,
  sample: {
    readonly id: string;
    readonly from: Date;
    readonly until: Date;
    readonly seed: string;
    readonly size: number;
  },
): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into access.audit_sample_item (sample_id, position, look_up_id)
    select ${sample.id}::uuid, row_number() over (order by number, id), id
    from (
      select look.id, sha256(convert_to(${sample.seed} || ':' || look.id, 'UTF8')) as number
      from access.look_up look where at >= ${sample.from} and at < ${sample.until}
      order by number, look.id limit ${sample.size}
    ) drawn`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

export async function countLookUps(db: Db, from: Date, until: Date): Promise<number> {
  const { rows } = await sql<{ n: string }>`
    select count(*) as n from access.look_up where at >= ${from} and at < ${until}`.execute(db);
  return Number(rows[0]?.n ?? 0);
}

export async function insertSample(
  db: Db,
  row: {
    readonly id: string;
    readonly from: Date;
    readonly until: Date;
    readonly seed: string;
    readonly size: number;
    readonly population: number;
    readonly by: string;
    readonly at: Date;
  },
): Promise<void> {
  await sql`
    insert into access.audit_sample (id, month, until, seed, size, population, drawn_by, drawn_at)
    values (${row.id}, (${row.from}::timestamptz at time zone 'UTC')::date, ${row.until}, ${row.seed}, ${row.size},
      ${row.population}, ${row.by}, ${row.at})`.execute(db);
}

/** The newest hundred, or the one with this id. */
export async function listSamples(db: Db, id?: string): Promise<readonly SampleRow[]> {
  const { rows } = await sql<SampleRow>`
    select sample.id::text as id, to_char(month, 'YYYY-MM') as month, until, seed, size, population::int as population,
      (select count(*)::int from access.audit_sample_item item where item.sample_id = sample.id and exists (
        select from access.look_up_mark mark where mark.look_up_id = item.look_up_id)) as marked,
      drawn_by::text as "drawnBy", staff.name as "drawerName", drawn_at as "drawnAt"
    from access.audit_sample sample join access.staff staff on staff.id = sample.drawn_by
    where ${id === undefined ? sql`true` : sql`sample.id = ${id}`}
    order by drawn_at desc, sample.id desc limit 100`.execute(db);
  return rows;
}

export async function sampleItems(db: Db, sampleId: string): Promise<readonly LookUpRow[]> {
  const { rows } = await sql<LookUpRow>`
    select ${columns} from access.audit_sample_item item
    join access.look_up look on look.id = item.look_up_id ${marks}
    where item.sample_id = ${sampleId} order by item.position`.execute(db);
  return rows;
}
