import { Type } from 'typebox';
import { type Ctx, defineRoute, type Route } from '#access';
import {
  BlindAnsweredReply,
  BlindReply,
  CorrectedReply,
  NextBody,
  NextReply,
  OrderBody,
  OrderFiguresReply,
  OrderReply,
  UrgencyBody,
} from '#contract/order';
import { Environment } from '#contract/shapes';
import { subjectOf } from './codes.ts';
import { correctUrgency } from './correct-urgency.ts';
import { idOf, named, ReportParams } from './desk-parts.ts';
import { answerBlind, takeBlind } from './read-blind.ts';
import { shippedRuling, versionOf } from './rules/urgency.ts';
import { wilsonInterval } from './rules/wilson.ts';
import { setOrder } from './set-order.ts';
import { countSample } from './store-blind.ts';
import { countCorrections, countLooks, readOrder, readWaits } from './store-settings.ts';
import { takeNext } from './take-next.ts';

const OrderQuery = Type.Object({ environment: Type.Optional(Environment) });
const FiguresQuery = Type.Object({
  environment: Type.Optional(Environment),
  days: Type.Optional(Type.Integer({ minimum: 1, maximum: 31 })),
});

const dayMs = 24 * 60 * 60 * 1000;
const usualDays = 7;
const mostReasons = 5;

/** The order of looks. Paths are relative to `/v1`. */
export const orderRoutes: readonly Route[] = [
  defineRoute({
    method: 'POST',
    path: '/desk/next',
    permission: 'report:decide',
    audit: 'take-next',
    summary: 'Take the next report of the order, with the sentence why it is next',
    body: NextBody,
    reply: NextReply,
    handle: async (ctx, { body }) => {
      const next = await takeNext(named(ctx), { environment: body.environment ?? 'production' });
      if (next === undefined) return { body: {} satisfies NextReply };
      const report = {
        ...next,
        reasons: next.reasons.slice(0, mostReasons).map(({ code, sentence }) => ({ code, sentence })),
        leaseEndsAt: next.leaseEndsAt.toISOString(),
      };
      const subject = subjectOf(next.reportId);
      return {
        body: { report } satisfies NextReply,
        subject,
        why: `decision on ${subject}`,
        details: { lane: next.lane, number: next.number, urgency: next.urgency },
      };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/desk/reports/:reportId/urgency',
    permission: 'report:decide',
    audit: 'correct-urgency',
    summary: 'Set the urgency that a person sees, with a reason; the rules no longer move the report',
    params: ReportParams,
    body: UrgencyBody,
    reply: CorrectedReply,
    handle: async (ctx, { params, body }) => {
      const urgency = body.urgency as 1 | 2 | 3 | 4;
      const input = { reportId: idOf(params.reportId), urgency, reason: body.reason };
      const corrected = await correctUrgency(named(ctx), input);
      const subject = subjectOf(corrected.reportId);
      return {
        body: corrected,
        subject,
        why: `decision on ${subject}`,
        details: { urgency, rulesUrgency: corrected.rulesUrgency },
      };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/desk/blind',
    permission: 'report:decide',
    audit: 'take-blind',
    summary:
      'Take a report of the blind sample: its page shows nothing of what the rules said until it is answered',
    body: NextBody,
    reply: BlindReply,
    handle: async (ctx, { body }) => {
      const reportId = await takeBlind(named(ctx), { environment: body.environment ?? 'production' });
      if (reportId === undefined) return { body: {} satisfies BlindReply };
      const subject = subjectOf(reportId);
      return { body: { reportId } satisfies BlindReply, subject, why: `blind reading of ${subject}` };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/desk/reports/:reportId/blind',
    permission: 'report:decide',
    audit: 'answer-blind',
    summary: 'Say how urgent a report of the blind sample is, with a reason; then the rules are shown',
    params: ReportParams,
    body: UrgencyBody,
    reply: BlindAnsweredReply,
    handle: async (ctx, { params, body }) => {
      const [reportId, urgency] = [idOf(params.reportId), body.urgency as 1 | 2 | 3 | 4];
      const { rulesUrgency } = await answerBlind(named(ctx), { reportId, urgency, reason: body.reason });
      const subject = subjectOf(reportId);
      return {
        body: { reportId, urgency, rulesUrgency } satisfies BlindAnsweredReply,
        subject,
        why: `blind reading of ${subject}`,
        details: { urgency, rulesUrgency },
      };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/desk/order',
    permission: 'line:read',
    audit: 'read-order',
    summary: 'How looks are shared, and the bar of this week',
    query: OrderQuery,
    reply: OrderReply,
    handle: async (ctx, { query }) => ({ body: await orderReply(ctx, query.environment ?? 'production') }),
  }),
  defineRoute({
    method: 'PUT',
    path: '/desk/order',
    permission: 'order:set',
    audit: 'set-order',
    summary:
      'Set the share of looks for those who waited longest, and how long a report is held, with a reason',
    body: OrderBody,
    reply: OrderReply,
    handle: async (ctx, { body }) => {
      const environment = body.environment ?? 'production';
      const { waitingShare, leaseMinutes, reason } = body;
      await setOrder(named(ctx), { environment, waitingShare, leaseMinutes, reason });
      return {
        body: await orderReply(ctx, environment),
        details: { environment, waitingShare, leaseMinutes },
      };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/desk/order/figures',
    permission: 'status:read',
    audit: 'read-order-figures',
    summary: 'Waits until the first look by class, looks by lane, and how often people correct the rules',
    query: FiguresQuery,
    reply: OrderFiguresReply,
    handle: async (ctx, { query }) => ({
      body: await figuresReply(ctx, query.environment ?? 'production', query.days ?? usualDays),
    }),
  }),
];

async function orderReply(ctx: Ctx, environment: Environment): Promise<OrderReply> {
  const row = await readOrder(ctx.tx.db, environment);
  return {
    environment,
    waitingShare: row.waitingShare,
    leaseMinutes: row.leaseMinutes,
    ...(row.setBy !== null && { setBy: { id: row.setBy, name: row.setByName ?? row.setBy } }),
    ...(row.setAt !== null && { setAt: row.setAt.toISOString() }),
    ...(row.setWhy !== null && { setWhy: row.setWhy }),
    ...(row.bar !== null && { bar: row.bar }),
    ...(row.barSetAt !== null && { barSetAt: row.barSetAt.toISOString() }),
    ...(row.arrivals !== null && { arrivals: row.arrivals }),
    ...(row.looks !== null && { looks: row.looks }),
    rulesVersion: versionOf(shippedRuling),
  };
}

async function figuresReply(ctx: Ctx, environment: Environment, days: number): Promise<OrderFiguresReply> {
  const { now, tx } = ctx;
  const since = new Date(now.getTime() - days * dayMs);
  const waits = await readWaits(tx.db, environment, since, now);
  const { reports: ofLooks, ...looks } = await countLooks(tx.db, environment, since);
  const byChange = await countCorrections(tx.db, environment, since);
  const sample = await countSample(tx.db, environment, since);
  const reports = byChange.reduce((sum, { count }) => sum + count, 0);
  return {
    environment,
    since: since.toISOString(),
    classes: waits.map(({ urgency, arrivals, seen, ...minutes }) => ({
      urgency,
      arrivals,
      seen,
      ...(minutes.medianMinutes !== null && { medianMinutes: minutes.medianMinutes }),
      ...(minutes.p90Minutes !== null && { p90Minutes: minutes.p90Minutes }),
      ...(minutes.p99Minutes !== null && { p99Minutes: minutes.p99Minutes }),
      ...(minutes.worstMinutes !== null && { worstMinutes: minutes.worstMinutes }),
    })),
    looks,
    blind: {
      ...sample,
      ...(sample.read > 0 && { rate: sample.missed / sample.read }),
      ...wilsonInterval(sample.missed, sample.read),
    },
    corrections: {
      reports,
      ofLooks,
      ...(ofLooks > 0 && { rate: reports / ofLooks }),
      byChange: [...byChange],
    },
  };
}
