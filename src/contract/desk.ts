import { type Static, Type } from 'typebox';
import { Environment, PageOf, PersonRef, ProviderRef, Time } from '#contract/shapes';
import { CorrectionRecord, LookRecord, RankChange, Reason, Urgency, UrgencyReason } from './urgency.ts';

export { Reason, Urgency } from './urgency.ts';

/** What staff see and do: the line of waiting reports, one report's brief, and decisions. All paths under `/v1/desk`. */

export const urgencyLabels = ['Urgent 1', 'Urgent 2', 'Urgent 3', 'Routine'] as const;

export const deskStates = ['waiting', 'taken', 'decided'] as const;
export const DeskState = Type.Enum([...deskStates]);
export type DeskState = Static<typeof DeskState>;

const decisionKinds = ['refer', 'informational', 'needs-information', 'not-a-matter'] as const;
export const DecisionKind = Type.Enum([...decisionKinds]);
export type DecisionKind = Static<typeof DecisionKind>;

/**
 * Why a report is informational, in the words of the definition used by the US clearinghouse (OJJDP/NCMEC
 * Transparency Report CY 2023); kept as codes so that statistics can count them.
 */
export const informationalReasons = [
  'severely-limited-information',
  'no-location-derivable',
  'frequently-seen-non-malicious',
] as const;

/**
 * `GET /v1/desk/line?state=&environment=&urgency=&provider=&q=&order=urgent|newest|oldest&limit=&cursor=`
 * `environment` is production unless said; without `state` all three. `q` is a report's number or reference, or the
 * beginning of a service's name.
 */
export const LineEntry = Type.Object({
  reportId: Type.String(),
  reference: Type.String({ description: 'unique reference (URN) given at filing' }),
  provider: ProviderRef,
  urgency: Urgency,
  urgencyReasons: Type.Array(Reason),
  completeness: Type.Number({
    minimum: 0,
    maximum: 1,
    description: 'share of the useful facts that were sent; never an urgency',
  }),
  incidentType: Type.String(),
  incidentAt: Time,
  filedAt: Time,
  incidents: Type.Integer(),
  files: Type.Integer(),
  state: DeskState,
  takenBy: Type.Optional(PersonRef),
  decision: Type.Optional(DecisionKind),
  duplicateOf: Type.Optional(
    Type.String({ description: 'report id of the same document and files sent earlier' }),
  ),
  isSynthetic: Type.Boolean(),
});
export type LineEntry = Static<typeof LineEntry>;

export const LineReply = Type.Object({
  ...PageOf(LineEntry).properties,
  /** Counts for the filter in use, as of this answer. */
  counts: Type.Object({ waiting: Type.Integer(), taken: Type.Integer(), decided: Type.Integer() }),
  /** Marks the newest change that this answer includes; the live stream names later ones. */
  asOf: Time,
});
export type LineReply = Static<typeof LineReply>;

/**
 * `GET /v1/desk/live` is a server-sent event stream. Each `line` event says only that the line changed, with
 * counts; the screen decides when to reload, so nothing jumps under the reader's hand.
 */
export const LiveTick = Type.Object({
  waiting: Type.Integer(),
  urgent: Type.Integer(),
  newestFiledAt: Type.Optional(Time),
});
export type LiveTick = Static<typeof LiveTick>;

export const BriefIdentifier = Type.Object({
  kind: Type.String(),
  value: Type.String(),
  path: Type.String({ description: 'where it stands in the document that was sent' }),
  line: Type.Optional(Type.Integer()),
  attributes: Type.Record(Type.String(), Type.String()),
});
export type BriefIdentifier = Static<typeof BriefIdentifier>;

export const BriefParty = Type.Object({
  role: Type.String(),
  path: Type.String(),
  identifiers: Type.Array(BriefIdentifier),
});
export type BriefParty = Static<typeof BriefParty>;

/** Everything that was sent, in order. `children` are of the same shape. */
export interface SentNode {
  name: string;
  line?: number;
  value?: string;
  attributes?: Record<string, string>;
  children?: SentNode[];
}
export const SentNode = Type.Unsafe<SentNode>(
  Type.Object({ name: Type.String() }, { additionalProperties: true }),
);

/** What the bureau found by looking at the bytes; absent while nobody did. */
export const BriefFingerprint = Type.Object({
  state: Type.Enum(['done', 'not-a-picture', 'not-sampled', 'unreadable', 'killed-decoder']),
  reason: Type.Optional(Type.String({ description: 'why there is no fingerprint' })),
  width: Type.Optional(Type.Integer()),
  height: Type.Optional(Type.Integer()),
  frames: Type.Optional(Type.Integer()),
  isPartial: Type.Boolean({ description: 'part of the picture is missing; what is there was hashed' }),
  pdq: Type.Optional(Type.String({ description: '64 hex digits, as seen on white' })),
  quality: Type.Optional(Type.Integer({ description: '0 to 100; below 50 nothing is matched' })),
  firstSeenAt: Type.String({ description: 'when these bytes came to the bureau for the first time' }),
  /** What the file says of itself; believed by nobody. */
  facts: Type.Array(Type.Object({ name: Type.String(), value: Type.String(), source: Type.String() })),
});
export type BriefFingerprint = Static<typeof BriefFingerprint>;

export const BriefFile = Type.Object({
  fileId: Type.String(),
  position: Type.Integer(),
  md5: Type.String(),
  sha1: Type.String(),
  sha256: Type.String(),
  sizeBytes: Type.Number(),
  mediaType: Type.Optional(Type.String({ description: 'from the content, not from the name' })),
  originalFileName: Type.Optional(Type.String()),
  uploadName: Type.Optional(Type.String({ description: 'the name that the upload itself carried' })),
  receivedAt: Time,
  relevance: Type.Optional(Type.String()),
  isViewedByProvider: Type.Optional(Type.Boolean()),
  annotations: Type.Array(Type.String()),
  industryClassification: Type.Optional(Type.String()),
  isPubliclyAvailable: Type.Optional(Type.Boolean()),
  /** What was said of this file that other reports can have in common. */
  identifiers: Type.Array(BriefIdentifier),
  /** The file's details as they were sent; absent where none were. */
  sent: Type.Optional(SentNode),
  /** How many other reports hold the same bytes, counted up to 1,000. */
  otherReports: Type.Integer(),
  sealState: Type.Enum(['sealed', 'verified', 'damaged', 'destroyed']),
  verifiedAt: Type.Optional(Time),
  fingerprint: Type.Optional(BriefFingerprint),
});
export type BriefFile = Static<typeof BriefFile>;

export const DecisionRecord = Type.Object({
  id: Type.String(),
  kind: DecisionKind,
  reason: Type.Optional(Type.String()),
  by: PersonRef,
  at: Time,
  undoneAt: Type.Optional(Time),
  undoneBy: Type.Optional(PersonRef),
  undoneWhy: Type.Optional(Type.String({ description: 'the reason given when the report was reopened' })),
});
export type DecisionRecord = Static<typeof DecisionRecord>;

/** `GET /v1/desk/reports/:reportId`; also what `firstlight report show ID --json` prints. */
export const Brief = Type.Object({
  reportId: Type.String(),
  reference: Type.String({ description: 'empty until the report is filed' }),
  provider: ProviderRef,
  door: Type.Enum(['ispws', 'v1']),
  profile: Type.Enum(['cybertip', 'uk']),
  reportState: Type.Enum(['open', 'filed', 'retracted', 'expired']),
  state: Type.Optional(DeskState),
  openedAt: Time,
  filedAt: Type.Optional(Time),
  /** Since when nothing is left of what was sent; see `GET /v1/desk/reports/:reportId/retention`. */
  erasedAt: Type.Optional(Time),
  incidentType: Type.String(),
  incidentAt: Time,
  platform: Type.Optional(Type.String()),
  escalation: Type.Optional(Type.String()),
  declaredPriority: Type.Optional(Type.Integer()),
  annotations: Type.Array(Type.String()),
  batchReason: Type.Optional(Type.String()),
  isSynthetic: Type.Boolean(),
  /** What a person set, if anybody did, else what the rules say. */
  urgency: Type.Optional(Urgency),
  rulesUrgency: Type.Optional(Urgency),
  urgencyReasons: Type.Array(UrgencyReason),
  /** The reader was given it from the blind sample: what the rules said is left out until they have answered. */
  isBlind: Type.Optional(Type.Boolean()),
  /** What people said instead of the rules, the newest last; at most a hundred. */
  corrections: Type.Array(CorrectionRecord),
  /** What the rules said differently from before, the newest last; at most a hundred. */
  rankChanges: Type.Array(RankChange),
  /** Why and when it was last opened. */
  look: Type.Optional(LookRecord),
  /** When records that others keep are expected to be deleted. */
  dataExpiresAt: Type.Optional(Time),
  completeness: Type.Optional(
    Type.Object({
      share: Type.Number(),
      present: Type.Array(Reason),
      missing: Type.Array(Reason),
      rulesVersion: Type.String(),
    }),
  ),
  incidents: Type.Integer(),
  /** The first thousand parties; `partyCount` is their total. Identifiers of no party stand under the role `report`. */
  parties: Type.Array(BriefParty),
  partyCount: Type.Integer(),
  files: Type.Array(BriefFile),
  /** Total of files; `files` holds the first thousand. */
  fileCount: Type.Integer(),
  sent: SentNode,
  documentSha256: Type.String(),
  warnings: Type.Array(Type.Object({ element: Type.String(), rule: Type.String(), message: Type.String() })),
  duplicateOf: Type.Optional(Type.String()),
  duplicates: Type.Array(Type.String({ description: 'report ids of later identical filings' })),
  priorReports: Type.Array(Type.String()),
  takenBy: Type.Optional(PersonRef),
  takenAt: Type.Optional(Time),
  /** Until when it is held for whoever took it. */
  leaseEndsAt: Type.Optional(Time),
  decisions: Type.Array(DecisionRecord),
  /** What the reader may do now; the server decides, the screen shows. */
  can: Type.Object({
    take: Type.Boolean(),
    release: Type.Boolean(),
    decide: Type.Boolean(),
    undo: Type.Boolean(),
    reopen: Type.Boolean(),
    correct: Type.Boolean(),
    seeAudit: Type.Boolean(),
  }),
  undoUntil: Type.Optional(Time),
});
export type Brief = Static<typeof Brief>;

/** `POST /v1/desk/reports/:reportId/take` `{}` , `/release` `{}`, `/undo` `{}`; each answers DeskReply. */
/** `POST /v1/desk/reports/:reportId/decision` */
const Reasoning = Type.String({ minLength: 3, maxLength: 2000, pattern: '^[^\\u0000]*$' });
export const DecisionBody = Type.Object({ kind: DecisionKind, reason: Type.Optional(Reasoning) });
export type DecisionBody = Static<typeof DecisionBody>;

/** `POST /v1/desk/reports/:reportId/reopen` */
export const ReopenBody = Type.Object({ reason: Reasoning });
export type ReopenBody = Static<typeof ReopenBody>;

export const DeskReply = Type.Object({
  reportId: Type.String(),
  state: DeskState,
  takenBy: Type.Optional(PersonRef),
  decision: Type.Optional(DecisionKind),
  undoUntil: Type.Optional(Time),
});
export type DeskReply = Static<typeof DeskReply>;

/**
 * `GET /v1/desk/reports?environment=&state=open|filed|retracted|expired&provider=&limit=&cursor=`, newest first;
 * `firstlight report list --json`. Without `environment` it lists both, each item naming its own.
 */
export const ReportListItem = Type.Object({
  reportId: Type.String(),
  reference: Type.String({ description: 'empty until the report is filed' }),
  provider: ProviderRef,
  state: Type.Enum(['open', 'filed', 'retracted', 'expired']),
  deskState: Type.Optional(DeskState),
  urgency: Type.Optional(Urgency),
  completeness: Type.Optional(Type.Number()),
  incidentType: Type.String(),
  openedAt: Time,
  filedAt: Type.Optional(Time),
  files: Type.Integer(),
  incidents: Type.Integer(),
  duplicateOf: Type.Optional(Type.String()),
  isSynthetic: Type.Boolean(),
});
export type ReportListItem = Static<typeof ReportListItem>;
export const ReportListReply = PageOf(ReportListItem);
export type ReportListReply = Static<typeof ReportListReply>;

/**
 * `GET /v1/desk/reports/:reportId/audit?limit=&cursor=` (custody of its files included) and
 * `GET /v1/desk/audit?subject=&actor=&action=&outcome=&order=oldest|newest&limit=&cursor=`: newest last unless asked.
 */
export const AuditRow = Type.Object({
  id: Type.String(),
  at: Time,
  actor: Type.Object({
    kind: Type.Enum(['staff', 'provider', 'system', 'anonymous']),
    id: Type.String(),
    name: Type.String(),
  }),
  action: Type.String(),
  outcome: Type.Enum(['done', 'refused', 'failed']),
  code: Type.Optional(Type.String()),
  subject: Type.Optional(Type.String({ description: 'kind:id' })),
  why: Type.Optional(Type.String()),
  requestId: Type.Optional(Type.String()),
});
export type AuditRow = Static<typeof AuditRow>;
export const AuditReply = PageOf(AuditRow);
export type AuditReply = Static<typeof AuditReply>;

/** `GET /v1/desk/status`; `firstlight status --json`. */
export const StatusReply = Type.Object({
  bureau: Type.String(),
  version: Type.String(),
  isDemonstration: Type.Boolean(),
  reports: Type.Object({
    open: Type.Integer(),
    filed: Type.Integer(),
    retracted: Type.Integer(),
    expired: Type.Integer(),
  }),
  desk: Type.Object({
    waiting: Type.Integer(),
    taken: Type.Integer(),
    decided: Type.Integer(),
    oldestWaitingAt: Type.Optional(Time),
  }),
  files: Type.Object({ records: Type.Integer(), seals: Type.Integer(), sizeBytes: Type.Number() }),
  jobs: Type.Object({ waiting: Type.Integer(), running: Type.Integer(), needAttention: Type.Integer() }),
  /** Sealed entries of the audit log, and rows that wait to be sealed (counted up to 100,000). */
  auditLog: Type.Optional(
    Type.Object({ size: Type.Integer(), pending: Type.Integer(), sealedAt: Type.Optional(Time) }),
  ),
  environment: Type.Optional(Environment),
});
export type StatusReply = Static<typeof StatusReply>;
