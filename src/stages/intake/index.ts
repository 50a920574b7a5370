import type { RouteFamily } from '#access';
import type { IntakeParts } from './intake-parts.ts';
import { ispwsFamily } from './ispws-http.ts';
import { uploadFamily } from './uploads-http.ts';
import { serviceFamily } from './v1-http.ts';

/**
 * Intake: reports come in, whole or not at all.
 * Comes in: documents and files of services, over `/ispws` and `/v1`. Goes out: a filed report with its reference
 * (`report.filed`), or a refusal that says why; `report.retracted` and `report.expired` for what was not filed.
 * Guarantees: acknowledged means committed; a report is never merged or dropped on a guess; another service's
 * report answers like none; what was retracted or has expired leaves a tombstone and nothing else.
 * Never does: judge, rank, or change what was sent.
 * Owns: intake.report, document, incident, party, identifier, report_file, idempotency, receipt, upload.
 */
export { createIntakeGate } from './admission.ts';
export { intakeCodes } from './codes.ts';
export { eraseReport } from './erase-report.ts';
export { shownText } from './formats/kept-text.ts';
export type { GateState } from './intake-gate.ts';
export type { IntakeParts } from './intake-parts.ts';
export { intakeJobs } from './jobs.ts';
export { deskReceiptRoute } from './receipt-http.ts';
export { contentLeft, type ErasedContent } from './store-erasure.ts';

/** What happens in intake; the subject of `report.*` is the report's id, of `upload.completed` the upload's. */
export type IntakeEvent = {
  readonly name:
    | 'report.filed'
    | 'report.retracted'
    | 'report.expired'
    | 'report.erased'
    | 'upload.completed';
  readonly subject: string;
};

/** Both doors for services: `/ispws` and the service side of `/v1`, uploads that can be resumed included. */
export function intakeFamilies(parts: IntakeParts): readonly RouteFamily[] {
  return [ispwsFamily(parts), serviceFamily(parts), uploadFamily(parts)];
}
