import { type Kysely, sql } from 'kysely';
import type { ReportId } from '#base/ids';
import type { DB } from '#platform/database-types';

/** The SQL that removes what was written about a report. */

export interface ErasedWords {
  readonly assessments: number;
  readonly decisionReasons: number;
}

export async function clearWords(db: Kysely<DB>, reportId: ReportId): Promise<ErasedWords> {
  const assessments = await sql`
    update assess.assessment set urgency_reasons = '[]', present = '[]', missing = '[]'
    where report_id = ${reportId}`.execute(db);
  const decisions = await sql`
    update assess.decision set reason = null, undone_why = null
    where report_id = ${reportId} and (reason is not null or undone_why is not null)`.execute(db);
  const corrections = await sql`
    update assess.urgency_correction set reason = null
    where report_id = ${reportId} and reason is not null`.execute(db);
  await sql`delete from assess.line_entry where report_id = ${reportId} and state <> 'decided'`.execute(db);
  return {
    assessments: Number(assessments.numAffectedRows ?? 0n),
    decisionReasons: Number((decisions.numAffectedRows ?? 0n) + (corrections.numAffectedRows ?? 0n)),
  };
}

/** Tables that still hold words about the report: none, if its erasure was whole. */
export async function wordsLeft(db: Kysely<DB>, reportId: ReportId): Promise<readonly string[]> {
  const { rows } = await sql<{ place: string }>`
    select place from (
      select 'assess.assessment' as place from assess.assessment where report_id = ${reportId}
        and (urgency_reasons <> '[]' or present <> '[]' or missing <> '[]')
      union all select 'assess.decision' from assess.decision where report_id = ${reportId}
        and (reason is not null or undone_why is not null)
      union all select 'assess.urgency_correction' from assess.urgency_correction where report_id = ${reportId}
        and reason is not null
    ) places group by place order by place`.execute(db);
  return rows.map(({ place }) => place);
}

/** Whether a person has decided the report, and the decision stands. */
export async function isDecided(db: Kysely<DB>, reportId: ReportId): Promise<boolean> {
  const { rows } = await sql`
    select from assess.line_entry where report_id = ${reportId} and state = 'decided'`.execute(db);
  return rows.length > 0;
}
