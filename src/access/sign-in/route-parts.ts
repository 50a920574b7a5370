import type { SessionReply } from '#contract/administration';
import type { Clock } from '#platform/clock';
import { sha256Of } from '#platform/random';
import { accessRefusal } from '../codes.ts';
import type { Actor, Ctx, StaffActor } from '../ctx.ts';
import { permissionsOf, permissionsOfEnrolling, permissionsOfMachine } from '../permissions.ts';
import type { Answer, RequestFacts } from '../route.ts';
import type { PasskeyParts } from './check-passkey.ts';
import { cookieOf } from './cookies.ts';
import type { OidcClient } from './oidc-client.ts';
import { sessionState } from './session-state.ts';
import type { SignInSettings } from './settings.ts';
import { type RenewedSession, type StartedSession, sessionTokenOf } from './start-session.ts';
import { sessionByToken } from './store.ts';

/** What the routes of signing in stand on. */
export interface SignInParts extends PasskeyParts {
  readonly bureau: { readonly name: string; readonly isDemonstration: boolean; readonly version: string };
  readonly settings: SignInSettings;
  readonly clock: Clock;
  readonly oidc: OidcClient | undefined;
}

/** SHA-256 of the token that the request carries. Only for routes behind a session. */
export function ownToken(request: RequestFacts): Buffer {
  const token = sessionTokenOf(request);
  if (token === undefined) throw accessRefusal('access.sign-in-needed');
  return sha256Of(token);
}

/** The person behind a route that nobody but staff can pass. */
export function asStaff(ctx: Ctx): Ctx<StaffActor> {
  const { actor } = ctx;
  if (actor.kind !== 'staff') throw accessRefusal('access.not-permitted');
  return { ...ctx, actor };
}

export interface PresentSession extends Pick<SessionReply, 'state' | 'hasPasskey' | 'isFromAgency'> {
  readonly expiresAt: Date;
}

export function sessionReply(parts: SignInParts, actor: Actor, session: PresentSession): SessionReply {
  const held =
    actor.kind !== 'staff'
      ? permissionsOfMachine
      : session.state === 'open'
        ? permissionsOf(actor.roles)
        : session.state === 'enrolling'
          ? permissionsOfEnrolling
          : [];
  return {
    staff: { id: actor.id, name: actor.name, roles: actor.kind === 'staff' ? [...actor.roles] : [] },
    permissions: [...held].sort(),
    bureau: { ...parts.bureau },
    expiresAt: session.expiresAt.toISOString(),
    state: session.state,
    idleMinutes: parts.settings.idleMinutes,
    hasPasskey: session.hasPasskey,
    isFromAgency: session.isFromAgency,
  };
}

/** The answer to a sign-in: the cookie, and who it turned out to be. */
export async function signedInAnswer(
  ctx: Ctx,
  parts: SignInParts,
  session: StartedSession,
  request: RequestFacts,
): Promise<Answer> {
  return {
    status: 201,
    headers: { 'set-cookie': cookieOf(session, request) },
    body: await ownSessionReply(ctx, parts, session.actor, sha256Of(session.token)),
    actor: session.actor,
    subject: `staff:${session.actor.id}`,
  };
}

/** The answer to a fresh proof: the cookie with the new token, and the session as it is now. */
export async function renewedAnswer(
  ctx: Ctx<StaffActor>,
  parts: SignInParts,
  session: RenewedSession,
  request: RequestFacts,
): Promise<Answer> {
  return {
    headers: { 'set-cookie': cookieOf(session, request) },
    body: await ownSessionReply(ctx, parts, ctx.actor, sha256Of(session.token)),
    subject: `staff:${ctx.actor.id}`,
  };
}

/** The session as it stands in this transaction. */
export async function ownSessionReply(
  ctx: Ctx,
  parts: SignInParts,
  actor: Actor,
  tokenSha256: Buffer,
): Promise<SessionReply> {
  const row = await sessionByToken(ctx.tx.db, tokenSha256, ctx.now);
  if (row === undefined) throw accessRefusal('access.session-ended');
  const facts = { method: row.method, lockedAt: row.locked_at, lastSeenAt: row.last_seen_at };
  return sessionReply(parts, actor, {
    expiresAt: row.expires_at,
    state: sessionState(facts, parts.settings, ctx.now),
    hasPasskey: row.has_passkey,
    isFromAgency: row.is_from_agency,
  });
}
