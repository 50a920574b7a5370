import type { AccessEvent } from '#access';
import type { AssessEvent } from '#assess';
import type { FingerprintEvent } from '#fingerprint';
import type { IntakeEvent } from '#intake';
import type { QueuedJob } from '#platform/jobs';
import type { RecordedEvent } from '#platform/transaction';
import type { RetainEvent } from '#retain';
import type { VaultEvent } from '#vault';

/**
 * The whole flow on one page: what happened, and which jobs run next, each with the event's subject.
 * A stage never names the next; it records what happened in its transaction, and the jobs are enqueued in the same
 * commit. This file does not compile when an event is forgotten.
 */
type EventName =
  | AccessEvent['name']
  | IntakeEvent['name']
  | VaultEvent['name']
  | FingerprintEvent['name']
  | AssessEvent['name']
  | RetainEvent['name'];

const jobsAfter = {
  'report.filed': ['assess-report'],
  'report.retracted': ['sweep-released-files'],
  'report.expired': ['sweep-released-files'],
  'upload.completed': ['join-upload'],
  'file.sealed': ['fingerprint-file'],
  'file.fingerprinted': [],
  'fingerprints.due': ['fingerprint-files'],
  'file.damaged': ['verify-file'],
  'file.restored': ['verify-file'],
  'files.released': ['sweep-released-files'],
  'reseal.due': ['reseal-files'],
  'key.retired': ['remove-retired-key'],
  'verification.due': ['verify-due'],
  'report.assessed': [],
  'report.taken': [],
  'report.released': [],
  'report.decided': [],
  'report.decision-undone': [],
  'report.reopened': [],
  'report.urgency-corrected': [],
  'report.reassessment-due': ['reassess-report'],
  'erasure.approved': ['erase-report'],
  'report.erased': ['certify-erasure'],
  'erasure.certified': [],
  'emergency.waits': ['review-emergency'],
  'emergency.reviewed': ['review-emergency'],
} as const satisfies Record<EventName, readonly string[]>;

/** The jobs that follow from what one transaction recorded. Throws for an event that no stage owns: that is a bug. */
export function jobsFor(events: readonly RecordedEvent[]): readonly QueuedJob[] {
  return events.flatMap((event) => {
    if (!(event.name in jobsAfter)) throw new Error(`no stage owns the event ${event.name}`);
    const names: readonly string[] = jobsAfter[event.name as EventName];
    return names.map((name) => ({ name, subject: event.subject }));
  });
}
