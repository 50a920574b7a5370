import { clocksOf, type FoundFact, foundIn, nextLookAt } from './found-facts.ts';
import { type PhraseList, phraseList } from './phrase-list.ts';
import type { Evidence, UrgencyFacts } from './urgency-facts.ts';
import { type UrgencyRule, type UrgencyRules, urgencyRules } from './urgency-rules.ts';

type UrgencyLevel = 1 | 2 | 3 | 4;

/** What a rule of any kind says, in words that a court can read. */
export interface RuleReason {
  readonly code: string;
  readonly sentence: string;
}

/** A reason of urgency: what it is worth and where it was seen. */
export interface UrgencyReason extends RuleReason {
  readonly class: UrgencyLevel;
  readonly points: number;
  readonly evidence: readonly Evidence[];
}

export interface UrgencyResult {
  readonly urgency: UrgencyLevel;
  /** Inside the class, from 0 to below 1; higher comes first. */
  readonly score: number;
  /** Every reason that applies, the most urgent first. Never empty. */
  readonly reasons: readonly UrgencyReason[];
  /** When records that others keep are expected to be gone; milliseconds since 1970. */
  readonly dataExpiresAt?: number;
  /** When the same facts next look different because time has passed. */
  readonly reassessAt?: number;
}

export interface UrgencyRuling {
  readonly rules: UrgencyRules;
  readonly phrases: PhraseList;
}

export const shippedRuling: UrgencyRuling = { rules: urgencyRules, phrases: phraseList };

/** Names rules and phrases together: with the same facts and date, the same version gives the same rank. */
export function versionOf({ rules, phrases }: UrgencyRuling): string {
  return `${rules.version} ${phrases.version}`;
}

/** Places of one reason that are kept; the report itself holds the rest. */
const mostEvidence = 3;

/**
 * Urgency from facts. Every rule whose facts were all found speaks: the class is the most urgent that any of them names,
 * and the score is 1 minus the product of what each leaves open (1 - points). So more facts never lower a report, no
 * number of small reasons lifts it out of its class, and the order of facts does not matter. How complete a report is
 * does not enter.
 * @param asOf milliseconds since 1970; only data about to expire looks at it
 */
export function urgencyOf(
  facts: UrgencyFacts,
  asOf: number,
  ruling: UrgencyRuling = shippedRuling,
): UrgencyResult {
  const { rules, phrases } = ruling;
  const clocks = clocksOf(facts, rules);
  const found = foundIn(facts, clocks, asOf, phrases);
  const reasons = rules.rules
    .filter((rule) => rule.when.every((fact) => found.some((one) => one.fact === fact)))
    .map((rule) => reasonOf(rule, found))
    .sort((a, b) => a.class - b.class || b.points - a.points || (a.code < b.code ? -1 : 1));
  const reassessAt = nextLookAt(clocks, asOf);
  const weighing = reasons.some((reason) => reason.points > 0);
  return {
    urgency: reasons[0]?.class ?? 4,
    score: scoreOf(reasons),
    reasons: weighing ? reasons : [{ ...rules.nothing, class: 4, points: 0, evidence: [] }, ...reasons],
    ...(clocks.addressRecordsUntil !== undefined && { dataExpiresAt: clocks.addressRecordsUntil }),
    ...(reassessAt !== undefined && { reassessAt }),
  };
}

function reasonOf(rule: UrgencyRule, found: readonly FoundFact[]): UrgencyReason {
  const seen = rule.when.flatMap((fact) => found.filter((one) => one.fact === fact).slice(0, mostEvidence));
  return {
    code: rule.code,
    sentence: rule.sentence,
    class: rule.class,
    points: rule.points,
    evidence: seen.slice(0, mostEvidence).map(({ evidence }) => evidence),
  };
}

/** Rounded to a millionth, so that the order in which machines multiply never decides. */
function scoreOf(reasons: readonly UrgencyReason[]): number {
  const open = reasons.reduce((left, { points }) => left * (1 - points), 1);
  return Math.min(Math.round((1 - open) * 1e6), 999_999) / 1e6;
}
