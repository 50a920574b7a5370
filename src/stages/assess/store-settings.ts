import { type Kysely, sql } from 'kysely';
import type { StaffId } from '#base/ids';
import type { Environment } from '#contract/shapes';
import type { DB } from '#platform/database-types';

/** The SQL of what a supervisor sets, and of what the order did. */

export async function saveOrder(
  db: Kysely<DB>,
  one: {
    readonly environment: Environment;
    readonly waitingShare: number;
    readonly leaseMinutes: number;
    readonly reason: string;
    readonly by: StaffId;
  },
  now: Date,
): Promise<void> {
  await sql`
    update assess.look_order
    set waiting_share = ${one.waitingShare}, lease_minutes = ${one.leaseMinutes}, set_by = ${one.by}, set_at = ${now},
      set_why = ${one.reason}
    where environment = ${one.environment}`.execute(db);
}

export interface OrderRow {
  readonly waitingShare: number;
  readonly leaseMinutes: number;
  readonly setBy: string | null;
  readonly setByName: string | null;
  readonly setAt: Date | null;
  readonly setWhy: string | null;
  readonly bar: number | null;
  readonly barSetAt: Date | null;
  readonly arrivals: number | null;
  readonly looks: number | null;
}

export async function readOrder(db: Kysely<DB>, environment: Environment): Promise<OrderRow> {
  const { rows } = await sql<OrderRow>`
    select waiting_share as "waitingShare", lease_minutes as "leaseMinutes", set_by::text as "setBy",
      setter.name as "setByName", set_at as "setAt", set_why as "setWhy", bar, bar_set_at as "barSetAt",
      bar_arrivals::int as arrivals, bar_looks::int as looks
    from assess.look_order left join access.staff setter on setter.id = look_order.set_by
    where environment = ${environment}`.execute(db);
  const row = rows[0];
  if (row === undefined) throw new Error(`there is no order of looks for ${environment}`);
  return row;
}

export interface ClassFigures {
  readonly urgency: number;
  readonly arrivals: number;
  readonly seen: number;
  readonly medianMinutes: number | null;
  readonly p90Minutes: number | null;
  readonly p99Minutes: number | null;
  readonly worstMinutes: number | null;
}

/** Waits until the first look of what was filed since, by class; who is unseen counts with the wait so far. */
export async function readWaits(
  db: Kysely<DB>,
  environment: Environment,
  since: Date,
  now: Date,
): Promise<readonly ClassFigures[]> {
  const { rows } = await sql<ClassFigures>`
    with first_look as (
      select report_id, min(looked_at) as at from assess.look
      where environment = ${environment} and looked_at >= ${since} group by report_id
    ), wait as (
      select entry.urgency, first_look.at is not null as is_seen,
        greatest(extract(epoch from coalesce(first_look.at, ${now}::timestamptz) - entry.filed_at) / 60, 0)::float8 as minutes
      from assess.line_entry entry left join first_look on first_look.report_id = entry.report_id
      where entry.environment = ${environment} and entry.filed_at >= ${since}
    )
    select class.urgency, count(wait.minutes)::int as arrivals, (count(*) filter (where is_seen))::int as seen,
      percentile_cont(0.5) within group (order by minutes) as "medianMinutes",
      percentile_cont(0.9) within group (order by minutes) as "p90Minutes",
      percentile_cont(0.99) within group (order by minutes) as "p99Minutes",
      max(minutes) as "worstMinutes"
    from generate_series(1, 4) as class (urgency) left join wait on wait.urgency = class.urgency
    group by class.urgency order by class.urgency`.execute(db);
  return rows;
}

export interface LookCounts {
  readonly byUrgency: number;
  readonly byDeadline: number;
  readonly byWaiting: number;
  readonly chosen: number;
  readonly reports: number;
}

export async function countLooks(db: Kysely<DB>, environment: Environment, since: Date): Promise<LookCounts> {
  const { rows } = await sql<LookCounts>`
    select (count(*) filter (where lane = 'by-urgency'))::int as "byUrgency",
      (count(*) filter (where lane = 'by-deadline'))::int as "byDeadline",
      (count(*) filter (where lane = 'by-waiting'))::int as "byWaiting",
      (count(*) filter (where lane = 'chosen'))::int as chosen, count(distinct report_id)::int as reports
    from assess.look where environment = ${environment} and looked_at >= ${since}`.execute(db);
  return rows[0] ?? { byUrgency: 0, byDeadline: 0, byWaiting: 0, chosen: 0, reports: 0 };
}

export interface CorrectionCount {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Reports that somebody corrected since, by what the rules said and what the person says now. */
export async function countCorrections(
  db: Kysely<DB>,
  environment: Environment,
  since: Date,
): Promise<readonly CorrectionCount[]> {
  const { rows } = await sql<CorrectionCount>`
    select rules_urgency as "from", urgency as "to", count(*)::int as count
    from (
      select distinct on (correction.report_id) correction.rules_urgency, correction.urgency
      from assess.urgency_correction correction
      join assess.line_entry entry on entry.report_id = correction.report_id
      where correction.corrected_at >= ${since} and entry.environment = ${environment}
      order by correction.report_id, correction.id desc
    ) standing
    where rules_urgency <> urgency group by 1, 2 order by 1, 2`.execute(db);
  return rows;
}
