import { type Kysely, sql } from 'kysely';
import type { DB } from '#platform/database-types';
import type { Measure } from '#platform/metrics';

/** How the bureau is doing, in the numbers that monitoring watches. Each costs the same however much there is, but the size of the vault. */
export async function measuresOf(db: Kysely<DB>): Promise<readonly Measure[]> {
  const parts = await Promise.all([line(db), reports(db), jobs(db), auditLog(db), vault(db)]);
  return parts.flat();
}

async function line(db: Kysely<DB>): Promise<readonly Measure[]> {
  const { rows } = await sql<{
    environment: string;
    urgency: number;
    state: string;
    entries: number;
    oldest: number | null;
  }>`
    select c.environment, c.urgency, c.state, sum(c.entries)::float8 as entries,
      (select extract(epoch from now() - e.filed_at)::float8 from assess.line_entry e
        where e.environment = c.environment and e.state = c.state and e.urgency = c.urgency order by e.filed_at limit 1) as oldest
    from assess.line_count c group by 1, 2, 3`.execute(db);
  return rows.flatMap(({ environment, urgency, state, entries, oldest }): Measure[] => {
    const labels = { environment, urgency: String(urgency), state };
    return [
      {
        name: 'line_entries',
        help: 'Reports in the line by urgency (1 is the most urgent) and state',
        labels,
        value: entries,
      },
      ...(state === 'waiting'
        ? [
            {
              name: 'line_oldest_seconds',
              help: 'How long the oldest report of each urgency has waited since it was filed',
              labels: { environment, urgency: String(urgency) },
              value: Math.max(0, oldest ?? 0),
            },
          ]
        : []),
    ];
  });
}

async function reports(db: Kysely<DB>): Promise<readonly Measure[]> {
  const { rows } = await sql<{ environment: string; state: string; count: number }>`
    select environment, state, count(*)::float8 as count from intake.report group by 1, 2`.execute(db);
  return rows.map(({ environment, state, count }) => ({
    name: 'reports',
    help: 'Reports by state; what services did not finish is open',
    labels: { environment, state },
    value: count,
  }));
}

async function jobs(db: Kysely<DB>): Promise<readonly Measure[]> {
  const { rows } = await sql<{ job: string; waiting: number; oldest: number }>`
    select name as job, count(*)::float8 as waiting, extract(epoch from now() - min(start_after))::float8 as oldest
    from pgboss.job where state < 'active' and start_after <= now() and left(name, 2) <> '__' group by 1`.execute(
    db,
  );
  const attention = await sql<{ open: number }>`
    select count(*)::float8 as open from platform.attention where resolved_at is null`.execute(db);
  return [
    ...rows.flatMap(({ job, waiting, oldest }): Measure[] => [
      { name: 'jobs_due', help: 'Jobs that could run now, by name', labels: { job }, value: waiting },
      {
        name: 'jobs_oldest_seconds',
        help: 'How long the oldest job that could run has waited, by name',
        labels: { job },
        value: Math.max(0, oldest),
      },
    ]),
    {
      name: 'attention_open',
      help: 'Jobs that could not be done and need a person',
      value: attention.rows[0]?.open ?? 0,
    },
  ];
}

/** More than this is told as this: it is far too much already. */
const mostPending = 100_000;

async function auditLog(db: Kysely<DB>): Promise<readonly Measure[]> {
  const { rows } = await sql<{ pending: number; sealed: number; age: number | null }>`
    select (select count(*)::float8 from (select from access.log_pending limit ${mostPending}) waiting) as pending,
      coalesce((select max(size) from access.log_checkpoint), 0)::float8 as sealed,
      (select extract(epoch from now() - max(signed_at))::float8 from access.log_checkpoint) as age`.execute(
    db,
  );
  const { pending = 0, sealed = 0, age = null } = rows[0] ?? {};
  return [
    { name: 'audit_rows_pending', help: 'Rows of the audit log that wait to be sealed', value: pending },
    { name: 'audit_rows_sealed', help: 'Rows that the newest signed checkpoint covers', value: sealed },
    ...(age === null
      ? []
      : [
          {
            name: 'audit_checkpoint_age_seconds',
            help: 'Age of the newest signed checkpoint',
            value: Math.max(0, age),
          },
        ]),
  ];
}

async function vault(db: Kysely<DB>): Promise<readonly Measure[]> {
  const { rows } = await sql<{ files: number; bytes: number; damaged: number }>`
    select count(*)::float8 as files, coalesce(sum(size_bytes), 0)::float8 as bytes,
      count(*) filter (where damaged_at is not null)::float8 as damaged
    from vault.seal where destroyed_at is null`.execute(db);
  const { files = 0, bytes = 0, damaged = 0 } = rows[0] ?? {};
  return [
    {
      name: 'vault_files',
      help: 'Sealed files, each counted once however often it was reported',
      value: files,
    },
    { name: 'vault_bytes', help: 'Bytes of sealed files before encryption', value: bytes },
    {
      name: 'vault_damaged_files',
      help: 'Sealed files that did not match their seal when they were read',
      value: damaged,
    },
  ];
}
