import type { Tx } from '#platform/transaction';

/** What this stage tells the others; the subject is the report's number. */
export interface AssessEvent {
  readonly name:
    | 'report.assessed'
    | 'report.taken'
    | 'report.released'
    | 'report.decided'
    | 'report.decision-undone'
    | 'report.reopened'
    | 'report.urgency-corrected'
    | 'report.reassessment-due';
  readonly subject: string;
}

/** Records an event of this stage; a misspelt one does not compile. */
export function recordEvent(tx: Tx, event: AssessEvent): void {
  tx.record(event);
}
