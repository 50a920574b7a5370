import { Type } from 'typebox';
import {
  type Ctx,
  CursorText,
  defineRoute,
  Limit,
  pageFrom,
  permissionsOf,
  type Route,
  readCursor,
  usualLimit,
} from '#access';
import { parseReportId, type ReportId } from '#base/ids';
import {
  DueListReply,
  type DueReport,
  type Erasure,
  ErasureListReply,
  Hold,
  HoldBody,
  HoldListReply,
  ReportRetention,
  RetentionReply,
} from '#contract/retention';
import { retainRefusal, subjectOf } from './codes.ts';
import { placeHold } from './place-hold.ts';
import { dueAt, standingOf } from './rules/due-date.ts';
import {
  allSchedules,
  currentSchedules,
  findHold,
  type HoldRow,
  holdsOf,
  listHolds,
  reportFacts,
} from './store.ts';
import { countDue, type DueRow, listDue, mostCounted } from './store-due.ts';
import { countErasures, type ErasureRow, findErasure, listErasures } from './store-erasures.ts';

const ReportParams = Type.Object({ reportId: Type.String({ pattern: '^[A-Za-z0-9-]{1,40}$' }) });
const PageQuery = Type.Object({ limit: Type.Optional(Limit), cursor: Type.Optional(CursorText) });

/** What is due, held and destroyed. Paths are relative to `/v1`. */
export const retainRoutes: readonly Route[] = [...overviewRoutes(), ...reportRoutes()];

function overviewRoutes(): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/desk/retention',
      permission: 'retention:read',
      audit: 'read-retention',
      summary: 'The schedules with their sources, how much is due, and how far the erasures are',
      reply: RetentionReply,
      handle: async (ctx) => ({ body: await overview(ctx) }),
    }),
    defineRoute({
      method: 'GET',
      path: '/desk/retention/due',
      permission: 'retention:read',
      audit: 'list-due-reports',
      summary: 'Reports whose term is over, the oldest first, with what keeps each from being destroyed',
      query: Type.Object({ ...PageQuery.properties, only: Type.Optional(Type.Enum(['ready', 'all'])) }),
      reply: DueListReply,
      handle: async (ctx, { query }) => {
        const limit = query.limit ?? usualLimit;
        const after = readCursor(query.cursor, 'number');
        const rows = await listDue(ctx.tx.db, {
          only: query.only ?? 'all',
          ...(after !== undefined && { after }),
          limit: limit + 1,
          now: ctx.now,
        });
        const place = (row: DueRow) => ({ micros: row.filedMicros, id: row.reportId });
        const body: DueListReply = pageFrom(rows, limit, dueReportOf, place);
        return { body, details: { count: body.items.length } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/desk/retention/holds',
      permission: 'retention:read',
      audit: 'list-holds',
      summary: 'Legal holds that stand, those to be reviewed soonest first',
      query: PageQuery,
      reply: HoldListReply,
      handle: async (ctx, { query }) => {
        const limit = query.limit ?? usualLimit;
        const after = readCursor(query.cursor, 'uuid');
        const rows = await listHolds(ctx.tx.db, { ...(after !== undefined && { after }), limit: limit + 1 });
        const place = (row: HoldRow) => ({ micros: row.reviewMicros, id: row.id });
        const body: HoldListReply = pageFrom(rows, limit, (row) => holdOf(ctx, row), place);
        return { body, details: { count: body.items.length } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/desk/retention/erasures',
      permission: 'retention:read',
      audit: 'list-erasures',
      summary: 'The register of erasures, the newest first',
      query: PageQuery,
      reply: ErasureListReply,
      handle: async (ctx, { query }) => {
        const limit = query.limit ?? usualLimit;
        const before = readCursor(query.cursor, 'number');
        const rows = await listErasures(ctx.tx.db, {
          ...(before !== undefined && { before }),
          limit: limit + 1,
        });
        const place = (row: ErasureRow) => ({ micros: row.approvedMicros, id: row.reportId });
        const body: ErasureListReply = pageFrom(rows, limit, erasureOf, place);
        return { body, details: { count: body.items.length } };
      },
    }),
  ];
}

function reportRoutes(): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/desk/reports/:reportId/retention',
      permission: 'line:read',
      audit: 'read-report-retention',
      summary: 'Until when one report is kept and why, its holds, and its erasure',
      params: ReportParams,
      reply: ReportRetention,
      handle: async (ctx, { params }) => {
        const reportId = idOf(params.reportId);
        return { body: await reportRetention(ctx, reportId), subject: subjectOf(reportId) };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/desk/reports/:reportId/holds',
      permission: 'retention:hold',
      audit: 'place-hold',
      summary: 'Place a legal hold: nothing of the report is erased while it stands',
      params: ReportParams,
      body: HoldBody,
      reply: Hold,
      handle: async (ctx, { params, body }) => {
        const reportId = idOf(params.reportId);
        const reviewAt = new Date(body.reviewAt);
        const { id } = await placeHold(ctx, { ...body, reportId, reviewAt });
        const hold = await findHold(ctx.tx.db, id);
        if (hold === undefined) throw new Error('a hold that was placed is not there');
        return {
          status: 201,
          body: holdOf(ctx, hold),
          subject: subjectOf(reportId),
          why: `case ${hold.caseReference}`,
          details: { hold: id },
        };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/desk/reports/:reportId/certificate',
      permission: 'retention:read',
      audit: 'read-certificate',
      summary: 'The signed certificate of the destruction of a report, to be verified offline',
      params: ReportParams,
      handle: async (ctx, { params }) => {
        const reportId = idOf(params.reportId);
        const subject = subjectOf(reportId);
        const row = await findErasure(ctx.tx.db, reportId);
        if (row === undefined || row.state === 'approved' || row.state === 'stopped')
          throw retainRefusal('retain.not-erased', { subject });
        if (row.certificate === null) throw retainRefusal('retain.not-certified', { subject });
        const headers = {
          'content-type': 'application/jose; charset=utf-8',
          'content-disposition': `attachment; filename="destruction-${reportId}.jws"`,
        };
        return { headers, body: row.certificate, subject };
      },
    }),
  ];
}

async function overview(ctx: Ctx): Promise<RetentionReply> {
  const { db } = ctx.tx;
  const current = await currentSchedules(db);
  const isCurrent = (row: { profile: string; version: number }) =>
    current.some(({ profile, version }) => profile === row.profile && version === row.version);
  const schedules = await allSchedules(db);
  return {
    schedules: schedules.map(({ proposalId: _, since, ...row }) => ({
      ...row,
      since: since.toISOString(),
      isCurrent: isCurrent(row),
    })),
    due: { ...(await countDue(db, ctx.now)), mostCounted },
    erasures: { ...(await countErasures(db)) },
  };
}

async function reportRetention(ctx: Ctx, reportId: ReportId): Promise<ReportRetention> {
  const { db } = ctx.tx;
  const [facts] = await reportFacts(db, [reportId]);
  const schedule = (await currentSchedules(db)).find(({ profile }) => profile === facts?.profile);
  if (facts === undefined || schedule === undefined)
    throw retainRefusal('retain.unknown-report', { subject: subjectOf(reportId) });
  const erasure = await findErasure(db, reportId);
  const isErased = facts.erasedAt !== null;
  const due = dueAt(facts.filedAt, schedule.contentMonths);
  const isApproved = erasure?.state === 'approved';
  const standing = standingOf({ ...facts, dueAt: due, isErased, isApproved }, ctx.now);
  const held = ctx.actor.kind === 'staff' ? permissionsOf(ctx.actor.roles) : undefined;
  return {
    reportId,
    basis: schedule.basis,
    source: schedule.source,
    dueAt: due.toISOString(),
    referenceUntil: dueAt(facts.filedAt, schedule.referenceMonths).toISOString(),
    standing,
    holds: (await holdsOf(db, reportId)).map((row) => holdOf(ctx, row)),
    ...(erasure !== undefined && { erasure: erasureOf(erasure) }),
    can: {
      hold: !isErased && (held?.has('retention:hold') ?? false),
      ask: held?.has('retention:decide') === true && held.has('control:ask'),
    },
  };
}

function idOf(text: string): ReportId {
  const reportId = parseReportId(text);
  if (reportId === undefined) throw retainRefusal('retain.unknown-report', { subject: subjectOf(text) });
  return reportId;
}

function dueReportOf(row: DueRow): DueReport {
  const { reportId, reference, profile, basis } = row;
  const standing = row.isApproved
    ? 'approved'
    : row.isHeld
      ? 'held'
      : !row.isDecided
        ? 'undecided'
        : row.isProposed
          ? 'proposed'
          : 'ready';
  return {
    ...{ reportId, reference, profile, basis, standing },
    filedAt: row.filedAt.toISOString(),
    dueAt: row.dueAt.toISOString(),
  };
}

function holdOf(ctx: Ctx, row: HoldRow): Hold {
  return {
    id: row.id,
    reportId: row.reportId,
    reason: row.reason,
    caseReference: row.caseReference,
    placedBy: { id: row.placedBy, name: row.placedByName },
    placedAt: row.placedAt.toISOString(),
    reviewAt: row.reviewAt.toISOString(),
    isReviewDue: row.liftedAt === null && row.reviewAt <= ctx.now,
    ...(row.liftedAt !== null && { liftedAt: row.liftedAt.toISOString() }),
    ...(row.liftedBy !== null && { liftedBy: row.liftedBy }),
  };
}

function erasureOf(row: ErasureRow): Erasure {
  return {
    id: row.id,
    reportId: row.reportId,
    state: row.state,
    ground: row.ground,
    basis: row.basis,
    dueAt: row.dueAt.toISOString(),
    approvedAt: row.approvedAt.toISOString(),
    approvedBy: row.approvedBy.map((person) => ({ ...person })),
    ...(row.erasedAt !== null && { erasedAt: row.erasedAt.toISOString() }),
    ...(row.certifiedAt !== null && { certifiedAt: row.certifiedAt.toISOString() }),
  };
}
