import { type Kysely, sql } from 'kysely';
import type { ReportId, StaffId } from '#base/ids';
import type { DB } from '#platform/database-types';

/** The SQL around what rules and people say of one report's urgency. */

export interface Correction {
  readonly reportId: ReportId;
  readonly urgency: 1 | 2 | 3 | 4;
  readonly reason: string;
  readonly by: StaffId;
}

/** What the rules said last; undefined before they have looked. */
export async function readRuling(
  db: Kysely<DB>,
  reportId: ReportId,
): Promise<
  { readonly urgency: 1 | 2 | 3 | 4; readonly score: number; readonly version: string } | undefined
> {
  const { rows } = await sql<{ urgency: 1 | 2 | 3 | 4; score: number; version: string }>`
    select urgency, score, rules_version as version from assess.assessment where report_id = ${reportId}`.execute(
    db,
  );
  return rows[0];
}

/** What a person said instead of the rules, if anybody did; the newest stands. */
export async function standingCorrection(
  db: Kysely<DB>,
  reportId: ReportId,
): Promise<
  { readonly urgency: 1 | 2 | 3 | 4; readonly reason: string | null; readonly by: string } | undefined
> {
  const { rows } = await sql<{ urgency: 1 | 2 | 3 | 4; reason: string | null; by: string }>`
    select urgency, reason, corrected_by::text as by from assess.urgency_correction
    where report_id = ${reportId} order by id desc limit 1`.execute(db);
  return rows[0];
}

/** Adds a correction beside what the rules said at that moment. */
export async function addCorrection(
  db: Kysely<DB>,
  one: Correction,
  ruling: { readonly urgency: number; readonly version: string },
  now: Date,
): Promise<void> {
  await sql`
    insert into assess.urgency_correction
      (report_id, urgency, reason, rules_urgency, rules_version, corrected_by, corrected_at)
    values (${one.reportId}, ${one.urgency}, ${one.reason}, ${ruling.urgency}, ${ruling.version},
      ${one.by}, ${now})`.execute(db);
}

/** Moves the entry to the class that a person named; its score stays. */
export async function setUrgency(
  db: Kysely<DB>,
  place: { readonly reportId: ReportId; readonly urgency: number },
  now: Date,
): Promise<void> {
  await sql`
    update assess.line_entry set urgency = ${place.urgency}, changed_at = ${now}
    where report_id = ${place.reportId}`.execute(db);
}

/**
 * Waiting reports whose facts look different by now, or whose rules are older, the most urgent first; none of them is due
 * any more, until the rules have looked again.
 */
export async function clearReassessment(
  db: Kysely<DB>,
  now: Date,
  limit: number,
): Promise<readonly ReportId[]> {
  const { rows } = await sql<{ id: ReportId }>`
    update assess.line_entry set reassess_at = null
    where report_id in (
      select report_id from assess.line_entry where state = 'waiting' and reassess_at <= ${now}
      order by urgency, reassess_at, report_id limit ${limit} for update skip locked)
    returning report_id::text as id`.execute(db);
  return rows.map(({ id }) => id);
}
