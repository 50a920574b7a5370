import { type Static, Type } from 'typebox';
import { PersonRef, Time } from '#contract/shapes';

/** How urgent a report is, who says so, and where that was seen. */

/** 1 is opened before everything else; 4 is routine. */
export const Urgency = Type.Integer({ minimum: 1, maximum: 4 });

/** Why a machine said something, in words a court can read. */
export const Reason = Type.Object({ code: Type.String(), sentence: Type.String() });
export type Reason = Static<typeof Reason>;

/** Why a report was opened: in its turn of the order by one of three lanes, or `chosen` by hand. */
export const Lane = Type.Enum(['by-urgency', 'by-deadline', 'by-waiting', 'chosen']);
export type Lane = Static<typeof Lane>;

/** Where a fact was seen: a field, an annotation, a text with the words found, other reports, or a deadline. */
export const Evidence = Type.Object({
  kind: Type.Enum(['field', 'annotation', 'text', 'reports', 'deadline']),
  where: Type.Optional(Type.String()),
  line: Type.Optional(Type.Integer()),
  quote: Type.Optional(Type.String({ description: 'the words found, with what stands around them' })),
  isQuoted: Type.Optional(Type.Boolean({ description: 'the words stand between quotation marks' })),
  count: Type.Optional(Type.Integer({ description: 'how many earlier reports, counted up to a bound' })),
  at: Type.Optional(Time),
});
export type Evidence = Static<typeof Evidence>;

export const UrgencyReason = Type.Object({
  ...Reason.properties,
  class: Type.Optional(Urgency),
  points: Type.Optional(Type.Number({ description: 'share of what is open above it that the reason fills' })),
  evidence: Type.Optional(Type.Array(Evidence)),
});
export type UrgencyReason = Static<typeof UrgencyReason>;

/** What people said instead of the rules, the newest last. */
export const CorrectionRecord = Type.Object({
  urgency: Urgency,
  rulesUrgency: Urgency,
  reason: Type.Optional(Type.String()),
  by: PersonRef,
  at: Time,
});
export type CorrectionRecord = Static<typeof CorrectionRecord>;

/** What the rules said differently from before. */
export const RankChange = Type.Object({
  at: Time,
  fromUrgency: Urgency,
  toUrgency: Urgency,
  came: Type.Array(Type.String({ description: 'code of a reason' })),
  went: Type.Array(Type.String({ description: 'code of a reason' })),
  isByRules: Type.Boolean({ description: 'the rules changed, not the facts' }),
});
export type RankChange = Static<typeof RankChange>;

/** Why and when the report was last opened in its turn. */
export const LookRecord = Type.Object({
  lane: Lane,
  sentence: Type.Optional(Type.String()),
  by: PersonRef,
  at: Time,
});
export type LookRecord = Static<typeof LookRecord>;
