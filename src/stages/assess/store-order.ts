import { type Kysely, sql } from 'kysely';
import type { ReportId, StaffId } from '#base/ids';
import type { Environment } from '#contract/shapes';
import type { DB } from '#platform/database-types';
import { freshMs } from './rules/look-order.ts';
import type { Lane } from './rules/look-sentence.ts';

/** The SQL of the order of looks. */

export interface LookOrder {
  readonly waitingShare: number;
  readonly leaseMinutes: number;
  /** Minus infinity where everything that comes can be reached. */
  readonly bar: number;
}

export async function readLookOrder(db: Kysely<DB>, environment: Environment): Promise<LookOrder> {
  const { rows } = await sql<{ waitingShare: number; leaseMinutes: number; bar: number | null }>`
    select waiting_share as "waitingShare", lease_minutes as "leaseMinutes", bar
    from assess.look_order where environment = ${environment}`.execute(db);
  const row = rows[0];
  if (row === undefined) throw new Error(`there is no order of looks for ${environment}`);
  return { ...row, bar: row.bar ?? Number.NEGATIVE_INFINITY };
}

/** A turn of the order: its number, how looks are shared, and how many reports the one who asks holds already. */
export async function openTurn(
  db: Kysely<DB>,
  environment: Environment,
  staffId: StaffId,
): Promise<{ readonly number: number; readonly held: number; readonly order: LookOrder }> {
  const { rows } = await sql<{
    number: string;
    held: number;
    waitingShare: number;
    leaseMinutes: number;
    bar: number | null;
  }>`
    select assess.next_look_number(environment)::text as number,
      (select count(*)::int from assess.line_entry where state = 'taken' and taken_by = ${staffId}) as held,
      waiting_share as "waitingShare", lease_minutes as "leaseMinutes", bar
    from assess.look_order where environment = ${environment}`.execute(db);
  const row = rows[0];
  if (row === undefined) throw new Error(`there is no order of looks for ${environment}`);
  const { number, held, ...order } = row;
  return { number: Number(number), held, order: { ...order, bar: order.bar ?? Number.NEGATIVE_INFINITY } };
}

/** A waiting report that could be next. */
export interface Candidate {
  readonly reportId: ReportId;
  readonly urgency: 1 | 2 | 3 | 4;
  readonly score: number;
  readonly filedAt: Date;
  readonly dataExpiresAt: Date | null;
}

const columns = sql`report_id::text as "reportId", urgency, score, filed_at as "filedAt",
  data_expires_at as "dataExpiresAt"`;

/** How many of the first are looked at: officers who ask at the same moment each hold one of them. */
const width = 24;

/**
 * The first in the order of urgency, locked until the transaction ends: classes 1 and 2 whatever their age, then what
 * was filed within a day. Steps over what others lock at this moment, so that two never get the same. Reports of the
 * last day are asked for hour by hour, each hour one short walk of an index, so a line of millions costs the same.
 */
export async function lockBest(
  db: Kysely<DB>,
  environment: Environment,
  now: Date,
): Promise<Candidate | undefined> {
  const since = new Date(now.getTime() - freshMs);
  const high = await sql<Candidate>`
    select ${columns} from assess.line_entry
    where state = 'waiting' and urgency <= 2 and environment = ${environment}
    order by rank desc, filed_at, report_id limit 1 for update skip locked`.execute(db);
  if (high.rows[0] !== undefined) return high.rows[0];
  const fresh = await sql<Candidate>`
    with first as materialized (
      select found.report_id
      from generate_series(date_trunc('hour', ${since}::timestamptz at time zone 'UTC'),
        date_trunc('hour', ${now}::timestamptz at time zone 'UTC') + interval '1 hour', interval '1 hour') as hour (at)
      cross join lateral (
        select report_id, rank, filed_at from assess.line_entry
        where state = 'waiting' and urgency >= 3 and environment = ${environment} and filed_hour = hour.at
          and filed_at >= ${since}
        order by rank desc, filed_at, report_id limit ${width}
      ) found
      order by found.rank desc, found.filed_at, found.report_id limit ${width}
    )
    select ${columns} from assess.line_entry
    where report_id in (select report_id from first) and state = 'waiting'
    order by rank desc, filed_at, report_id limit 1 for update skip locked`.execute(db);
  return fresh.rows[0];
}

/** The one that has waited longest, locked. */
export async function lockOldest(db: Kysely<DB>, environment: Environment): Promise<Candidate | undefined> {
  const { rows } = await sql<Candidate>`
    select ${columns} from assess.line_entry
    where state = 'waiting' and environment = ${environment}
    order by filed_at, report_id limit 1 for update skip locked`.execute(db);
  return rows[0];
}

/** The one whose data is deleted first, within the time given, locked; undefined where nothing is about to be. */
export async function lockExpiring(
  db: Kysely<DB>,
  environment: Environment,
  within: { readonly from: Date; readonly to: Date },
): Promise<Candidate | undefined> {
  const { rows } = await sql<Candidate>`
    select ${columns} from assess.line_entry
    where state = 'waiting' and environment = ${environment} and data_expires_at is not null
      and data_expires_at > ${within.from} and data_expires_at <= ${within.to}
    order by data_expires_at, report_id limit 1 for update skip locked`.execute(db);
  return rows[0];
}

export interface Look {
  readonly environment: Environment;
  readonly number: number;
  readonly reportId: ReportId;
  readonly lane: Exclude<Lane, 'chosen'>;
  readonly urgency: number;
  readonly score: number;
  readonly order: LookOrder;
  readonly sentence: string;
  readonly filedAt: Date;
  readonly by: StaffId;
}

export async function addLook(db: Kysely<DB>, look: Look, now: Date): Promise<void> {
  const bar = Number.isFinite(look.order.bar) ? look.order.bar : null;
  await sql`
    insert into assess.look (number, environment, report_id, lane, urgency, score, bar, waiting_share, sentence,
      filed_at, looked_by, looked_at)
    values (${look.number}, ${look.environment}, ${look.reportId}, ${look.lane}, ${look.urgency}, ${look.score},
      ${bar}, ${look.order.waitingShare}, ${look.sentence}, ${look.filedAt}, ${look.by}, ${now})`.execute(db);
}

/** A report that somebody chose by hand is a look like any other, outside the turns. */
export async function addChosenLook(
  db: Kysely<DB>,
  look: { readonly reportId: ReportId; readonly by: StaffId },
  now: Date,
): Promise<void> {
  await sql`
    insert into assess.look (environment, report_id, lane, urgency, score, filed_at, looked_by, looked_at)
    select environment, report_id, 'chosen', urgency, score, filed_at, ${look.by}, ${now}
    from assess.line_entry where report_id = ${look.reportId}`.execute(db);
}

/** What the rules said of a report, for the sentence that goes with it. */
export async function readReasons(
  db: Kysely<DB>,
  reportId: ReportId,
): Promise<{
  readonly reasons: readonly { readonly code: string; readonly sentence: string }[];
  readonly isCorrected: boolean;
}> {
  const { rows } = await sql<{ reasons: { code: string; sentence: string }[] | null; isCorrected: boolean }>`
    select (select urgency_reasons from assess.assessment where report_id = ${reportId}) as reasons,
      exists (select from assess.urgency_correction where report_id = ${reportId}) as "isCorrected"`.execute(
    db,
  );
  return { reasons: rows[0]?.reasons ?? [], isCorrected: rows[0]?.isCorrected ?? false };
}

/** Puts back into the line what nobody held on to. @returns the reports, at most `limit` */
export async function freeExpired(db: Kysely<DB>, now: Date, limit: number): Promise<readonly ReportId[]> {
  const { rows } = await sql<{ id: ReportId }>`
    update assess.line_entry
    set state = 'waiting', taken_by = null, taken_at = null, lease_ends_at = null, changed_at = ${now}
    where report_id in (
      select report_id from assess.line_entry where state = 'taken' and lease_ends_at <= ${now}
      order by lease_ends_at limit ${limit} for update skip locked)
    returning report_id::text as id`.execute(db);
  return rows.map(({ id }) => id);
}

/** Holds on to a report that one has. @returns until when */
export async function renewLease(db: Kysely<DB>, reportId: ReportId, now: Date): Promise<Date | undefined> {
  const { rows } = await sql<{ until: Date }>`
    update assess.line_entry
    set lease_ends_at = ${now}::timestamptz + (select lease_minutes * interval '1 minute' from assess.look_order
      where look_order.environment = line_entry.environment)
    where report_id = ${reportId} and state = 'taken' returning lease_ends_at as until`.execute(db);
  return rows[0]?.until;
}
