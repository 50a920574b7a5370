/**
 * Terms of retention are counted in calendar months from the filing, in UTC: a report filed on 29 February 2024 is due
 * on 28 February 2025. PostgreSQL's `make_interval(months => n)` counts the same.
 */
export function dueAt(filedAt: Date, months: number): Date {
  const due = new Date(filedAt);
  due.setUTCDate(1);
  due.setUTCMonth(due.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(due.getUTCFullYear(), due.getUTCMonth() + 1, 0)).getUTCDate();
  due.setUTCDate(Math.min(filedAt.getUTCDate(), lastDay));
  return due;
}

/** Where a report stands with its term, in the order in which the reasons count. */
export type Standing = 'erased' | 'approved' | 'held' | 'kept' | 'undecided' | 'ready';

export interface StandingFacts {
  readonly dueAt: Date;
  readonly isErased: boolean;
  /** Its destruction is approved and runs. */
  readonly isApproved: boolean;
  readonly isHeld: boolean;
  readonly isDecided: boolean;
}

/** A hold beats every schedule; what nobody decided is not destroyed unseen; only what is `ready` may be destroyed by schedule. */
export function standingOf(facts: StandingFacts, now: Date): Standing {
  if (facts.isErased) return 'erased';
  if (facts.isApproved) return 'approved';
  if (facts.isHeld) return 'held';
  if (facts.dueAt > now) return 'kept';
  return facts.isDecided ? 'ready' : 'undecided';
}
