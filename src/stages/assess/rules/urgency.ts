import type { ReportFacts } from './report-facts.ts';

/** Changes with every change of a rule below, so that each rank can be explained and run again. */
export const urgencyVersion = 'urgency-1';

type UrgencyLevel = 1 | 2 | 3 | 4;

export interface RuleReason {
  readonly code: string;
  readonly sentence: string;
}

export interface UrgencyResult {
  readonly urgency: UrgencyLevel;
  /** Every reason that applies, the most urgent first. Never empty. */
  readonly reasons: readonly RuleReason[];
}

/**
 * What each declared priority means: UK SI 2026/268 (made 9 March 2026, in force 7 April 2026), in the words that
 * implementers' public compliance notes agree on. Changes only when the Regulations do.
 */
const declaredReasons: Readonly<Record<1 | 2 | 3, RuleReason>> = {
  1: {
    code: 'declared-priority-1',
    sentence:
      "The service declared priority 1 under SI 2026/268: an immediate threat to a child's life or of serious harm.",
  },
  2: {
    code: 'declared-priority-2',
    sentence: 'The service declared priority 2 under SI 2026/268: a risk of serious harm in the near future.',
  },
  3: {
    code: 'declared-priority-3',
    sentence: 'The service declared priority 3 under SI 2026/268: to be dealt with without undue delay.',
  },
};

const escalated: RuleReason = {
  code: 'escalated-by-service',
  sentence:
    'The service escalated this report (escalateToHighPriority), which the protocol provides for reports that it ' +
    'wants a person to see at once. What it wrote as its reason stands in the report.',
};

const routine: RuleReason = {
  code: 'nothing-declared',
  sentence:
    'The service neither escalated this report nor declared a priority, so it waits in order of arrival.',
};

/**
 * Urgency from what the service declared, and from nothing else: 1 when it escalated or declared priority 1, then
 * its declared priority, else 4 (routine). Never lower than declared. How complete a report is does not enter.
 */
export function urgencyOf(facts: ReportFacts): UrgencyResult {
  const declared = facts.declaredPriority;
  const reasons = [
    ...(facts.isEscalated ? [escalated] : []),
    ...(declared === undefined ? [] : [declaredReasons[declared]]),
  ];
  if (facts.isEscalated) return { urgency: 1, reasons };
  if (declared !== undefined) return { urgency: declared, reasons };
  return { urgency: 4, reasons: [routine] };
}
