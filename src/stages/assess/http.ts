import { type Answer, type Ctx, defineRoute, type Route } from '#access';
import { DecisionBody, DeskReply, ReopenBody } from '#contract/desk';
import { undoUntil } from '#contract/desk-moves';
import { subjectOf } from './codes.ts';
import { decideReport } from './decide-report.ts';
import { idOf, named, ReportParams } from './desk-parts.ts';
import { orderRoutes } from './order-http.ts';
import { releaseReport } from './release-report.ts';
import { reopenReport } from './reopen-report.ts';
import type { LineEntry } from './store.ts';
import { takeReport } from './take-report.ts';
import { undoDecision } from './undo-decision.ts';

/** What people do with reports of the line. Paths are relative to `/v1`. */
export const assessRoutes: readonly Route[] = [
  ...orderRoutes,
  defineRoute({
    method: 'POST',
    path: '/desk/reports/:reportId/take',
    permission: 'report:decide',
    audit: 'take-report',
    summary: 'Take a waiting report, so that nobody else works on it',
    params: ReportParams,
    reply: DeskReply,
    handle: async (ctx, { params }) =>
      answerFor(ctx, await takeReport(named(ctx), { reportId: idOf(params.reportId) })),
  }),
  defineRoute({
    method: 'POST',
    path: '/desk/reports/:reportId/release',
    permission: 'report:decide',
    audit: 'release-report',
    summary: 'Put a taken report back into the line; for whoever took it, or a supervisor',
    params: ReportParams,
    reply: DeskReply,
    handle: async (ctx, { params }) =>
      answerFor(ctx, await releaseReport(named(ctx), { reportId: idOf(params.reportId) })),
  }),
  defineRoute({
    method: 'POST',
    path: '/desk/reports/:reportId/decision',
    permission: 'report:decide',
    audit: 'decide-report',
    summary: 'Decide a report: refer, informational, needs information, or not a matter',
    params: ReportParams,
    body: DecisionBody,
    reply: DeskReply,
    handle: async (ctx, { params, body }) => {
      const input = { reportId: idOf(params.reportId), kind: body.kind, reason: body.reason };
      const answer = answerFor(ctx, await decideReport(named(ctx), input));
      return { ...answer, details: { kind: body.kind } };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/desk/reports/:reportId/undo',
    permission: 'report:decide',
    audit: 'undo-decision',
    summary: "Take back one's own decision within fifteen minutes, or one's own taking of the report",
    params: ReportParams,
    reply: DeskReply,
    handle: async (ctx, { params }) =>
      answerFor(ctx, await undoDecision(named(ctx), { reportId: idOf(params.reportId) })),
  }),
  defineRoute({
    method: 'POST',
    path: '/desk/reports/:reportId/reopen',
    permission: 'report:decide',
    audit: 'reopen-report',
    summary: 'Put a decided report back into the line, with a reason',
    params: ReportParams,
    body: ReopenBody,
    reply: DeskReply,
    handle: async (ctx, { params, body }) =>
      answerFor(
        ctx,
        await reopenReport(named(ctx), { reportId: idOf(params.reportId), reason: body.reason }),
      ),
  }),
];

function answerFor(ctx: Ctx, entry: LineEntry): Answer {
  const { decision, takenBy } = entry;
  const canUndo = decision?.by.id === ctx.actor.id;
  const body: DeskReply = {
    reportId: entry.reportId,
    state: entry.state,
    ...(takenBy !== undefined && { takenBy }),
    ...(decision !== undefined && { decision: decision.kind }),
    ...(decision !== undefined && canUndo && { undoUntil: undoUntil(decision.at).toISOString() }),
  };
  return { body, subject: subjectOf(entry.reportId), why: `decision on ${subjectOf(entry.reportId)}` };
}
