/**
 * Access: who may do what, and the audit of it.
 * Comes in: requests with credentials. Goes out: an actor with permissions, one audit row per act.
 * Guarantees: no audit row, no answer; default deny; refusals leave a row too.
 * Never does: read reports or evidence.
 * Owns: access.staff, sign_in_link, session, passkey, challenge, identity, oidc_trip, throttle, refusal_count, provider,
 * credential, audit.
 */

export { noteAttention, resolveAttention } from './attention.ts';
export { type AuditEntry, recordAudit } from './audit.ts';
export {
  type Anchor,
  auditLogJobs,
  auditLogRoutes,
  auditSource,
  createSealer,
  hasSigned,
  type LogSource,
  openAnchor,
  openWitness,
  refuseForeignLog,
  type Sealer,
  verifyOwnLog,
  type Witness,
} from './audit-log/index.ts';
export { drain, isCutOff, readBody } from './body.ts';
export { checked } from './check.ts';
export { accessCodes, accessRefusal } from './codes.ts';
export { askForDeed } from './control/ask-for-deed.ts';
export { bulkExport, requireExportGrant } from './control/bulk-export.ts';
export { controlCodes } from './control/codes.ts';
export { type Agreement, type ControlledDeed, defineControlled } from './control/controlled-deed.ts';
export { CursorText, Limit, pageFrom, readCursor, usualLimit } from './control/cursor.ts';
export { type DigestKey, openDigestKey } from './control/digest-key.ts';
export { emergencyJobs } from './control/emergency-jobs.ts';
export type { AccessEvent } from './control/events.ts';
export { recentReason } from './control/oversight-store.ts';
export { createLookUpRecorder, type LookUpNote } from './control/record-look-up.ts';
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
  type Admission,
  type Answer,
  defineRoute,
  type Fault,
  type Pass,
  type Presented,
  type Receiving,
  type RequestFacts,
  type Route,
  type RouteFamily,
  type RouteInput,
  unaudited,
} from './route.ts';
export { createShedNotes } from './shed-notes.ts';
export { createDoorkeeper } from './sign-in/doorkeeper.ts';
export { endEverySession } from './sign-in/end-every-session.ts';
export { signInJobs } from './sign-in/jobs.ts';
export { createOidcClient } from './sign-in/oidc-client.ts';
export { type SignInSettings, signInSettings } from './sign-in/settings.ts';
export { openSigningKey, type PublishedKey, type SigningKey } from './signing-key.ts';
export { signingKeyFamily } from './signing-key-route.ts';
export { tableGrants } from './table-grants.ts';
export { createUseNotes } from './use-notes.ts';
