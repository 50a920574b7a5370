import { type Kysely, sql } from 'kysely';
import type { ReportId, StaffId } from '#base/ids';
import type { DecisionKind, DeskState } from '#contract/desk';
import type { DB } from '#platform/database-types';
import type { RuleReason, UrgencyReason } from './rules/urgency.ts';

/**
 * The only file that writes assess.*. Lock order: a deed locks the report's line entry first and everything else
 * after it, so two people at one report wait for each other here and nowhere else.
 */
export interface LineEntry {
  readonly reportId: ReportId;
  readonly state: DeskState;
  readonly takenBy?: { readonly id: string; readonly name: string };
  readonly takenAt?: Date;
  /** The decision that stands. */
  readonly decision?: Decision;
}

export interface Decision {
  readonly id: string;
  readonly kind: DecisionKind;
  readonly reason?: string;
  readonly by: { readonly id: string; readonly name: string };
  readonly at: Date;
}

/** Locks the report's entry until the transaction ends and gives its state; undefined if there is none. */
export async function lockEntry(db: Kysely<DB>, reportId: ReportId): Promise<LineEntry | undefined> {
  await sql`select from assess.line_entry where report_id = ${reportId} for update`.execute(db);
  // A second statement, because a joined one would pair the row it waited for with decisions of before the wait.
  return await readEntry(db, reportId);
}

/** Gives the state of the report's entry as this transaction sees it. */
async function readEntry(db: Kysely<DB>, reportId: ReportId): Promise<LineEntry | undefined> {
  const { rows } = await sql<EntryRow>`
    select entry.state, entry.taken_by::text as "takenBy", taker.name as "takenByName", entry.taken_at as "takenAt",
      decision.id::text as "decisionId", decision.kind, decision.reason, decision.decided_by::text as "decidedBy",
      decider.name as "decidedByName", decision.decided_at as "decidedAt"
    from assess.line_entry entry
    left join access.staff taker on taker.id = entry.taken_by
    left join assess.decision decision on decision.id = entry.decision_id
    left join access.staff decider on decider.id = decision.decided_by
    where entry.report_id = ${reportId}`.execute(db);
  const row = rows[0];
  return row === undefined ? undefined : entryOf(reportId, row);
}

interface EntryRow {
  readonly state: DeskState;
  readonly takenBy: string | null;
  readonly takenByName: string | null;
  readonly takenAt: Date | null;
  readonly decisionId: string | null;
  readonly kind: DecisionKind | null;
  readonly reason: string | null;
  readonly decidedBy: string | null;
  readonly decidedByName: string | null;
  readonly decidedAt: Date | null;
}

function entryOf(reportId: ReportId, row: EntryRow): LineEntry {
  const { takenBy, takenAt, decisionId, kind, decidedBy, decidedAt } = row;
  return {
    reportId,
    state: row.state,
    ...(takenBy !== null && { takenBy: { id: takenBy, name: row.takenByName ?? takenBy } }),
    ...(takenAt !== null && { takenAt }),
    ...(decisionId !== null &&
      kind !== null &&
      decidedBy !== null &&
      decidedAt !== null && {
        decision: {
          id: decisionId,
          kind,
          ...(row.reason !== null && { reason: row.reason }),
          by: { id: decidedBy, name: row.decidedByName ?? decidedBy },
          at: decidedAt,
        },
      }),
  };
}

export async function setWaiting(db: Kysely<DB>, reportId: ReportId, now: Date): Promise<void> {
  await sql`
    update assess.line_entry
    set state = 'waiting', taken_by = null, taken_at = null, lease_ends_at = null, decision_id = null,
      changed_at = ${now}
    where report_id = ${reportId}`.execute(db);
}

/**
 * Holds the report for somebody for as long as the bureau's lease lasts.
 * @param takenAt when the present holder took it; stays what it was when a decision is undone
 * @returns until when it is held
 */
export async function setTaken(
  db: Kysely<DB>,
  entry: { readonly reportId: ReportId; readonly takenBy: string; readonly takenAt: Date },
  now: Date,
): Promise<Date | undefined> {
  const { rows } = await sql<{ until: Date | null }>`
    update assess.line_entry
    set state = 'taken', taken_by = ${entry.takenBy}, taken_at = ${entry.takenAt}, decision_id = null,
      lease_ends_at = ${now}::timestamptz + (select lease_minutes * interval '1 minute' from assess.look_order
        where look_order.environment = line_entry.environment),
      changed_at = ${now}
    where report_id = ${entry.reportId} returning lease_ends_at as until`.execute(db);
  return rows[0]?.until ?? undefined;
}

export async function addDecision(
  db: Kysely<DB>,
  decision: {
    readonly id: string;
    readonly reportId: ReportId;
    readonly kind: DecisionKind;
    readonly reason?: string | undefined;
    readonly by: StaffId;
  },
  now: Date,
): Promise<void> {
  await sql`
    insert into assess.decision (id, report_id, kind, reason, decided_by, decided_at)
    values (${decision.id}, ${decision.reportId}, ${decision.kind}, ${decision.reason ?? null}, ${decision.by}, ${now})`.execute(
    db,
  );
  await sql`
    update assess.line_entry
    set state = 'decided', taken_by = ${decision.by}, taken_at = coalesce(taken_at, ${now}),
      lease_ends_at = null, decision_id = ${decision.id}, changed_at = ${now}
    where report_id = ${decision.reportId}`.execute(db);
}

/** Puts the mark on a decision that no longer stands; the row stays. */
export async function markUndone(
  db: Kysely<DB>,
  mark: { readonly decisionId: string; readonly by: StaffId; readonly why?: string },
  now: Date,
): Promise<void> {
  await sql`
    update assess.decision set undone_at = ${now}, undone_by = ${mark.by}, undone_why = ${mark.why ?? null}
    where id = ${mark.decisionId} and undone_at is null`.execute(db);
}

export interface Assessment {
  readonly reportId: ReportId;
  readonly urgency: 1 | 2 | 3 | 4;
  /** Inside the class. */
  readonly score: number;
  readonly urgencyReasons: readonly UrgencyReason[];
  /** Milliseconds since 1970; when records that others keep are expected to be gone. */
  readonly dataExpiresAt?: number | undefined;
  readonly completeness: number;
  readonly present: readonly RuleReason[];
  readonly missing: readonly RuleReason[];
  readonly rulesVersion: string;
}

/**
 * Writes what rules said of a report. The same result again changes nothing; another rank than before is noted with
 * the reasons that came and went. @returns whether anything changed
 */
export async function saveAssessment(db: Kysely<DB>, one: Assessment, now: Date): Promise<boolean> {
  const expiresAt = one.dataExpiresAt === undefined ? null : new Date(one.dataExpiresAt);
  const codes = one.urgencyReasons.map(({ code }) => code);
  const { rows } = await sql`
    with before as (
      select urgency, score, rules_version,
        array(select reason ->> 'code' from jsonb_array_elements(urgency_reasons) reason) as codes
      from assess.assessment where report_id = ${one.reportId}
    ), noted as (
      insert into assess.assessment_change (report_id, changed_at, from_urgency, to_urgency, from_score, to_score,
        came, went, from_version, to_version)
      select ${one.reportId}, ${now}, urgency, ${one.urgency}, score, ${one.score},
        array(select unnest(${codes}::text[]) except select unnest(codes) order by 1),
        array(select unnest(codes) except select unnest(${codes}::text[]) order by 1),
        rules_version, ${one.rulesVersion}
      from before where (urgency, score) is distinct from (${one.urgency}::smallint, ${one.score}::float8)
    )
    insert into assess.assessment as known
      (report_id, urgency, score, urgency_reasons, data_expires_at, completeness, present, missing, rules_version,
        assessed_at)
    values (${one.reportId}, ${one.urgency}, ${one.score}, ${JSON.stringify(one.urgencyReasons)}::jsonb, ${expiresAt},
      ${one.completeness}, ${JSON.stringify(one.present)}::jsonb, ${JSON.stringify(one.missing)}::jsonb,
      ${one.rulesVersion}, ${now})
    on conflict (report_id) do update
    set urgency = excluded.urgency, score = excluded.score, urgency_reasons = excluded.urgency_reasons,
      data_expires_at = excluded.data_expires_at, completeness = excluded.completeness, present = excluded.present,
      missing = excluded.missing, rules_version = excluded.rules_version, assessed_at = excluded.assessed_at
    where (known.urgency, known.score, known.urgency_reasons, known.data_expires_at, known.completeness,
        known.present, known.missing, known.rules_version)
      is distinct from (excluded.urgency, excluded.score, excluded.urgency_reasons, excluded.data_expires_at,
        excluded.completeness, excluded.present, excluded.missing, excluded.rules_version)
    returning 1`.execute(db);
  return rows.length > 0;
}

export interface Place {
  readonly reportId: ReportId;
  readonly urgency: 1 | 2 | 3 | 4;
  readonly score: number;
  readonly dataExpiresAt?: number | undefined;
  readonly reassessAt?: number | undefined;
}

/** Puts a filed report into the line, or moves it to its new rank; what people did with it stays. */
export async function placeInLine(db: Kysely<DB>, place: Place, now: Date): Promise<boolean> {
  const timeOf = (at: number | undefined) => (at === undefined ? null : new Date(at));
  const { rows } = await sql`
    insert into assess.line_entry as known (report_id, provider_id, environment, urgency, score, filed_at, state,
      data_expires_at, reassess_at, changed_at)
    select id, provider_id, environment, ${place.urgency}, ${place.score}, filed_at, 'waiting',
      ${timeOf(place.dataExpiresAt)}::timestamptz, ${timeOf(place.reassessAt)}::timestamptz, ${now}
    from intake.report where id = ${place.reportId} and state = 'filed'
    on conflict (report_id) do update set urgency = excluded.urgency, score = excluded.score,
      data_expires_at = excluded.data_expires_at, reassess_at = excluded.reassess_at, changed_at = excluded.changed_at
    where (known.urgency, known.score, known.data_expires_at, known.reassess_at)
      is distinct from (excluded.urgency, excluded.score, excluded.data_expires_at, excluded.reassess_at)
    returning 1`.execute(db);
  return rows.length > 0;
}

/** Adds the noted changes of the line's counts to its tally. @returns how many changes there were */
export async function foldCounts(db: Kysely<DB>): Promise<number> {
  const { rows } = await sql<{ changes: number }>`
    with gone as (
      delete from assess.line_change returning environment, provider_id, urgency, state, entries
    ), folded as (
      insert into assess.line_tally as tally (environment, provider_id, urgency, state, entries)
      select environment, provider_id, urgency, state, sum(entries) from gone group by 1, 2, 3, 4
      order by 1, 2, 3, 4
      on conflict (environment, provider_id, urgency, state) do update set entries = tally.entries + excluded.entries
    )
    select count(*)::int as changes from gone`.execute(db);
  return rows[0]?.changes ?? 0;
}

/**
 * Tells open screens, on commit, that the line changed. PostgreSQL lets transactions that notify commit one after
 * another only, so of those that run at once a single one does it; listeners count again a moment later, and so
 * learn of the others too.
 */
export async function announceLine(db: Kysely<DB>): Promise<void> {
  await sql`
    select pg_notify('firstlight_line', '')
    where pg_try_advisory_xact_lock(hashtextextended('firstlight_line', 0))`.execute(db);
}
