import { Type } from 'typebox';
import { type Actor, type Ctx, defineRoute, permissionsOf, type Route } from '#access';
import type { ReportId } from '#base/ids';
import { Brief } from '#contract/desk';
import { type DeskReader, movesFor, undoUntil } from '#contract/desk-moves';
import { type BriefRow, readBriefRow, readDecisions, readDuplicates } from './brief-report.ts';
import { readFiles, readParties } from './brief-sent.ts';
import { isBlindTo, readCorrections, readLook, readRankChanges } from './brief-urgency.ts';
import { screenRefusal } from './codes.ts';
import { ReportParams, reportIdFrom, subjectOf } from './paging.ts';
import { purposeOf, Why } from './purpose.ts';

/** One report as it reads like a brief: `GET /v1/desk/reports/:reportId`. */
export const briefRoute: Route = defineRoute({
  method: 'GET',
  path: '/desk/reports/:reportId',
  permission: 'report:read',
  audit: 'read-report',
  summary: 'Everything that was sent in one report, what rules said of it, and what people decided',
  params: ReportParams,
  query: Type.Object({ why: Type.Optional(Why) }),
  reply: Brief,
  handle: async (ctx, { params, query, request }) => {
    const reportId = reportIdFrom(params.reportId);
    const subject = subjectOf(reportId);
    const row = await readBriefRow(ctx.tx.db, reportId);
    if (row === undefined) throw screenRefusal('screens.unknown-report', { subject });
    const purpose = await purposeOf(ctx, reportId, row, {
      why: query.why,
      isEmergency: request.emergency !== undefined,
    });
    const body = await briefOf(ctx, reportId, row);
    const identifiers = [...body.parties, ...body.files].flatMap((one) => one.identifiers);
    return {
      body,
      subject,
      why: purpose.why,
      lookUp: { reportId, task: purpose.task, identifiers },
    };
  },
});

async function briefOf(ctx: Ctx, reportId: ReportId, row: BriefRow): Promise<Brief> {
  const { db } = ctx.tx;
  const { parties, ofFiles } = await readParties(db, reportId);
  return {
    reportId,
    reference: row.reference ?? '',
    provider: { id: row.providerId, name: row.providerName, environment: row.environment },
    door: row.door,
    profile: row.profile,
    reportState: row.reportState,
    openedAt: row.openedAt.toISOString(),
    ...(row.filedAt !== null && { filedAt: row.filedAt.toISOString() }),
    ...(row.erasedAt !== null && { erasedAt: row.erasedAt.toISOString() }),
    ...incidentOf(row),
    ...(await urgencyOf(ctx, reportId, row)),
    ...completenessOf(row),
    incidents: row.incidents,
    parties,
    partyCount: row.partyCount,
    files: await readFiles(db, reportId, ofFiles),
    fileCount: row.fileCount,
    sent: row.sent ?? { name: 'report' },
    documentSha256: row.documentSha256,
    warnings: row.warnings.map(({ element, rule, message }) => ({ element, rule, message })),
    ...(row.duplicateOf !== null && { duplicateOf: row.duplicateOf }),
    duplicates: await readDuplicates(db, reportId),
    priorReports: row.priorReports,
    decisions: await readDecisions(db, reportId),
    ...deskOf(ctx, row),
  };
}

function incidentOf(row: BriefRow) {
  return {
    incidentType: row.incidentType,
    incidentAt: row.incidentAt.toISOString(),
    ...(row.platform !== null && { platform: row.platform }),
    ...(row.escalation !== null && { escalation: row.escalation }),
    ...(row.declaredPriority !== null && { declaredPriority: row.declaredPriority }),
    annotations: row.annotations,
    ...(row.batchReason !== null && { batchReason: row.batchReason }),
    isSynthetic: row.isSynthetic,
  };
}

/** How urgent, who says so and why; nothing of it to whoever reads the report for the blind sample. */
async function urgencyOf({ tx: { db }, actor }: Ctx, reportId: ReportId, row: BriefRow) {
  const { urgency, rulesUrgency } = row;
  const reader = actor.kind === 'staff' ? actor.id : undefined;
  if (await isBlindTo(db, reportId, reader)) {
    return { isBlind: true, urgencyReasons: [], corrections: [], rankChanges: [] };
  }
  const look = await readLook(db, reportId);
  return {
    ...(urgency !== null && { urgency }),
    ...(rulesUrgency !== null && { rulesUrgency }),
    urgencyReasons: row.urgencyReasons ?? [],
    ...(row.dataExpiresAt !== null && { dataExpiresAt: row.dataExpiresAt.toISOString() }),
    corrections: await readCorrections(db, reportId),
    rankChanges: await readRankChanges(db, reportId),
    ...(look !== undefined && { look }),
  };
}

function completenessOf({ completeness, present, missing, rulesVersion }: BriefRow) {
  return completeness !== null && present !== null && missing !== null && rulesVersion !== null
    ? { completeness: { share: completeness, present, missing, rulesVersion } }
    : {};
}

/** Where the report stands on the desk and what the reader may do with it now. */
function deskOf(ctx: Ctx, row: BriefRow) {
  const { state, takenBy, takenAt, decidedBy, decidedAt } = row;
  const { seesAudit, ...reader } = readerOf(ctx.actor);
  const none = { take: false, release: false, decide: false, undo: false, reopen: false };
  const moves =
    state === null || row.erasedAt !== null
      ? none
      : movesFor(
          {
            state,
            takenBy: takenBy ?? undefined,
            decidedBy: decidedBy ?? undefined,
            decidedAt: decidedAt ?? undefined,
          },
          reader,
          ctx.now,
        );
  return {
    ...(state !== null && { state }),
    ...(takenBy !== null && { takenBy: { id: takenBy, name: row.takenByName ?? takenBy } }),
    ...(takenAt !== null && { takenAt: takenAt.toISOString() }),
    ...(row.leaseEndsAt !== null && { leaseEndsAt: row.leaseEndsAt.toISOString() }),
    can: { ...moves, correct: moves.take || (state === 'taken' && reader.mayDecide), seeAudit: seesAudit },
    ...(moves.undo && decidedAt !== null && { undoUntil: undoUntil(decidedAt).toISOString() }),
  };
}

/** The machine's own administrator reads the trail but moves nothing. */
function readerOf(actor: Actor): DeskReader & { readonly seesAudit: boolean } {
  if (actor.kind !== 'staff')
    return { mayDecide: false, isSupervisor: false, seesAudit: actor.kind === 'system' };
  const holds = permissionsOf(actor.roles);
  return {
    staffId: actor.id,
    mayDecide: holds.has('report:decide'),
    isSupervisor: actor.roles.includes('supervisor'),
    seesAudit: holds.has('audit:read'),
  };
}
