import { type Kysely, sql } from 'kysely';
import type { ReportId } from '#base/ids';
import type { CorrectionRecord, Lane, LookRecord, RankChange } from '#contract/urgency';
import type { DB } from '#platform/database-types';

/** The newest of each list; what is older stands in the audit trail. */
const mostShown = 100;

/** What people said instead of the rules, the newest last. */
export async function readCorrections(db: Kysely<DB>, reportId: ReportId): Promise<CorrectionRecord[]> {
  const { rows } = await sql<{
    urgency: number;
    rulesUrgency: number;
    reason: string | null;
    by: string;
    byName: string | null;
    at: Date;
  }>`
    select urgency, rules_urgency as "rulesUrgency", reason, corrected_by::text as by, corrector.name as "byName",
      corrected_at as at
    from assess.urgency_correction correction left join access.staff corrector on corrector.id = corrected_by
    where report_id = ${reportId} order by correction.id desc limit ${mostShown}`.execute(db);
  return rows.reverse().map((row) => ({
    urgency: row.urgency,
    rulesUrgency: row.rulesUrgency,
    ...(row.reason !== null && { reason: row.reason }),
    by: { id: row.by, name: row.byName ?? row.by },
    at: row.at.toISOString(),
  }));
}

/** What the rules said differently from before, the newest last. */
export async function readRankChanges(db: Kysely<DB>, reportId: ReportId): Promise<RankChange[]> {
  const { rows } = await sql<Omit<RankChange, 'at'> & { at: Date }>`
    select changed_at as at, from_urgency as "fromUrgency", to_urgency as "toUrgency", came, went,
      from_version <> to_version as "isByRules"
    from assess.assessment_change where report_id = ${reportId} order by id desc limit ${mostShown}`.execute(
    db,
  );
  return rows.reverse().map((row) => ({ ...row, at: row.at.toISOString() }));
}

/** Whether this reader was given the report from the blind sample and has not said yet how urgent it is. */
export async function isBlindTo(
  db: Kysely<DB>,
  reportId: ReportId,
  readerId: string | undefined,
): Promise<boolean> {
  if (readerId === undefined) return false;
  const { rows } = await sql`
    select from assess.blind_sample
    where report_id = ${reportId} and read_by = ${readerId} and found_at is null`.execute(db);
  return rows.length > 0;
}

/** Why and when the report was last opened. */
export async function readLook(db: Kysely<DB>, reportId: ReportId): Promise<LookRecord | undefined> {
  const { rows } = await sql<{
    lane: Lane;
    sentence: string | null;
    by: string;
    byName: string | null;
    at: Date;
  }>`
    select lane, sentence, looked_by::text as by, looker.name as "byName", looked_at as at
    from assess.look left join access.staff looker on looker.id = looked_by
    where report_id = ${reportId} order by look.id desc limit 1`.execute(db);
  const row = rows[0];
  return row === undefined
    ? undefined
    : {
        lane: row.lane,
        ...(row.sentence !== null && { sentence: row.sentence }),
        by: { id: row.by, name: row.byName ?? row.by },
        at: row.at.toISOString(),
      };
}
