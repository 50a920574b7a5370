import { type Kysely, sql } from 'kysely';
import { Type } from 'typebox';
import { defineRoute, type Route, unaudited } from '#access';
import { StatusReply } from '#contract/desk';
import { Environment } from '#contract/shapes';
import type { DB } from '#platform/database-types';

export interface BureauFacts {
  readonly name: string;
  readonly isDemonstration: boolean;
  readonly version: string;
}

/** How the bureau is doing, in numbers: `GET /v1/desk/status`. Reports of one environment; seals and jobs are shared. */
export function statusRoute(bureau: BureauFacts): Route {
  return defineRoute({
    method: 'GET',
    path: '/desk/status',
    permission: 'status:read',
    audit: unaudited('counts only, of whole tables; nothing of any report or person'),
    summary: 'Counts of reports, files, seals and jobs',
    query: Type.Object({ environment: Type.Optional(Environment) }),
    reply: StatusReply,
    handle: async (ctx, { query }) => {
      const environment = query.environment ?? 'production';
      const { db } = ctx.tx;
      const { records, ...reports } = await countReports(db, environment);
      const body: StatusReply = {
        bureau: bureau.name,
        version: bureau.version,
        isDemonstration: bureau.isDemonstration,
        environment,
        reports,
        desk: await countDesk(db, environment),
        files: { records, ...(await countSeals(db)) },
        jobs: await countJobs(db),
        auditLog: await countAuditLog(db),
      };
      return { body };
    },
  });
}

type ReportCounts = StatusReply['reports'] & { readonly records: number };

async function countReports(db: Kysely<DB>, environment: string): Promise<ReportCounts> {
  const { rows } = await sql<ReportCounts>`
    select count(*) filter (where state = 'open')::int as open, count(*) filter (where state = 'filed')::int as filed,
      count(*) filter (where state = 'retracted')::int as retracted,
      count(*) filter (where state = 'expired')::int as expired,
      coalesce(sum(file_count) filter (where state in ('open', 'filed')), 0)::int as records
    from intake.report where environment = ${environment}`.execute(db);
  return rows[0] ?? { open: 0, filed: 0, retracted: 0, expired: 0, records: 0 };
}

async function countDesk(db: Kysely<DB>, environment: string): Promise<StatusReply['desk']> {
  const { rows } = await sql<{ waiting: number; taken: number; decided: number; oldest: Date | null }>`
    select coalesce(sum(entries) filter (where state = 'waiting'), 0)::int as waiting,
      coalesce(sum(entries) filter (where state = 'taken'), 0)::int as taken,
      coalesce(sum(entries) filter (where state = 'decided'), 0)::int as decided,
      (select min(first.filed_at) from unnest(array[1, 2, 3, 4]::smallint[]) as level (urgency)
        cross join lateral (
          select filed_at from assess.line_entry entry
          where entry.environment = ${environment} and entry.state = 'waiting' and entry.urgency = level.urgency
          order by filed_at limit 1
        ) first) as oldest
    from assess.line_count where environment = ${environment}`.execute(db);
  const { oldest, ...counts } = rows[0] ?? { waiting: 0, taken: 0, decided: 0, oldest: null };
  return { ...counts, ...(oldest !== null && { oldestWaitingAt: oldest.toISOString() }) };
}

async function countSeals(db: Kysely<DB>): Promise<{ seals: number; sizeBytes: number }> {
  const { rows } = await sql<{ seals: number; sizeBytes: number }>`
    select count(*)::int as seals, coalesce(sum(size_bytes), 0)::float8 as "sizeBytes"
    from vault.seal where destroyed_at is null`.execute(db);
  return rows[0] ?? { seals: 0, sizeBytes: 0 };
}

/** The queue's own tables are there once it was installed. */
async function countJobs(db: Kysely<DB>): Promise<StatusReply['jobs']> {
  const attention = await sql<{ open: number; hasQueue: boolean }>`
    select count(*)::int as open, to_regclass('pgboss.job') is not null as "hasQueue"
    from platform.attention where resolved_at is null`.execute(db);
  const { open, hasQueue } = attention.rows[0] ?? { open: 0, hasQueue: false };
  if (!hasQueue) return { waiting: 0, running: 0, needAttention: open };
  const { rows } = await sql<{ waiting: number; running: number }>`
    select count(*) filter (where state < 'active')::int as waiting,
      count(*) filter (where state = 'active')::int as running
    from pgboss.job where state <= 'active'`.execute(db);
  return { waiting: rows[0]?.waiting ?? 0, running: rows[0]?.running ?? 0, needAttention: open };
}

const mostPending = 100_000;

async function countAuditLog(db: Kysely<DB>): Promise<NonNullable<StatusReply['auditLog']>> {
  const { rows } = await sql<{ size: number | null; sealedAt: Date | null; pending: number }>`
    select newest.size::float8 as size, newest.signed_at as "sealedAt",
      (select count(*)::int from (select from access.log_pending limit ${mostPending}) waiting) as pending
    from (select) always
    left join lateral (select size, signed_at from access.log_checkpoint order by size desc limit 1) newest on true`.execute(
    db,
  );
  const { size, sealedAt, pending } = rows[0] ?? { size: null, sealedAt: null, pending: 0 };
  return { size: size ?? 0, pending, ...(sealedAt !== null && { sealedAt: sealedAt.toISOString() }) };
}
