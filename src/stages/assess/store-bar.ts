import { type Kysely, sql } from 'kysely';
import type { Environment } from '#contract/shapes';
import type { DB } from '#platform/database-types';

/** The SQL from which the bar is set. */

export async function firstLookAt(db: Kysely<DB>, environment: Environment): Promise<Date | undefined> {
  const { rows } = await sql<{ at: Date }>`
    select looked_at as at from assess.look where environment = ${environment}
    order by looked_at limit 1`.execute(db);
  return rows[0]?.at;
}

export async function countWeek(
  db: Kysely<DB>,
  environment: Environment,
  since: Date,
): Promise<{ readonly arrivals: number; readonly looks: number }> {
  const { rows } = await sql<{ arrivals: number; looks: number }>`
    select (select count(*)::int from assess.line_entry
        where environment = ${environment} and filed_at >= ${since}) as arrivals,
      (select count(*)::int from assess.look
        where environment = ${environment} and looked_at >= ${since}) as looks`.execute(db);
  return rows[0] ?? { arrivals: 0, looks: 0 };
}

/** The n-th highest rank, from 0, among what was filed since. */
export async function rankAt(
  db: Kysely<DB>,
  environment: Environment,
  since: Date,
  n: number,
): Promise<number | undefined> {
  const { rows } = await sql<{ rank: number }>`
    select rank from assess.line_entry where environment = ${environment} and filed_at >= ${since}
    order by rank desc offset ${n} limit 1`.execute(db);
  return rows[0]?.rank;
}

export interface Bar {
  readonly environment: Environment;
  readonly bar: number | undefined;
  readonly since: Date;
  readonly arrivals: number;
  readonly looks: number;
}

export async function saveBar(db: Kysely<DB>, one: Bar, now: Date): Promise<void> {
  await sql`
    update assess.look_order
    set bar = ${one.bar ?? null}, bar_since = ${one.since}, bar_arrivals = ${one.arrivals}, bar_looks = ${one.looks},
      bar_set_at = ${now}
    where environment = ${one.environment}`.execute(db);
}
