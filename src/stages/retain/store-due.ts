import { type Kysely, sql } from 'kysely';
import type { ReportId } from '#base/ids';
import type { DB } from '#platform/database-types';

/** The SQL that finds what is due: a walk of each profile's reports from the oldest, which erased ones left. */
type Db = Kysely<DB>;

export interface DueRow {
  readonly reportId: ReportId;
  readonly reference: string;
  readonly profile: 'cybertip' | 'uk';
  readonly basis: string;
  readonly filedAt: Date;
  readonly dueAt: Date;
  readonly isHeld: boolean;
  readonly isDecided: boolean;
  readonly isApproved: boolean;
  readonly isProposed: boolean;
  readonly filedMicros: string;
}

export interface DueQuery {
  /** `ready` leaves out what is held, undecided, approved or in an open proposal. */
  readonly only: 'ready' | 'all';
  readonly profile?: 'cybertip' | 'uk';
  readonly after?: { readonly micros: string; readonly id: string };
  readonly limit: number;
  readonly now: Date;
}

/** The oldest first. A calendar month varies by days, so the index finds a little more and the exact date decides. */
export async function listDue(db: Db, query: DueQuery): Promise<readonly DueRow[]> {
  const { after, now } = query;
  const beyond =
    after === undefined
      ? sql`true`
      : sql`(filed_at, id) > (timestamptz 'epoch' + ${after.micros}::bigint * interval '1 microsecond', ${after.id}::bigint)`;
  const ready =
    query.only === 'all'
      ? sql`true`
      : sql`is_decided and not is_held and not is_approved and not is_proposed`;
  const profile = query.profile === undefined ? sql`true` : sql`profile = ${query.profile}`;
  const { rows } = await sql<DueRow>`
    with current as (
      select distinct on (profile) * from retain.schedule order by profile, version desc
    )
    select id::text as "reportId", reference, profile, basis, filed_at as "filedAt", due_at as "dueAt",
      is_held as "isHeld", is_decided as "isDecided", is_approved as "isApproved", is_proposed as "isProposed",
      (extract(epoch from filed_at) * 1000000)::bigint::text as "filedMicros"
    from (select * from current where ${profile}) schedule
    cross join lateral (
      select * from (
        select report.id, report.reference, report.filed_at,
          (report.filed_at at time zone 'UTC' + make_interval(months => schedule.content_months)) at time zone 'UTC' as due_at,
          exists (select from retain.hold where hold.report_id = report.id and hold.lifted_at is null) as is_held,
          exists (select from assess.line_entry entry where entry.report_id = report.id and entry.state = 'decided')
            as is_decided,
          exists (select from retain.erasure erasure where erasure.report_id = report.id and erasure.state = 'approved')
            as is_approved,
          exists (select from access.proposal proposal where proposal.deed = 'destroy-evidence' and proposal.state = 'open'
            and proposal.expires_at > ${now} and proposal.input -> 'reportIds' ? report.id::text) as is_proposed
        from intake.report report
        where report.profile = schedule.profile and report.state = 'filed' and report.erased_at is null
          and report.filed_at <= (${now}::timestamptz at time zone 'UTC' - make_interval(months => schedule.content_months))
            at time zone 'UTC' + interval '3 days'
      ) candidate
      where due_at <= ${now} and ${beyond} and ${ready}
      order by filed_at, id limit ${query.limit}
    ) due
    order by filed_at, id limit ${query.limit}`.execute(db);
  return rows;
}

/** Counts up to here are exact; beyond it only that there are more matters. */
export const mostCounted = 10_000;

export interface DueCounts {
  readonly due: number;
  readonly ready: number;
  readonly held: number;
  readonly undecided: number;
}

export async function countDue(db: Db, now: Date): Promise<DueCounts> {
  const rows = await listDue(db, { only: 'all', limit: mostCounted, now });
  const count = (fits: (row: DueRow) => boolean) => rows.filter(fits).length;
  return {
    due: rows.length,
    ready: count((row) => row.isDecided && !row.isHeld && !row.isApproved && !row.isProposed),
    held: count((row) => row.isHeld),
    undecided: count((row) => !row.isHeld && !row.isDecided),
  };
}
