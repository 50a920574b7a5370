import { type Kysely, sql } from 'kysely';
import type { ReportId } from '#base/ids';
import type { DB } from '#platform/database-types';

/**
 * The SQL of schedules, holds and the register of erasures. Whoever holds a report or destroys it takes the turn of
 * that report first, several of them by rising number; the rows come after.
 */
type Db = Kysely<DB>;

/** Waits until nobody else places a hold on these reports or destroys them, and keeps it so until the transaction ends. */
export async function takeTurns(db: Db, reportIds: readonly ReportId[]): Promise<void> {
  const sorted = [...reportIds].sort((one, other) => Number(BigInt(one) - BigInt(other)));
  for (const reportId of sorted) {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`retain.report ${reportId}`}, 0))`.execute(db);
  }
}

export interface ScheduleRow {
  readonly profile: 'cybertip' | 'uk';
  readonly version: number;
  readonly basis: string;
  readonly source: string;
  readonly contentMonths: number;
  readonly referenceMonths: number;
  readonly isStanding: boolean;
  readonly since: Date;
  readonly setBy: string;
  readonly proposalId: string | null;
}

const scheduleColumns = sql`profile, version, basis, source, content_months as "contentMonths",
  reference_months as "referenceMonths", is_standing as "isStanding", since, set_by as "setBy",
  proposal_id::text as "proposalId"`;

/** The schedule that stands for each profile. */
export async function currentSchedules(db: Db): Promise<readonly ScheduleRow[]> {
  const { rows } = await sql<ScheduleRow>`
    select distinct on (profile) ${scheduleColumns} from retain.schedule order by profile, version desc`.execute(
    db,
  );
  return rows;
}

/** Every version there was, the newest first: a bureau changes its schedules a few times in its life. */
export async function allSchedules(db: Db): Promise<readonly ScheduleRow[]> {
  const { rows } = await sql<ScheduleRow>`
    select ${scheduleColumns} from retain.schedule order by profile, version desc limit 200`.execute(db);
  return rows;
}

export async function insertSchedule(db: Db, row: ScheduleRow): Promise<void> {
  await db
    .insertInto('retain.schedule')
    .values({
      profile: row.profile,
      version: row.version,
      basis: row.basis,
      source: row.source,
      content_months: row.contentMonths,
      reference_months: row.referenceMonths,
      is_standing: row.isStanding,
      since: row.since,
      set_by: row.setBy,
      proposal_id: row.proposalId,
    })
    .execute();
}

/** What decides about one report. */
export interface ReportFacts {
  readonly reportId: ReportId;
  readonly reference: string;
  readonly profile: 'cybertip' | 'uk';
  readonly filedAt: Date;
  readonly erasedAt: Date | null;
  readonly isHeld: boolean;
  readonly isDecided: boolean;
  readonly erasureState: 'approved' | 'erased' | 'certified' | 'stopped' | null;
}

/** Facts of those of these reports that are filed. */
export async function reportFacts(db: Db, reportIds: readonly ReportId[]): Promise<readonly ReportFacts[]> {
  if (reportIds.length === 0) return [];
  const { rows } = await sql<ReportFacts>`
    select report.id::text as "reportId", report.reference, report.profile, report.filed_at as "filedAt", report.erased_at as "erasedAt",
      exists (select from retain.hold where hold.report_id = report.id and lifted_at is null) as "isHeld",
      coalesce(entry.state = 'decided', false) as "isDecided", erasure.state as "erasureState"
    from intake.report report
    left join assess.line_entry entry on entry.report_id = report.id
    left join retain.erasure erasure on erasure.report_id = report.id
    where report.id = any(${[...reportIds]}::bigint[]) and report.state = 'filed'`.execute(db);
  return rows;
}

export interface HoldRow {
  readonly id: string;
  readonly reportId: ReportId;
  readonly reason: string;
  readonly caseReference: string;
  readonly placedBy: string;
  readonly placedByName: string;
  readonly placedAt: Date;
  readonly reviewAt: Date;
  readonly liftedAt: Date | null;
  readonly liftedBy: string | null;
  readonly reviewMicros: string;
}

const holdColumns = sql`id::text as id, report_id::text as "reportId", reason, case_reference as "caseReference",
  placed_by as "placedBy", placed_by_name as "placedByName", placed_at as "placedAt", review_at as "reviewAt",
  lifted_at as "liftedAt", lifted_by as "liftedBy",
  (extract(epoch from review_at) * 1000000)::bigint::text as "reviewMicros"`;

export async function insertHold(
  db: Db,
  row: Omit<HoldRow, 'liftedAt' | 'liftedBy' | 'reviewMicros'> & { readonly placedByKind: string },
): Promise<void> {
  await db
    .insertInto('retain.hold')
    .values({
      id: row.id,
      report_id: row.reportId,
      reason: row.reason,
      case_reference: row.caseReference,
      placed_by_kind: row.placedByKind,
      placed_by: row.placedBy,
      placed_by_name: row.placedByName,
      placed_at: row.placedAt,
      review_at: row.reviewAt,
    })
    .execute();
}

export async function findHold(db: Db, id: string): Promise<HoldRow | undefined> {
  const { rows } = await sql<HoldRow>`select ${holdColumns} from retain.hold where id = ${id}`.execute(db);
  return rows[0];
}

/** Every hold of the report, standing or lifted, the newest first. */
export async function holdsOf(db: Db, reportId: ReportId): Promise<readonly HoldRow[]> {
  const { rows } = await sql<HoldRow>`
    select ${holdColumns} from retain.hold where report_id = ${reportId}
    order by placed_at desc, retain.hold.id limit 200`.execute(db);
  return rows;
}

/** Standing holds, those to be reviewed soonest first. */
export async function listHolds(
  db: Db,
  query: { readonly after?: { readonly micros: string; readonly id: string }; readonly limit: number },
): Promise<readonly HoldRow[]> {
  const { after } = query;
  const beyond =
    after === undefined
      ? sql`true`
      : sql`(review_at, id) > (timestamptz 'epoch' + ${after.micros}::bigint * interval '1 microsecond', ${after.id}::uuid)`;
  const { rows } = await sql<HoldRow>`
    select ${holdColumns} from retain.hold where lifted_at is null and ${beyond}
    order by review_at, retain.hold.id limit ${query.limit}`.execute(db);
  return rows;
}

export async function liftHold(
  db: Db,
  id: string,
  lift: { readonly at: Date; readonly by: string; readonly proposalId: string },
): Promise<void> {
  await db
    .updateTable('retain.hold')
    .set({ lifted_at: lift.at, lifted_by: lift.by, proposal_id: lift.proposalId })
    .where('id', '=', id)
    .where('lifted_at', 'is', null)
    .execute();
}
