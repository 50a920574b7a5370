import type { RouteFamily } from '#access';
import type { IntakeParts } from './intake-parts.ts';
import { ispwsFamily } from './ispws-http.ts';
import { serviceFamily } from './v1-http.ts';

/**
 * Intake: reports come in, whole or not at all.
 * Comes in: documents and files of services, over `/ispws` and `/v1`. Goes out: a filed report with its reference
 * (`report.filed`), or a refusal that says why; `report.retracted` and `report.expired` for what was not filed.
 * Guarantees: acknowledged means committed; a report is never merged or dropped on a guess; another service's
 * report answers like none; what was retracted or has expired leaves a tombstone and nothing else.
 * Never does: judge, rank, or change what was sent.
 * Owns: intake.report, document, incident, party, identifier, report_file, idempotency.
 */
export { intakeCodes } from './codes.ts';
export { shownText } from './formats/kept-text.ts';
export type { IntakeParts } from './intake-parts.ts';
export { intakeJobs } from './jobs.ts';

/** What happens in intake; the subject is the report's id. */
export type IntakeEvent = {
  readonly name: 'report.filed' | 'report.retracted' | 'report.expired';
  readonly subject: string;
};

/** Both doors for services: `/ispws` and the service side of `/v1`. */
export function intakeFamilies(parts: IntakeParts): readonly RouteFamily[] {
  return [ispwsFamily(parts), serviceFamily(parts)];
}
