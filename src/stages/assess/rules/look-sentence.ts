import type { RuleReason } from './urgency.ts';

/** Why a report was opened: in a turn of the order, or by hand. */
export type Lane = 'by-urgency' | 'by-deadline' | 'by-waiting' | 'chosen';

export interface LookFacts {
  readonly lane: Exclude<Lane, 'chosen'>;
  /** The turn was urgency's, and it gave its look away because nothing was above the bar. */
  readonly isGivenAway: boolean;
  readonly urgency: 1 | 2 | 3 | 4;
  /** Urgency was corrected by a person. */
  readonly isCorrected: boolean;
  readonly reasons: readonly RuleReason[];
  readonly waitingShare: number;
  /** Milliseconds since 1970. */
  readonly filedAt: number;
  readonly dataExpiresAt?: number | undefined;
  readonly now: number;
}

const classWords = { 1: 'Urgent 1', 2: 'Urgent 2', 3: 'Urgent 3', 4: 'Routine' } as const;
const reasonsSaid = 2;

/** Why this report and why now, in a sentence or three that an officer reads and a court can read later. */
export function lookSentence(facts: LookFacts): string {
  switch (facts.lane) {
    case 'by-urgency':
      return `First by urgency: ${classOf(facts)}. ${reasonsOf(facts)}`.trim();
    case 'by-deadline': {
      const left = facts.dataExpiresAt === undefined ? '' : ` in ${spanOf(facts.dataExpiresAt - facts.now)}`;
      return `${shareOf(facts)} Of these, some go to data about to be deleted: records of its newest address are expected to be gone${left}. ${classOf(facts)}.`;
    }
    case 'by-waiting':
      return facts.isGivenAway
        ? `Nothing that came within a day is above the bar of this week, so the look goes to the report that has waited longest: ${spanOf(facts.now - facts.filedAt)}. ${classOf(facts)}.`
        : `${shareOf(facts)} This one has waited longest: ${spanOf(facts.now - facts.filedAt)}. ${classOf(facts)}.`;
    default:
      return facts.lane satisfies never;
  }
}

function classOf({ urgency, isCorrected }: LookFacts): string {
  return `${classWords[urgency]}${isCorrected ? ', set by a person' : ''}`;
}

function reasonsOf({ reasons }: LookFacts): string {
  return reasons
    .slice(0, reasonsSaid)
    .map(({ sentence }) => sentence)
    .join(' ');
}

function shareOf({ waitingShare }: LookFacts): string {
  return `Whatever the rules say, ${Number((waitingShare * 100).toFixed(1))} of a hundred looks go to those who waited longest.`;
}

const minuteMs = 60_000;

function spanOf(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / minuteMs));
  if (minutes < 120) return counted(minutes, 'minute');
  if (minutes < 48 * 60) return counted(Math.round(minutes / 60), 'hour');
  return counted(Math.round(minutes / (24 * 60)), 'day');
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
