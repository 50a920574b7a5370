import type { Tx } from '#platform/transaction';

/** What happens to the keeping of reports; the subject is the report's number. */
export interface RetainEvent {
  readonly name: 'erasure.approved' | 'erasure.certified';
  readonly subject: string;
}

export function recordEvent(tx: Tx, event: RetainEvent): void {
  tx.record(event);
}
