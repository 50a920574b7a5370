import { sql } from 'kysely';
import { type Static, Type } from 'typebox';
import { type Ctx, defineRoute, type Route } from '#access';
import { type DeskState, type ReportListItem, ReportListReply } from '#contract/desk';
import { Environment } from '#contract/shapes';
import { CursorText, cursorOf, Limit, pageOf, RowNumber, Uuid, usualLimit } from './paging.ts';

const reportStates = ['open', 'filed', 'retracted', 'expired'] as const;

const ListQuery = Type.Object({
  environment: Type.Optional(Environment),
  state: Type.Optional(Type.Enum([...reportStates])),
  provider: Type.Optional(Uuid),
  limit: Type.Optional(Limit),
  cursor: Type.Optional(CursorText),
});
type ListQuery = Static<typeof ListQuery>;

const cursors = cursorOf(Type.Object({ reportId: RowNumber }, { additionalProperties: false }));

/** Every report that services ever opened, the newest first: `GET /v1/desk/reports`. */
export const reportListRoute: Route = defineRoute({
  method: 'GET',
  path: '/desk/reports',
  permission: 'line:read',
  audit: 'list-reports',
  summary: 'Every report in whatever state, the newest first',
  query: ListQuery,
  reply: ReportListReply,
  handle: async (ctx, { query }) => {
    const body = await listReports(ctx, query);
    return { body, details: { count: body.items.length } };
  },
});

interface ListRow {
  readonly reportId: string;
  readonly reference: string | null;
  readonly providerId: string;
  readonly providerName: string;
  readonly environment: Static<typeof Environment>;
  readonly state: ReportListItem['state'];
  readonly deskState: DeskState | null;
  readonly urgency: number | null;
  readonly completeness: number | null;
  readonly incidentType: string;
  readonly openedAt: Date;
  readonly filedAt: Date | null;
  readonly files: number;
  readonly incidents: number;
  readonly duplicateOf: string | null;
  readonly isSynthetic: boolean;
}

/** One walk of an index per environment and state asked for, or of one service's reports, from the cursor down. */
async function listReports(ctx: Ctx, query: ListQuery): Promise<ReportListReply> {
  const limit = query.limit ?? usualLimit;
  const before =
    query.cursor === undefined ? sql`` : sql`and id < ${cursors.read(query.cursor).reportId}::bigint`;
  const environments = query.environment === undefined ? ['production', 'sandbox'] : [query.environment];
  const states = query.state === undefined ? reportStates : [query.state];
  const keys =
    query.provider === undefined
      ? sql`
        select found.id
        from unnest(${environments}::text[]) as walk_environment (name)
        cross join unnest(${states}::text[]) as walk_state (name)
        cross join lateral (
          select id from intake.report
          where environment = walk_environment.name and state = walk_state.name ${before}
          order by id desc limit ${limit + 1}
        ) found
        order by found.id desc limit ${limit + 1}`
      : sql`
        select id from intake.report
        where provider_id = ${query.provider} and environment = any(${environments}::text[])
          and state = any(${states}::text[]) ${before}
        order by id desc limit ${limit + 1}`;
  const found = await sql<ListRow>`
    with key as (${keys})
    select report.id::text as "reportId", report.reference, provider.id::text as "providerId",
      provider.name as "providerName", report.environment, report.state, entry.state as "deskState", entry.urgency,
      assessment.completeness::float8 as completeness, report.incident_type as "incidentType",
      report.opened_at as "openedAt", report.filed_at as "filedAt", report.file_count as files,
      report.incident_count as incidents, report.duplicate_of::text as "duplicateOf",
      report.is_synthetic as "isSynthetic"
    from key
    join intake.report report on report.id = key.id
    join access.provider provider on provider.id = report.provider_id
    left join assess.line_entry entry on entry.report_id = report.id
    left join assess.assessment assessment on assessment.report_id = report.id
    order by report.id desc`.execute(ctx.tx.db);
  const { rows, last } = pageOf(found.rows, limit);
  return {
    items: rows.map(presented),
    ...(last !== undefined && { next: cursors.write({ reportId: last.reportId }) }),
  };
}

function presented(row: ListRow): ReportListItem {
  return {
    reportId: row.reportId,
    reference: row.reference ?? '',
    provider: { id: row.providerId, name: row.providerName, environment: row.environment },
    state: row.state,
    ...(row.deskState !== null && { deskState: row.deskState }),
    ...(row.urgency !== null && { urgency: row.urgency }),
    ...(row.completeness !== null && { completeness: row.completeness }),
    incidentType: row.incidentType,
    openedAt: row.openedAt.toISOString(),
    ...(row.filedAt !== null && { filedAt: row.filedAt.toISOString() }),
    files: row.files,
    incidents: row.incidents,
    ...(row.duplicateOf !== null && { duplicateOf: row.duplicateOf }),
    isSynthetic: row.isSynthetic,
  };
}
