import { sql } from 'kysely';
import { defineRoute, type Route } from '#access';
import { parseReportId } from '#base/ids';
import { type AttentionItem, AttentionReply } from '#contract/administration';
import { subjectOf } from './paging.ts';

/** What a person should look at first when there is much: the oldest of these. */
const mostShown = 1_000;

/** What could not be processed, with the reason, the oldest first: `GET /v1/desk/attention`. */
export const attentionListRoute: Route = defineRoute({
  method: 'GET',
  path: '/desk/attention',
  permission: 'attention:read',
  audit: 'list-attention',
  summary: 'Jobs that need a person, with their reasons, the oldest first',
  reply: AttentionReply,
  handle: async (ctx) => {
    const { rows } = await sql<AttentionRow>`
      select id::text as id, job, subject, reason, attempts, since, retried_at is not null as "isRetrying"
      from platform.attention where resolved_at is null
      order by since, attention.id limit ${mostShown}`.execute(ctx.tx.db);
    const body: AttentionReply = { items: rows.map(presented) };
    return { body, details: { count: rows.length } };
  },
});

interface AttentionRow {
  readonly id: string;
  readonly job: string;
  readonly subject: string;
  readonly reason: string;
  readonly attempts: number;
  readonly since: Date;
  readonly isRetrying: boolean;
}

/** A job about a report carries the report's bare number. */
function presented(row: AttentionRow): AttentionItem {
  const reportId = parseReportId(row.subject.replace(/^report:/, ''));
  return {
    id: row.id,
    job: row.job,
    subject: reportId === undefined ? row.subject : subjectOf(reportId),
    ...(reportId !== undefined && { reportId }),
    reason: row.reason,
    attempts: row.attempts,
    since: row.since.toISOString(),
    isRetrying: row.isRetrying,
  };
}
