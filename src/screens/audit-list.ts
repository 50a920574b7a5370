import { sql } from 'kysely';
import { type Static, Type } from 'typebox';
import { type Ctx, defineRoute, type Route } from '#access';
import { AuditReply } from '#contract/desk';
import { type AuditRecord, auditRowOf } from './audit-rows.ts';
import { screenRefusal } from './codes.ts';
import { CursorText, cursorOf, Limit, pageOf, RowNumber, ShortText, usualLimit } from './paging.ts';

const Order = Type.Enum(['oldest', 'newest']);

const AuditQuery = Type.Object({
  subject: Type.Optional(ShortText),
  actor: Type.Optional(ShortText),
  action: Type.Optional(ShortText),
  outcome: Type.Optional(Type.Enum(['done', 'refused', 'failed'])),
  order: Type.Optional(Order),
  limit: Type.Optional(Limit),
  cursor: Type.Optional(CursorText),
});
type AuditQuery = Static<typeof AuditQuery>;

const cursors = cursorOf(Type.Object({ order: Order, row: RowNumber }, { additionalProperties: false }));

/** The whole trail for the auditor: `GET /v1/desk/audit`. Looking at it is an act like any other. */
export const auditListRoute: Route = defineRoute({
  method: 'GET',
  path: '/desk/audit',
  permission: 'audit:read',
  audit: 'read-audit',
  summary: 'Every audited act, the newest last unless asked',
  query: AuditQuery,
  reply: AuditReply,
  handle: async (ctx, { query }) => {
    const body = await readAudit(ctx, query);
    return { body, details: { count: body.items.length } };
  },
});

async function readAudit(ctx: Ctx, query: AuditQuery): Promise<AuditReply> {
  const order = query.order ?? 'oldest';
  const limit = query.limit ?? usualLimit;
  const after = query.cursor === undefined ? undefined : cursors.read(query.cursor);
  if (after !== undefined && after.order !== order) throw screenRefusal('screens.bad-cursor');
  const way = order === 'newest' ? sql`desc` : sql`asc`;
  const beyond =
    after === undefined ? sql`true` : order === 'newest' ? sql`id < ${after.row}` : sql`id > ${after.row}`;
  const found = await sql<AuditRecord>`
    select id::text as id, at, actor_kind as "actorKind", actor_id as "actorId", actor_name as "actorName", action,
      outcome, code, subject, why, request_id as "requestId"
    from access.audit audit
    where ${beyond}
      ${query.subject === undefined ? sql`` : sql`and subject = ${query.subject}`}
      ${query.actor === undefined ? sql`` : sql`and actor_id = ${query.actor}`}
      ${query.action === undefined ? sql`` : sql`and action = ${query.action}`}
      ${query.outcome === undefined ? sql`` : sql`and outcome = ${query.outcome}`}
    order by audit.id ${way}
    limit ${limit + 1}`.execute(ctx.tx.db);
  const { rows, last } = pageOf(found.rows, limit);
  return {
    items: rows.map(auditRowOf),
    ...(last !== undefined && { next: cursors.write({ order, row: last.id }) }),
  };
}
