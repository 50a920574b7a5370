import { type Kysely, sql } from 'kysely';
import type { ReportId, StaffId } from '#base/ids';
import type { Environment } from '#contract/shapes';
import type { DB } from '#platform/database-types';

/** The SQL of the blind sample. */

/** Draws the report into the sample, once; whoever called has drawn the lot. */
export async function drawIntoSample(
  db: Kysely<DB>,
  one: { readonly reportId: ReportId; readonly urgency: number; readonly rulesVersion: string },
  now: Date,
): Promise<void> {
  await sql`
    insert into assess.blind_sample (report_id, environment, drawn_at, urgency, rules_version)
    select id, environment, ${now}, ${one.urgency}, ${one.rulesVersion} from intake.report where id = ${one.reportId}
    on conflict (report_id) do nothing`.execute(db);
}

/**
 * The report of the sample that has waited longest to be read and that nobody works on, locked; one that the reader was
 * given and has not answered comes first.
 */
export async function lockSample(
  db: Kysely<DB>,
  environment: Environment,
  reader: StaffId,
): Promise<ReportId | undefined> {
  const { rows } = await sql<{ id: ReportId }>`
    select sample.report_id::text as id
    from assess.blind_sample sample join assess.line_entry entry on entry.report_id = sample.report_id
    where sample.environment = ${environment} and sample.found_at is null
      and (entry.state = 'waiting' or (entry.state = 'taken' and entry.taken_by = ${reader} and sample.read_by = ${reader}))
    order by (entry.state = 'taken') desc, sample.drawn_at, sample.report_id limit 1
    for update of sample, entry skip locked`.execute(db);
  return rows[0]?.id;
}

export async function giveSample(
  db: Kysely<DB>,
  one: { readonly reportId: ReportId; readonly reader: StaffId },
  now: Date,
): Promise<void> {
  await sql`
    update assess.blind_sample set read_by = ${one.reader}, given_at = ${now}
    where report_id = ${one.reportId}`.execute(db);
}

/** Keeps what the reader found, once. @returns false where the report is not theirs to answer */
export async function answerSample(
  db: Kysely<DB>,
  one: { readonly reportId: ReportId; readonly reader: StaffId; readonly urgency: number },
  now: Date,
): Promise<boolean> {
  const { rows } = await sql`
    update assess.blind_sample set found_urgency = ${one.urgency}, found_at = ${now}
    where report_id = ${one.reportId} and read_by = ${one.reader} and found_at is null returning 1`.execute(
    db,
  );
  return rows.length > 0;
}

/** What was found since: reports that the rules call routine, and those of them that a reader did not. */
export async function countSample(
  db: Kysely<DB>,
  environment: Environment,
  since: Date,
): Promise<{ readonly waiting: number; readonly read: number; readonly missed: number }> {
  const { rows } = await sql<{ waiting: number; read: number; missed: number }>`
    select (select count(*)::int from assess.blind_sample
        where environment = ${environment} and found_at is null) as waiting,
      count(*)::int as read, (count(*) filter (where found_urgency < 4))::int as missed
    from assess.blind_sample where environment = ${environment} and found_at >= ${since} and urgency = 4`.execute(
    db,
  );
  return rows[0] ?? { waiting: 0, read: 0, missed: 0 };
}
