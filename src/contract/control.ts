import { type Static, Type } from 'typebox';
import { PageOf, PersonRef, Time } from '#contract/shapes';

/** Two-person control, emergency access and what waits for whoever is signed in. All paths under `/v1/desk`. */

const ShortNote = Type.String({
  minLength: 3,
  maxLength: 500,
  pattern: '^[^\\u0000-\\u0009\\u000b-\\u001f\\u007f]*$',
});

const ControlledDeedItem = Type.Object({
  name: Type.String(),
  people: Type.Integer({
    description: 'how many different named people have to agree, a person who asks among them',
  }),
  permission: Type.String(),
  heldBy: Type.Array(Type.String()),
  /** JSON Schema of the input. */
  input: Type.Unknown(),
});
/** `GET /v1/desk/controlled-deeds` */
export const ControlledDeedsReply = Type.Object({ items: Type.Array(ControlledDeedItem) });
export type ControlledDeedsReply = Static<typeof ControlledDeedsReply>;

const proposalStates = ['open', 'done', 'declined', 'withdrawn', 'expired'] as const;
const ProposalState = Type.Enum([...proposalStates]);

export const Proposal = Type.Object({
  id: Type.String(),
  deed: Type.String(),
  sentence: Type.String({ description: 'what happens when it is approved' }),
  reason: Type.String(),
  input: Type.Unknown(),
  digest: Type.String({ description: 'SHA-256 of what is asked for; an approval names it' }),
  people: Type.Integer(),
  /** How many more people have to approve. */
  needed: Type.Integer(),
  permission: Type.String(),
  askedBy: Type.Object({ kind: Type.Enum(['staff', 'system']), id: Type.String(), name: Type.String() }),
  askedAt: Time,
  expiresAt: Time,
  state: ProposalState,
  endedAt: Type.Optional(Time),
  votes: Type.Array(
    Type.Object({
      by: PersonRef,
      vote: Type.Enum(['approve', 'decline']),
      at: Time,
      note: Type.Optional(Type.String()),
    }),
  ),
  result: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  /** What the reader may do now. */
  can: Type.Object({ vote: Type.Boolean(), withdraw: Type.Boolean() }),
});
export type Proposal = Static<typeof Proposal>;

/** `GET /v1/desk/proposals?state=open|ended|all&limit=&cursor=`, newest first: those that concern the reader. */
export const ProposalListReply = PageOf(Proposal);
export type ProposalListReply = Static<typeof ProposalListReply>;

/** `POST /v1/desk/proposals` */
export const ProposalBody = Type.Object({
  deed: Type.String({ minLength: 1, maxLength: 60 }),
  input: Type.Record(Type.String(), Type.Unknown()),
  reason: ShortNote,
});
export type ProposalBody = Static<typeof ProposalBody>;

/** `POST /v1/desk/proposals/:proposalId/approval` and `/decline`; `/withdrawal` takes `{}`. */
const Digest = Type.String({ pattern: '^[0-9a-f]{64}$' });
export const ApprovalBody = Type.Object({ digest: Digest });
export type ApprovalBody = Static<typeof ApprovalBody>;
export const DeclineBody = Type.Object({ digest: Digest, note: ShortNote });
export type DeclineBody = Static<typeof DeclineBody>;

/** One use of emergency access. */
export const Emergency = Type.Object({
  id: Type.String(),
  kind: Type.Enum(['report', 'sign-in']),
  by: PersonRef,
  reportId: Type.Optional(Type.String()),
  reason: Type.String(),
  openedAt: Time,
  endsAt: Time,
  endedAt: Type.Optional(Time),
  reviewBy: Time,
  isOverdue: Type.Boolean(),
  review: Type.Optional(
    Type.Object({
      by: PersonRef,
      at: Time,
      verdict: Type.Enum(['justified', 'not-justified']),
      note: Type.Optional(Type.String()),
    }),
  ),
  /** How often a report was opened or changed under it. */
  acts: Type.Integer(),
  canReview: Type.Boolean(),
});
export type Emergency = Static<typeof Emergency>;

/** `GET /v1/desk/emergencies?state=unreviewed|all&limit=&cursor=` */
export const EmergencyListReply = PageOf(Emergency);
export type EmergencyListReply = Static<typeof EmergencyListReply>;

/** `POST /v1/desk/emergencies` opens one report to whoever is signed in, for a while. */
export const EmergencyBody = Type.Object({
  reportId: Type.String({ pattern: '^[1-9][0-9]{0,17}$' }),
  reason: Type.String({ minLength: 10, maxLength: 500, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }),
});
export type EmergencyBody = Static<typeof EmergencyBody>;
export const EmergencyReply = Type.Object({
  id: Type.String(),
  reportId: Type.String(),
  endsAt: Time,
  reviewBy: Time,
});
export type EmergencyReply = Static<typeof EmergencyReply>;

/** `POST /v1/desk/emergencies/:emergencyId/review` */
export const EmergencyReviewBody = Type.Object({
  verdict: Type.Enum(['justified', 'not-justified']),
  note: ShortNote,
});
export type EmergencyReviewBody = Static<typeof EmergencyReviewBody>;

/** `POST /v1/session/emergency`: a printed code and why it is needed; answers like every other sign-in. */
export const EmergencySignInBody = Type.Object({
  code: Type.String({ minLength: 20, maxLength: 60 }),
  reason: Type.String({ minLength: 10, maxLength: 500, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }),
});
export type EmergencySignInBody = Static<typeof EmergencySignInBody>;

/** `POST /v1/desk/staff/:staffId/emergency-codes`, for the machine only: earlier codes of the person stop working. */
export const EmergencyCodesReply = Type.Object({
  id: Type.String(),
  name: Type.String(),
  codes: Type.Array(Type.String()),
});
export type EmergencyCodesReply = Static<typeof EmergencyCodesReply>;

/** `GET /v1/desk/notices`: what waits for whoever is signed in; the console asks every few seconds. */
export const NoticesReply = Type.Object({
  /** Open proposals that the reader may vote on. */
  approvals: Type.Integer(),
  /** Open proposals that the reader asked for. */
  asked: Type.Integer(),
  /** Emergency access that the reader has open. */
  own: Type.Array(Type.Object({ id: Type.String(), reportId: Type.Optional(Type.String()), endsAt: Time })),
  /** For supervisors: emergency access that is not reviewed yet, the newest first, up to ten; `unreviewed` counts all. */
  emergencies: Type.Array(
    Type.Object({
      id: Type.String(),
      kind: Type.Enum(['report', 'sign-in']),
      by: PersonRef,
      reportId: Type.Optional(Type.String()),
      openedAt: Time,
      reviewBy: Time,
      isOverdue: Type.Boolean(),
    }),
  ),
  unreviewed: Type.Integer(),
});
export type NoticesReply = Static<typeof NoticesReply>;
