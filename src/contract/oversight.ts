import { type Static, Type } from 'typebox';
import { PageOf, PersonRef, Time } from '#contract/shapes';

/** What the auditor watches over: look-ups, the watch-list, unusual numbers, monthly samples. Paths under `/v1/desk/oversight`. */

const lookUpTasks = ['own', 'triage', 'reason', 'emergency', 'none'] as const;
const LookUpTask = Type.Enum([...lookUpTasks], {
  description:
    'own: a report that the reader has taken or decided; triage: one that waits; reason: none of these, with a reason given; emergency; none: by the machine, or by a role that decides nothing',
});

const Mark = Type.Enum(['explained', 'follow-up']);

export const LookUp = Type.Object({
  id: Type.String(),
  at: Time,
  by: PersonRef,
  reportId: Type.String(),
  task: LookUpTask,
  why: Type.String(),
  emergencyId: Type.Optional(Type.String()),
  /** Categories of the watch-list that an identifier of the report matched, without saying which identifier. */
  watched: Type.Array(Type.String()),
  mark: Type.Optional(
    Type.Object({ mark: Mark, note: Type.Optional(Type.String()), by: PersonRef, at: Time }),
  ),
});
export type LookUp = Static<typeof LookUp>;

/** `GET /look-ups?show=marked|all&person=&limit=&cursor=`; marked: without a task, in an emergency, or of somebody watched. */
export const LookUpListReply = PageOf(LookUp);
export type LookUpListReply = Static<typeof LookUpListReply>;

const Note = Type.String({
  minLength: 3,
  maxLength: 500,
  pattern: '^[^\\u0000-\\u0009\\u000b-\\u001f\\u007f]*$',
});
/** `POST /look-ups/:lookUpId/mark` */
export const MarkBody = Type.Object({ mark: Mark, note: Note });
export type MarkBody = Static<typeof MarkBody>;

export const UnusualNumber = Type.Object({
  by: PersonRef,
  per: Type.Enum(['hour', 'day']),
  from: Time,
  reports: Type.Integer({ description: 'different reports opened in that hour or day' }),
  /** What is usual; absent where too few days are known. */
  ownMedian: Type.Optional(Type.Number()),
  othersMedian: Type.Optional(Type.Number()),
  against: Type.Array(Type.Enum(['own', 'others', 'floor'])),
});
export type UnusualNumber = Static<typeof UnusualNumber>;
/** `GET /unusual-numbers`: the last 28 days, the newest first, up to a hundred. */
export const UnusualNumbersReply = Type.Object({ items: Type.Array(UnusualNumber) });
export type UnusualNumbersReply = Static<typeof UnusualNumbersReply>;

const watchKinds = ['email', 'phone', 'name', 'account'] as const;
const watchCategories = ['colleague', 'neighbour', 'public-figure', 'other'] as const;
export const WatchEntry = Type.Object({
  id: Type.String(),
  kind: Type.Enum([...watchKinds]),
  category: Type.Enum([...watchCategories]),
  addedAt: Time,
  /** Made with a key that this bureau no longer has: it matches nothing. Add the identifier anew. */
  isDead: Type.Boolean(),
});
export type WatchEntry = Static<typeof WatchEntry>;
/** `GET /watch-list?limit=&cursor=`: kinds and categories only, because nothing else is kept. */
export const WatchListReply = PageOf(WatchEntry);
export type WatchListReply = Static<typeof WatchListReply>;
/** `POST /watch-list`; `POST /watch-list/:entryId/removal` takes `{}`. */
export const WatchBody = Type.Object({
  kind: Type.Enum([...watchKinds]),
  category: Type.Enum([...watchCategories]),
  value: Type.String({ minLength: 3, maxLength: 300, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }),
});
export type WatchBody = Static<typeof WatchBody>;

export const Sample = Type.Object({
  id: Type.String(),
  month: Type.String({ description: '2026-11' }),
  until: Time,
  seed: Type.String({ description: 'the same seed, month and end draw the same look-ups' }),
  size: Type.Integer(),
  population: Type.Integer(),
  marked: Type.Integer(),
  drawnBy: PersonRef,
  drawnAt: Time,
});
export type Sample = Static<typeof Sample>;
/** `GET /samples`: the newest hundred. */
export const SampleListReply = Type.Object({ items: Type.Array(Sample) });
export type SampleListReply = Static<typeof SampleListReply>;
/** `POST /samples`; without a seed one is drawn. */
export const SampleBody = Type.Object({
  month: Type.String({ pattern: '^20[0-9]{2}-(0[1-9]|1[0-2])$' }),
  size: Type.Integer({ minimum: 1, maximum: 500 }),
  seed: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9-]{1,64}$' })),
});
export type SampleBody = Static<typeof SampleBody>;
/** `GET /samples/:sampleId` */
export const SampleReply = Type.Object({ sample: Sample, items: Type.Array(LookUp) });
export type SampleReply = Static<typeof SampleReply>;
