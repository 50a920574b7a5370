import { sql } from 'kysely';
import { type Static, Type } from 'typebox';
import { type Ctx, defineRoute, type Route } from '#access';
import type { ReportId } from '#base/ids';
import { AuditReply } from '#contract/desk';
import { type AuditRecord, auditRowOf } from './audit-rows.ts';
import { screenRefusal } from './codes.ts';
import {
  CursorText,
  cursorOf,
  Instant,
  Limit,
  pageOf,
  ReportParams,
  RowNumber,
  reportIdFrom,
  subjectOf,
  usualLimit,
} from './paging.ts';

const TrailQuery = Type.Object({ limit: Type.Optional(Limit), cursor: Type.Optional(CursorText) });
type TrailQuery = Static<typeof TrailQuery>;

/** `source` 0 is the audit, 1 the custody of the report's files. */
const cursors = cursorOf(
  Type.Object(
    { at: Instant, source: Type.Integer({ minimum: 0, maximum: 1 }), row: RowNumber },
    { additionalProperties: false },
  ),
);

/** Who did what with one report and its files, without its content: `GET /v1/desk/reports/:reportId/audit`. */
export const auditTrailRoute: Route = defineRoute({
  method: 'GET',
  path: '/desk/reports/:reportId/audit',
  permission: 'audit:read',
  audit: 'read-audit-trail',
  summary: 'Who did what with one report and the custody of its files, the newest last',
  params: ReportParams,
  query: TrailQuery,
  reply: AuditReply,
  handle: async (ctx, { params, query }) => {
    const reportId = reportIdFrom(params.reportId);
    return { body: await readTrail(ctx, reportId, query), subject: subjectOf(reportId) };
  },
});

type TrailRow = AuditRecord & { readonly source: number; readonly row: string; readonly atMicros: string };

async function readTrail(ctx: Ctx, reportId: ReportId, query: TrailQuery): Promise<AuditReply> {
  const { db } = ctx.tx;
  const limit = query.limit ?? usualLimit;
  const after = query.cursor === undefined ? undefined : cursors.read(query.cursor);
  const beyond =
    after === undefined
      ? sql``
      : sql`where (trail.at, trail.source, trail.row) > (timestamptz 'epoch' + ${after.at}::bigint * interval '1 microsecond',
          ${after.source}::int, ${after.row}::bigint)`;
  const known = await sql`select from intake.report where id = ${reportId}`.execute(db);
  if (known.rows.length === 0)
    throw screenRefusal('screens.unknown-report', { subject: subjectOf(reportId) });
  const found = await sql<TrailRow>`
    select trail.*, (extract(epoch from at) * 1000000)::bigint::text as "atMicros"
    from (
      select id::text as id, 0 as source, id as row, at, actor_kind as "actorKind", actor_id as "actorId",
        actor_name as "actorName", action, outcome, code, subject, why, request_id as "requestId"
      from access.audit where subject = ${subjectOf(reportId)}
      union all
      select 'custody-' || custody.id, 1, custody.id, at, actor_kind, actor_id,
        coalesce(staff.name, provider.name, actor_id), 'custody-' || act, 'done', null,
        coalesce('file:' || file_id, 'seal:' || sha256), note, null
      from vault.custody
      left join access.staff on actor_kind = 'staff' and staff.id::text = actor_id
      left join access.provider on actor_kind = 'provider' and provider.id::text = actor_id
      where report_id = ${reportId}
    ) trail
    ${beyond}
    order by trail.at, trail.source, trail.row
    limit ${limit + 1}`.execute(db);
  const { rows, last } = pageOf(found.rows, limit);
  return {
    items: rows.map(auditRowOf),
    ...(last !== undefined && {
      next: cursors.write({ at: last.atMicros, source: last.source, row: last.row }),
    }),
  };
}
