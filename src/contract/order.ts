import { type Static, Type } from 'typebox';
import { Environment, PersonRef, Time } from '#contract/shapes';
import { Lane, Reason, Urgency } from './urgency.ts';

/** The order of looks: what to open next and why, who sets it, and how well it does. All paths under `/v1/desk`. */

/** `POST /v1/desk/next`: takes the next report of the order for whoever asks. */
export const NextBody = Type.Object({ environment: Type.Optional(Environment) });
export type NextBody = Static<typeof NextBody>;

/** Without `report` nothing waits. */
export const NextReply = Type.Object({
  report: Type.Optional(
    Type.Object({
      reportId: Type.String(),
      lane: Lane,
      number: Type.Integer({ description: 'turn of the order' }),
      urgency: Urgency,
      score: Type.Number(),
      sentence: Type.String({ description: 'why this one, and why now' }),
      reasons: Type.Array(Reason, { description: 'the most urgent first, at most five' }),
      leaseEndsAt: Time,
    }),
  ),
});
export type NextReply = Static<typeof NextReply>;

/** `GET /v1/desk/order?environment=` and what `PUT` answers. */
export const OrderReply = Type.Object({
  environment: Environment,
  waitingShare: Type.Number({ description: 'share of looks that goes to those who waited longest; never 0' }),
  leaseMinutes: Type.Integer(),
  setBy: Type.Optional(PersonRef),
  setAt: Type.Optional(Time),
  setWhy: Type.Optional(Type.String()),
  bar: Type.Optional(
    Type.Number({
      description: 'rank below which urgency gives its look away; absent while all can be reached',
    }),
  ),
  barSetAt: Type.Optional(Time),
  arrivals: Type.Optional(Type.Integer({ description: 'of the days that the bar was set from' })),
  looks: Type.Optional(Type.Integer()),
  rulesVersion: Type.String(),
});
export type OrderReply = Static<typeof OrderReply>;

/** `PUT /v1/desk/order`: for supervisors. */
export const OrderBody = Type.Object({
  environment: Type.Optional(Environment),
  waitingShare: Type.Number({ minimum: 0.01, maximum: 0.9 }),
  leaseMinutes: Type.Integer({ minimum: 5, maximum: 480 }),
  reason: Type.String({ minLength: 3, maxLength: 2000, pattern: '^[^\\u0000]*$' }),
});
export type OrderBody = Static<typeof OrderBody>;

/** `POST /v1/desk/reports/:reportId/urgency`. */
export const UrgencyBody = Type.Object({
  urgency: Urgency,
  reason: Type.String({ minLength: 3, maxLength: 2000, pattern: '^[^\\u0000]*$' }),
});
export type UrgencyBody = Static<typeof UrgencyBody>;

export const CorrectedReply = Type.Object({
  reportId: Type.String(),
  urgency: Urgency,
  rulesUrgency: Urgency,
});
export type CorrectedReply = Static<typeof CorrectedReply>;

/** `POST /v1/desk/blind`: takes a report of the blind sample; without `reportId` none waits. */
export const BlindReply = Type.Object({ reportId: Type.Optional(Type.String()) });
export type BlindReply = Static<typeof BlindReply>;

/** `POST /v1/desk/reports/:reportId/blind` `UrgencyBody`: how urgent it was found without knowing what the rules said. */
export const BlindAnsweredReply = Type.Object({
  reportId: Type.String(),
  urgency: Urgency,
  rulesUrgency: Urgency,
});
export type BlindAnsweredReply = Static<typeof BlindAnsweredReply>;

/** `GET /v1/desk/order/figures?environment=&days=`: how well the order does. Counts, nobody's names. */
export const OrderFiguresReply = Type.Object({
  environment: Environment,
  since: Time,
  /** By class: reports that came, first looks, and minutes until them; who is still unseen counts with the wait so far. */
  classes: Type.Array(
    Type.Object({
      urgency: Urgency,
      arrivals: Type.Integer(),
      seen: Type.Integer(),
      medianMinutes: Type.Optional(Type.Number()),
      p90Minutes: Type.Optional(Type.Number()),
      p99Minutes: Type.Optional(Type.Number()),
      worstMinutes: Type.Optional(Type.Number()),
    }),
  ),
  looks: Type.Object({
    byUrgency: Type.Integer(),
    byDeadline: Type.Integer(),
    byWaiting: Type.Integer(),
    chosen: Type.Integer(),
  }),
  /** The blind sample of the lowest class, read within these days. */
  blind: Type.Object({
    waiting: Type.Integer(),
    read: Type.Integer(),
    missed: Type.Integer({ description: 'found more urgent than routine by a person' }),
    rate: Type.Optional(Type.Number()),
    from: Type.Number({ description: 'lower end of the 95 % interval (Wilson)' }),
    to: Type.Number({ description: 'upper end' }),
  }),
  corrections: Type.Object({
    reports: Type.Integer({ description: 'reports of which the standing urgency is a person’s' }),
    ofLooks: Type.Integer({ description: 'reports looked at in the same days' }),
    rate: Type.Optional(Type.Number()),
    byChange: Type.Array(Type.Object({ from: Urgency, to: Urgency, count: Type.Integer() })),
  }),
});
export type OrderFiguresReply = Static<typeof OrderFiguresReply>;
