import { type Static, Type } from 'typebox';
import { Environment, Time } from '#contract/shapes';

/** Sign-in, staff, services and their credentials, and what needs a person's attention. Paths as named at each shape. */

/** One entry per role; the permissions of each stand in `src/access/permissions.ts`. */
export const roles = [
  'triage-officer',
  'grader',
  'supervisor',
  'liaison-officer',
  'analyst',
  'auditor',
  'administrator',
] as const;
export const Role = Type.Enum([...roles]);
export type Role = Static<typeof Role>;

/** `POST /v1/session` spends a one-time link; `GET /v1/session` says who is signed in; `DELETE /v1/session` signs out. */
export const SignInBody = Type.Object({ token: Type.String({ minLength: 20, maxLength: 200 }) });
export type SignInBody = Static<typeof SignInBody>;

export const SessionReply = Type.Object({
  staff: Type.Object({ id: Type.String(), name: Type.String(), roles: Type.Array(Role) }),
  permissions: Type.Array(Type.String()),
  bureau: Type.Object({ name: Type.String(), isDemonstration: Type.Boolean(), version: Type.String() }),
  expiresAt: Time,
  /** `locked` opens nothing until its person proves again who they are; `enrolling` only lets a passkey be registered. */
  state: Type.Enum(['open', 'locked', 'enrolling']),
  /** After so long without a deed the session locks. */
  idleMinutes: Type.Integer(),
  hasPasskey: Type.Boolean(),
  /** Whether the person comes through the agency's own sign-in. */
  isFromAgency: Type.Boolean(),
});
export type SessionReply = Static<typeof SessionReply>;

/** `GET /v1/desk/staff`, `POST /v1/desk/staff`, `POST /v1/desk/staff/:staffId/disable`, `POST /v1/desk/staff/:staffId/link`. */
export const StaffItem = Type.Object({
  id: Type.String(),
  name: Type.String(),
  roles: Type.Array(Role),
  createdAt: Time,
  lastSeenAt: Type.Optional(Time),
  disabledAt: Type.Optional(Time),
  /** How many passkeys the person has that work. */
  passkeys: Type.Integer(),
  /** Whether the person comes through the agency's own sign-in, which also says their roles. */
  isFromAgency: Type.Boolean(),
  /** How many sessions are open. */
  sessions: Type.Integer(),
});
export type StaffItem = Static<typeof StaffItem>;
export const StaffListReply = Type.Object({ items: Type.Array(StaffItem) });
export type StaffListReply = Static<typeof StaffListReply>;
export const StaffBody = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 100 }),
  roles: Type.Array(Role, { minItems: 1, maxItems: 7 }),
});
export type StaffBody = Static<typeof StaffBody>;
/** The link is shown once and works once, for 24 hours. */
export const SignInLinkReply = Type.Object({ id: Type.String(), signInLink: Type.String(), expiresAt: Time });
export type SignInLinkReply = Static<typeof SignInLinkReply>;

/** `GET /v1/desk/providers`, `POST /v1/desk/providers`, `POST /v1/desk/providers/:providerId/rotate|suspend|resume`. */
export const ProviderItem = Type.Object({
  id: Type.String(),
  name: Type.String(),
  environment: Environment,
  username: Type.String(),
  createdAt: Time,
  credentialIssuedAt: Time,
  /** Until when the credential before the present one still works. */
  oldCredentialUntil: Type.Optional(Time),
  lastUsedAt: Type.Optional(Time),
  suspendedAt: Type.Optional(Time),
  reports: Type.Integer(),
});
export type ProviderItem = Static<typeof ProviderItem>;
export const ProviderListReply = Type.Object({ items: Type.Array(ProviderItem) });
export type ProviderListReply = Static<typeof ProviderListReply>;
export const ProviderBody = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 100 }),
  environment: Environment,
});
export type ProviderBody = Static<typeof ProviderBody>;
/** `graceHours` is how long the old password goes on working: 0 after a leak, more for a calm change. */
export const RotateBody = Type.Object({ graceHours: Type.Integer({ minimum: 0, maximum: 168 }) });
export type RotateBody = Static<typeof RotateBody>;
/** The password is shown once. */
export const CredentialReply = Type.Object({
  id: Type.String(),
  name: Type.String(),
  environment: Environment,
  username: Type.String(),
  password: Type.String(),
});
export type CredentialReply = Static<typeof CredentialReply>;

/** `GET /v1/desk/attention`, `POST /v1/desk/attention/:attentionId/retry`. */
export const AttentionItem = Type.Object({
  id: Type.String(),
  job: Type.String(),
  subject: Type.String({ description: 'kind:id of what the job was about' }),
  reportId: Type.Optional(Type.String()),
  reason: Type.String(),
  attempts: Type.Integer(),
  since: Time,
  isRetrying: Type.Boolean(),
});
export type AttentionItem = Static<typeof AttentionItem>;
export const AttentionReply = Type.Object({ items: Type.Array(AttentionItem) });
export type AttentionReply = Static<typeof AttentionReply>;

/** `GET /v1/desk/register`: every route with its permission and audit action, for the auditor. */
export const RegisterItem = Type.Object({
  method: Type.String(),
  path: Type.String(),
  permission: Type.String(),
  audit: Type.String(),
  /** Roles (or `service`, `anyone`) that hold the permission. */
  heldBy: Type.Array(Type.String()),
});
export type RegisterItem = Static<typeof RegisterItem>;
export const RegisterReply = Type.Object({ items: Type.Array(RegisterItem) });
export type RegisterReply = Static<typeof RegisterReply>;

/** `POST /v1/desk/verification` answers with one JSON object a line: progress, then a last line with `done: true`. */
export const VerificationLine = Type.Object({
  done: Type.Boolean(),
  checked: Type.Integer(),
  total: Type.Integer(),
  sizeBytes: Type.Number(),
  damaged: Type.Array(Type.Object({ sha256: Type.String(), reason: Type.String() })),
});
export type VerificationLine = Static<typeof VerificationLine>;
