import { type Static, Type } from 'typebox';
import { PageOf, Time } from '#contract/shapes';

/** How long reports are kept, what is held, and what was destroyed. All paths under `/v1/desk`. */

const Profile = Type.Enum(['cybertip', 'uk']);

const Schedule = Type.Object({
  profile: Profile,
  version: Type.Integer(),
  basis: Type.String(),
  source: Type.String(),
  contentMonths: Type.Integer(),
  referenceMonths: Type.Integer(),
  isStanding: Type.Boolean({ description: 'whether what is due is destroyed without asking people again' }),
  since: Time,
  setBy: Type.String(),
  isCurrent: Type.Boolean(),
});

/** `GET /retention` */
export const RetentionReply = Type.Object({
  schedules: Type.Array(Schedule),
  /** Exact up to `mostCounted`. */
  due: Type.Object({
    due: Type.Integer(),
    ready: Type.Integer(),
    held: Type.Integer(),
    undecided: Type.Integer(),
    mostCounted: Type.Integer(),
  }),
  erasures: Type.Object({
    approved: Type.Integer(),
    erased: Type.Integer(),
    certified: Type.Integer(),
    stopped: Type.Integer(),
  }),
});
export type RetentionReply = Static<typeof RetentionReply>;

export const DueReport = Type.Object({
  reportId: Type.String(),
  reference: Type.String(),
  profile: Profile,
  basis: Type.String(),
  filedAt: Time,
  dueAt: Time,
  standing: Type.Enum(['ready', 'proposed', 'approved', 'held', 'undecided']),
});
export type DueReport = Static<typeof DueReport>;
/** `GET /retention/due?only=ready|all&limit=&cursor=`, the oldest first. */
export const DueListReply = PageOf(DueReport);
export type DueListReply = Static<typeof DueListReply>;

export const Hold = Type.Object({
  id: Type.String(),
  reportId: Type.String(),
  reason: Type.String(),
  caseReference: Type.String(),
  placedBy: Type.Object({ id: Type.String(), name: Type.String() }),
  placedAt: Time,
  reviewAt: Time,
  isReviewDue: Type.Boolean(),
  liftedAt: Type.Optional(Time),
  liftedBy: Type.Optional(Type.String()),
});
export type Hold = Static<typeof Hold>;
/** `GET /retention/holds?limit=&cursor=`: those that stand, to be reviewed soonest first. */
export const HoldListReply = PageOf(Hold);
export type HoldListReply = Static<typeof HoldListReply>;
const Line = (shortest: number, longest: number) =>
  Type.String({ minLength: shortest, maxLength: longest, pattern: '^[^\\u0000-\\u001f\\u007f]*$' });
/** `POST /reports/:reportId/holds` */
export const HoldBody = Type.Object({
  reason: Line(3, 500),
  caseReference: Line(1, 100),
  reviewAt: Type.String({ format: 'date-time', maxLength: 40 }),
});
export type HoldBody = Static<typeof HoldBody>;

export const Erasure = Type.Object({
  id: Type.String(),
  reportId: Type.String(),
  state: Type.Enum(['approved', 'erased', 'certified', 'stopped']),
  ground: Type.Enum(['schedule', 'order']),
  basis: Type.String(),
  dueAt: Time,
  approvedAt: Time,
  approvedBy: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      at: Time,
      part: Type.Enum(['asked', 'approved', 'set-schedule']),
    }),
  ),
  erasedAt: Type.Optional(Time),
  certifiedAt: Type.Optional(Time),
});
export type Erasure = Static<typeof Erasure>;
/** `GET /retention/erasures?limit=&cursor=`, the newest first. */
export const ErasureListReply = PageOf(Erasure);
export type ErasureListReply = Static<typeof ErasureListReply>;

/** `GET /reports/:reportId/retention`: where one report stands. */
export const ReportRetention = Type.Object({
  reportId: Type.String(),
  basis: Type.String(),
  source: Type.String(),
  dueAt: Time,
  referenceUntil: Time,
  standing: Type.Enum(['erased', 'approved', 'held', 'kept', 'undecided', 'ready']),
  holds: Type.Array(Hold),
  erasure: Type.Optional(Erasure),
  can: Type.Object({ hold: Type.Boolean(), ask: Type.Boolean() }),
});
export type ReportRetention = Static<typeof ReportRetention>;

/** `GET /reports/:reportId/certificate`: the signed certificate (JWS) as text. */
