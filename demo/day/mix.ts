/**
 * The figures that the invented day is made after. Sources: OJJDP/NCMEC transparency report for calendar year 2023,
 * the public per-provider and contents tables for 2024 (UK), and the assumptions that are marked as such.
 */

/** Incident types of UK referrals, 2024. Percent. */
export const incidentTypes = [
  ['Child Pornography (possession, manufacture, and distribution)', 77],
  ['Online Enticement of Children for Sexual Acts', 21],
  ['Unsolicited Obscene Material Sent to a Child', 1.1],
  ['Child Sexual Molestation', 0.7],
  ['Child Sex Trafficking', 0.2],
  ['Misleading Words or Digital Images on the Internet', 0.1],
] as const;
export type IncidentType = (typeof incidentTypes)[number][0];

/** Share of reports without any file: enticement is reported mostly as text. Together 22 % (assumed shape). */
export const withoutFiles = { enticement: 0.66, others: 0.066 } as const;

/**
 * Files of a report that has any: P(at least k) = k^-tail, cut at `most`. Tuned so that all reports together hold
 * 2.9 files in the mean (105.65 million files in 35.94 million reports, 2023).
 */
export const filesPerReport = { tail: 1.2, most: 120 } as const;

/** Kinds of files, UK 2024. Percent. */
export const fileKinds = [
  ['picture', 45],
  ['video', 50],
  ['other', 5],
] as const;
export type FileKind = (typeof fileKinds)[number][0];

/**
 * `exact`: share of files whose bytes were reported before (pictures 41 %, videos 64 %, all media 52 %; 2023).
 * `near`: share that is the same or nearly the same as an earlier one (59 %, 77 %, 68 %). `other` is assumed.
 */
export const seenBefore = {
  picture: { exact: 0.41, near: 0.59 },
  video: { exact: 0.64, near: 0.77 },
  other: { exact: 0.3, near: 0.3 },
} as const;

/** Urgent reports of a national bureau (1.3 to 1.4 %), and the share of all that services escalate themselves (0.9 %). */
export const urgent = {
  share: 0.0132,
  escalatedByService: 0.009 / 0.0132,
  levels: [
    [1, 0.05],
    [2, 0.35],
    [3, 0.92],
  ],
} as const;

/** Industry classification of files, UK 2024. Percent. */
export const classifications = [
  ['A1', 15],
  ['A2', 6],
  ['B1', 19],
  ['B2', 12],
  [undefined, 49],
] as const;

/** How often a fact is sent, over all services; each service is better or worse by its `care` (assumption). */
export const completeness = {
  // Short of 60 %: who is reported again always comes with an e-mail address.
  email: 0.56,
  phone: 0.25,
  address: 0.8,
  port: 0.2,
  viewed: 0.85,
  annotated: 0.3,
  device: 0.25,
  location: 0.35,
  name: 0.4,
} as const;

/** Reports about somebody who was reported earlier in the day, mostly by another service (8 to 12 %, assumption). */
export const personReported = 0.11;

/** Marked as informational by services whose client is new enough to say so (assumption). */
export const informational = 0.2;

/** Flag of generated pictures on ordinary services, UK 2024; one service of thin reports flags everything. */
export const generativeAi = 0.0005;

/** Odd courses of a report, as shares of all (assumptions). */
export const courses = { batched: 0.015, sentTwice: 0.01, retracted: 0.005, refusedFirst: 0.0075 } as const;

/** Reported users of one batched report: P(at least k) = k^-tail from 3 on, cut at `most` (assumption). */
export const usersPerBatch = { tail: 1.1, least: 3, most: 60 } as const;

/**
 * Reports by hour of day, UTC (assumption: 60 % by machines around the clock, 40 % with people's day: most between
 * 19 and 23, fewest between 4 and 6).
 */
export const hourWeights = [
  0.95, 0.9, 0.85, 0.82, 0.8, 0.8, 0.82, 0.86, 0.9, 0.94, 0.97, 1, 1.02, 1.03, 1.03, 1.04, 1.05, 1.08, 1.13,
  1.18, 1.2, 1.2, 1.19, 1.1,
] as const;
