/**
 * Access: who may do what, and the audit of it.
 * Comes in: requests with credentials. Goes out: an actor with permissions, one audit row per act.
 * Guarantees: no audit row, no answer; default deny; refusals leave a row too.
 * Never does: read reports or evidence.
 * Owns: access.staff, sign_in_link, session, provider, credential, audit.
 */

export { type AuditEntry, recordAudit } from './audit.ts';
export { drain, isCutOff, readBody } from './body.ts';
export { checked } from './check.ts';
export { accessCodes, accessRefusal } from './codes.ts';
export type { Actor, Ctx, ProviderActor, StaffActor } from './ctx.ts';
export { DefectList } from './defect-list.ts';
export { docsPage, docsPolicy } from './docs-page.ts';
export { type GuardParts, mountFamilies } from './guard.ts';
export { accessRoutes, holdersOf } from './http.ts';
export { done, type JobDefinition, type JobResult } from './job.ts';
export { createJobRunner } from './job-runner.ts';
export { addStaff, firstSignInLink, issueSignInLink } from './manage-staff.ts';
export { openApiDocument } from './openapi.ts';
export { createPasswordCheck } from './passwords.ts';
export { type Permission, permissions, permissionsOf, permissionsOfRole } from './permissions.ts';
export { presentDeskProblem, presentProblem, presentServiceProblem } from './problem.ts';
export {
  type Answer,
  defineRoute,
  type Fault,
  type Presented,
  type Receiving,
  type RequestFacts,
  type Route,
  type RouteFamily,
  type RouteInput,
  unaudited,
} from './route.ts';
export { createUseNotes } from './use-notes.ts';
