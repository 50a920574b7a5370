import { type RawBuilder, sql } from 'kysely';
import { type Static, Type } from 'typebox';
import { type Ctx, defineRoute, type Route } from '#access';
import {
  type DecisionKind,
  DeskState,
  deskStates,
  type LineEntry,
  LineReply,
  type Reason,
  Urgency,
} from '#contract/desk';
import { Environment } from '#contract/shapes';
import { screenRefusal } from './codes.ts';
import { findLineMatches, type LineMatches } from './line-search.ts';
import {
  CursorText,
  cursorOf,
  Instant,
  Limit,
  pageOf,
  RowNumber,
  ShortText,
  Uuid,
  usualLimit,
} from './paging.ts';

const Order = Type.Enum(['urgent', 'newest', 'oldest']);

const LineQuery = Type.Object({
  state: Type.Optional(DeskState),
  environment: Type.Optional(Environment),
  urgency: Type.Optional(Urgency),
  provider: Type.Optional(Uuid),
  q: Type.Optional(ShortText),
  order: Type.Optional(Order),
  limit: Type.Optional(Limit),
  cursor: Type.Optional(CursorText),
});
type LineQuery = Static<typeof LineQuery>;

const cursors = cursorOf(
  Type.Object(
    { order: Order, urgency: Urgency, filedAt: Instant, reportId: RowNumber },
    { additionalProperties: false },
  ),
);
type Position = ReturnType<typeof cursors.read>;

/** The line of reports: `GET /v1/desk/line`. */
export const lineRoute: Route = defineRoute({
  method: 'GET',
  path: '/desk/line',
  permission: 'line:read',
  audit: 'read-line',
  summary: 'The line of filed reports, the most urgent and longest waiting first',
  query: LineQuery,
  reply: LineReply,
  handle: async (ctx, { query }) => {
    const body = await readLine(ctx, query);
    return { body, details: { count: body.items.length } };
  },
});

async function readLine(ctx: Ctx, query: LineQuery): Promise<LineReply> {
  const order = query.order ?? 'urgent';
  const limit = query.limit ?? usualLimit;
  const after = query.cursor === undefined ? undefined : cursors.read(query.cursor);
  if (after !== undefined && after.order !== order) throw screenRefusal('screens.bad-cursor');
  const filter: LineFilter = {
    environment: query.environment ?? 'production',
    states: query.state === undefined ? deskStates : [query.state],
    urgencies: query.urgency === undefined ? [1, 2, 3, 4] : [query.urgency],
    matches: await findLineMatches(ctx.tx.db, query),
  };
  const found = await sql<LineRow>`
    with key as (${keysOf(filter, order, after, limit + 1)})
    ${entriesOf(order)}`.execute(ctx.tx.db);
  const counts = await sql<LineReply['counts']>`${countsOf(filter)}`.execute(ctx.tx.db);
  const { rows, last } = pageOf(found.rows, limit);
  return {
    items: rows.map(presented),
    ...(last !== undefined && {
      next: cursors.write({
        order,
        urgency: last.urgency,
        filedAt: last.filedAtMicros,
        reportId: last.reportId,
      }),
    }),
    counts: counts.rows[0] ?? { waiting: 0, taken: 0, decided: 0 },
    asOf: ctx.now.toISOString(),
  };
}

interface LineFilter {
  readonly environment: string;
  readonly states: readonly string[];
  readonly urgencies: readonly number[];
  readonly matches: LineMatches;
}

/**
 * The keys of one page. Each state and urgency (and service) asked for is one walk of an index from the cursor on,
 * stopped after a page's length; the walks are merged. So a page costs the same however long the line is.
 */
function keysOf(
  filter: LineFilter,
  order: 'urgent' | 'newest' | 'oldest',
  after: Position | undefined,
  length: number,
): RawBuilder<unknown> {
  const { matches } = filter;
  const way = order === 'newest' ? sql`desc` : sql`asc`;
  const whole =
    order === 'urgent' ? sql`urgency, filed_at, report_id` : sql`filed_at ${way}, report_id ${way}`;
  const urgencies =
    order === 'urgent' && after !== undefined
      ? filter.urgencies.filter((urgency) => urgency >= after.urgency)
      : filter.urgencies;
  const walks = sql`
    unnest(${filter.states}::text[]) as walk_state (state)
    cross join unnest(${urgencies}::smallint[]) as walk_urgency (urgency)`;
  const beyond = beyondCursor(order, after);
  if (matches.kind === 'reports') {
    return sql`
      select report_id, urgency, filed_at from assess.line_entry entry
      where report_id = any(${matches.reportIds}::bigint[]) and environment = ${filter.environment}
        and state = any(${filter.states}::text[]) and urgency = any(${urgencies}::smallint[])
      order by ${whole} limit ${length}`;
  }
  const owner =
    matches.kind === 'providers'
      ? sql`entry.provider_id = walk_provider.id and entry.environment = ${filter.environment}`
      : sql`entry.environment = ${filter.environment}`;
  const providers =
    matches.kind === 'providers'
      ? sql`cross join unnest(${matches.providerIds}::uuid[]) as walk_provider (id)`
      : sql``;
  return sql`
    select found.report_id, found.urgency, found.filed_at
    from ${walks} ${providers}
    cross join lateral (
      select report_id, urgency, filed_at from assess.line_entry entry
      where ${owner} and entry.state = walk_state.state and entry.urgency = walk_urgency.urgency ${beyond}
      order by filed_at ${way}, report_id ${way} limit ${length}
    ) found
    order by ${whole} limit ${length}`;
}

/** Only what comes after the cursor. In order of urgency the cursor's own level goes on, later ones start afresh. */
function beyondCursor(
  order: 'urgent' | 'newest' | 'oldest',
  after: Position | undefined,
): RawBuilder<unknown> {
  if (after === undefined) return sql``;
  const at = sql`timestamptz 'epoch' + ${after.filedAt}::bigint * interval '1 microsecond'`;
  const id = sql`${after.reportId}::bigint`;
  switch (order) {
    case 'newest':
      return sql`and (filed_at, report_id) < (${at}, ${id})`;
    case 'oldest':
      return sql`and (filed_at, report_id) > (${at}, ${id})`;
    case 'urgent':
      return sql`and (filed_at, report_id) > (
        case when walk_urgency.urgency = ${after.urgency} then ${at} else '-infinity' end,
        case when walk_urgency.urgency = ${after.urgency} then ${id} else 0 end)`;
    default:
      return order satisfies never;
  }
}

interface LineRow {
  readonly reportId: string;
  readonly reference: string;
  readonly providerId: string;
  readonly providerName: string;
  readonly environment: 'production' | 'sandbox';
  readonly urgency: number;
  readonly urgencyReasons: Reason[];
  readonly completeness: number;
  readonly incidentType: string;
  readonly incidentAt: Date;
  readonly filedAt: Date;
  readonly filedAtMicros: string;
  readonly incidents: number;
  readonly files: number;
  readonly state: Static<typeof DeskState>;
  readonly takenBy: string | null;
  readonly takenByName: string | null;
  readonly decision: Static<typeof DecisionKind> | null;
  readonly duplicateOf: string | null;
  readonly isSynthetic: boolean;
}

/** What is shown of the keys' reports: one look-up by primary key each. */
function entriesOf(order: 'urgent' | 'newest' | 'oldest'): RawBuilder<unknown> {
  const way = order === 'newest' ? sql`desc` : sql`asc`;
  const whole =
    order === 'urgent'
      ? sql`key.urgency, key.filed_at, key.report_id`
      : sql`key.filed_at ${way}, key.report_id ${way}`;
  return sql`
    select key.report_id::text as "reportId", report.reference, provider.id::text as "providerId",
      provider.name as "providerName", entry.environment, key.urgency,
      coalesce(assessment.urgency_reasons, '[]') as "urgencyReasons",
      coalesce(assessment.completeness, 0)::float8 as completeness,
      report.incident_type as "incidentType", report.incident_at as "incidentAt", key.filed_at as "filedAt",
      (extract(epoch from key.filed_at) * 1000000)::bigint::text as "filedAtMicros",
      report.incident_count as incidents, report.file_count as files, entry.state,
      entry.taken_by::text as "takenBy", taker.name as "takenByName", decision.kind as decision,
      report.duplicate_of::text as "duplicateOf", report.is_synthetic as "isSynthetic"
    from key
    join assess.line_entry entry on entry.report_id = key.report_id
    join intake.report report on report.id = key.report_id
    join access.provider provider on provider.id = entry.provider_id
    left join assess.assessment assessment on assessment.report_id = key.report_id
    left join access.staff taker on taker.id = entry.taken_by
    left join assess.decision decision on decision.id = entry.decision_id
    order by ${whole}`;
}

/** How many of each state match the filter, its `state` aside. */
function countsOf({ environment, urgencies, matches }: LineFilter): RawBuilder<LineReply['counts']> {
  const source =
    matches.kind === 'reports'
      ? sql`(select environment, urgency, state, 1 as entries from assess.line_entry
          where report_id = any(${matches.reportIds}::bigint[])) as line_count`
      : sql`assess.line_count`;
  const owner =
    matches.kind === 'providers' ? sql`and provider_id = any(${matches.providerIds}::uuid[])` : sql``;
  return sql`
    select coalesce(sum(entries) filter (where state = 'waiting'), 0)::int as waiting,
      coalesce(sum(entries) filter (where state = 'taken'), 0)::int as taken,
      coalesce(sum(entries) filter (where state = 'decided'), 0)::int as decided
    from ${source}
    where environment = ${environment} and urgency = any(${urgencies}::smallint[]) ${owner}`;
}

function presented(row: LineRow): LineEntry {
  return {
    reportId: row.reportId,
    reference: row.reference,
    provider: { id: row.providerId, name: row.providerName, environment: row.environment },
    urgency: row.urgency,
    // What was seen where is content, and whoever reads the line may not be allowed to read reports.
    urgencyReasons: row.urgencyReasons.map(({ code, sentence }) => ({ code, sentence })),
    completeness: row.completeness,
    incidentType: row.incidentType,
    incidentAt: row.incidentAt.toISOString(),
    filedAt: row.filedAt.toISOString(),
    incidents: row.incidents,
    files: row.files,
    state: row.state,
    ...(row.takenBy !== null && { takenBy: { id: row.takenBy, name: row.takenByName ?? row.takenBy } }),
    ...(row.decision !== null && { decision: row.decision }),
    ...(row.duplicateOf !== null && { duplicateOf: row.duplicateOf }),
    isSynthetic: row.isSynthetic,
  };
}
