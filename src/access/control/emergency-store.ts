import { type Kysely, sql } from 'kysely';
import type { DB } from '#platform/database-types';

/** The SQL of emergency access and of printed codes. */
type Db = Kysely<DB>;

export interface EmergencyRow {
  readonly id: string;
  readonly kind: 'report' | 'sign-in';
  readonly staffId: string;
  readonly staffName: string;
  readonly reportId: string | null;
  readonly reason: string;
  readonly openedAt: Date;
  readonly endsAt: Date;
  readonly endedAt: Date | null;
  readonly reviewBy: Date;
  readonly reviewedAt: Date | null;
  readonly reviewedBy: string | null;
  readonly reviewerName: string | null;
  readonly verdict: 'justified' | 'not-justified' | null;
  readonly reviewNote: string | null;
  readonly acts: number;
  readonly openedMicros: string;
}

export async function insertEmergency(
  db: Db,
  row: Pick<
    EmergencyRow,
    'id' | 'kind' | 'staffId' | 'reportId' | 'reason' | 'openedAt' | 'endsAt' | 'reviewBy'
  >,
): Promise<void> {
  await db
    .insertInto('access.emergency')
    .values({
      id: row.id,
      kind: row.kind,
      staff_id: row.staffId,
      report_id: row.reportId,
      reason: row.reason,
      opened_at: row.openedAt,
      ends_at: row.endsAt,
      review_by: row.reviewBy,
    })
    .execute();
}

/** Emergency access of this person to this report that is open now. */
export async function openEmergency(
  db: Db,
  staffId: string,
  reportId: string,
  now: Date,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('access.emergency')
    .select('id')
    .where('kind', '=', 'report')
    .where('staff_id', '=', staffId)
    .where('report_id', '=', reportId)
    .where('ended_at', 'is', null)
    .where('ends_at', '>', now)
    .orderBy('ends_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.id;
}

/** What this person has open now, the sign-in by a code included. */
export async function ownEmergencies(db: Db, staffId: string, now: Date) {
  return await db
    .selectFrom('access.emergency')
    .select(['id', 'report_id', 'ends_at'])
    .where('staff_id', '=', staffId)
    .where('ended_at', 'is', null)
    .where('ends_at', '>', now)
    .orderBy('ends_at')
    .limit(20)
    .execute();
}

/** How much of this person's emergency access nobody has reviewed yet. */
export async function countUnreviewedOf(db: Db, staffId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from access.emergency where staff_id = ${staffId} and reviewed_at is null`.execute(
    db,
  );
  return rows[0]?.n ?? 0;
}

/** Ends one's own emergency access before its time; false when there is none open by this id. */
export async function endEmergency(db: Db, id: string, staffId: string, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('access.emergency')
    .set({ ended_at: now })
    .where('id', '=', id)
    .where('staff_id', '=', staffId)
    .where('ended_at', 'is', null)
    .where('ends_at', '>', now)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

const columns = sql`emergency.id::text as id, emergency.kind, emergency.staff_id::text as "staffId",
  staff.name as "staffName", report_id::text as "reportId", reason, opened_at as "openedAt", ends_at as "endsAt",
  ended_at as "endedAt", review_by as "reviewBy", reviewed_at as "reviewedAt", reviewed_by::text as "reviewedBy",
  reviewer.name as "reviewerName", verdict, review_note as "reviewNote",
  (select count(*)::int from access.look_up look where look.emergency_id = emergency.id) as acts,
  (extract(epoch from opened_at) * 1000000)::bigint::text as "openedMicros"`;

const joined = sql`access.emergency emergency
  join access.staff staff on staff.id = emergency.staff_id
  left join access.staff reviewer on reviewer.id = emergency.reviewed_by`;

export async function findEmergency(db: Db, id: string): Promise<EmergencyRow | undefined> {
  const { rows } =
    await sql<EmergencyRow>`select ${columns} from ${joined} where emergency.id = ${id}`.execute(db);
  return rows[0];
}

/** Held alone until the transaction ends, so that of two reviews the second sees the first. */
export async function lockEmergency(db: Db, id: string): Promise<EmergencyRow | undefined> {
  await sql`select from access.emergency where id = ${id} for update`.execute(db);
  return await findEmergency(db, id);
}

/** The newest first. */
export async function listEmergencies(
  db: Db,
  query: {
    readonly isUnreviewedOnly: boolean;
    readonly before?: { readonly micros: string; readonly id: string };
    readonly limit: number;
  },
): Promise<readonly EmergencyRow[]> {
  const { before } = query;
  const beyond =
    before === undefined
      ? sql`true`
      : sql`(opened_at, emergency.id) < (timestamptz 'epoch' + ${before.micros}::bigint * interval '1 microsecond', ${before.id}::uuid)`;
  const { rows } = await sql<EmergencyRow>`
    select ${columns} from ${joined}
    where ${query.isUnreviewedOnly ? sql`reviewed_at is null` : sql`true`} and ${beyond}
    order by opened_at desc, emergency.id desc limit ${query.limit}`.execute(db);
  return rows;
}

export async function countUnreviewed(db: Db): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from access.emergency where reviewed_at is null`.execute(db);
  return rows[0]?.n ?? 0;
}

export async function saveReview(
  db: Db,
  id: string,
  review: { readonly by: string; readonly at: Date; readonly verdict: string; readonly note: string },
): Promise<void> {
  await db
    .updateTable('access.emergency')
    .set({
      reviewed_at: review.at,
      reviewed_by: review.by,
      verdict: review.verdict,
      review_note: review.note,
    })
    .where('id', '=', id)
    .execute();
}

/**
 * Emergencies whose item on the list of what needs attention is missing, or is there and no longer needed: the
 * oldest first, up to a hundred.
 */
export async function unsettledEmergencies(db: Db): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select emergency.id::text as id from access.emergency emergency
    left join platform.attention item
      on item.job = 'review-emergency' and item.subject = emergency.id::text and item.resolved_at is null
    where (emergency.reviewed_at is null) <> (item.id is not null)
      and (emergency.reviewed_at is null or item.id is not null)
    order by emergency.opened_at limit 100`.execute(db);
  return rows.map(({ id }) => id);
}

/** Unreviewed ones that are overdue and whose item does not say so yet. */
export async function newlyOverdue(db: Db, now: Date, word: string): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select emergency.id::text as id from access.emergency emergency
    join platform.attention item
      on item.job = 'review-emergency' and item.subject = emergency.id::text and item.resolved_at is null
    where emergency.reviewed_at is null and emergency.review_by <= ${now} and position(${word} in item.reason) = 0
    order by emergency.opened_at limit 100`.execute(db);
  return rows.map(({ id }) => id);
}

export interface NewCode {
  readonly id: string;
  readonly lookup: string;
  readonly secretHash: string;
}

/** Puts new codes in the place of all that the person had. */
export async function replaceCodes(
  db: Db,
  staffId: string,
  codes: readonly NewCode[],
  now: Date,
): Promise<void> {
  await db
    .updateTable('access.emergency_code')
    .set({ replaced_at: now })
    .where('staff_id', '=', staffId)
    .where('used_at', 'is', null)
    .where('replaced_at', 'is', null)
    .execute();
  await db
    .insertInto('access.emergency_code')
    .values(
      codes.map((code) => ({
        id: code.id,
        lookup: code.lookup,
        staff_id: staffId,
        secret_hash: code.secretHash,
        printed_at: now,
      })),
    )
    .execute();
}

export async function codeByLookup(db: Db, lookup: string) {
  return await db
    .selectFrom('access.emergency_code as c')
    .innerJoin('access.staff as m', 'm.id', 'c.staff_id')
    .select(['c.id', 'c.secret_hash', 'c.staff_id', 'm.name', 'm.roles', 'm.disabled_at'])
    .where('c.lookup', '=', lookup)
    .where('c.used_at', 'is', null)
    .where('c.replaced_at', 'is', null)
    .executeTakeFirst();
}

/** Spends the code; of two who come with it at once, one gets true. */
export async function spendCode(db: Db, id: string, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('access.emergency_code')
    .set({ used_at: now })
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .where('replaced_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
