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
import type { SignInSettings } from './settings.ts';
import { type StartedSession, sessionTokenOf } from './start-session.ts';

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

export type PresentState = SessionReply['state'];

export function sessionReply(
  parts: SignInParts,
  actor: Actor,
  session: { readonly expiresAt: Date; readonly state: PresentState; readonly hasPasskey: boolean },
): SessionReply {
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
  };
}

/** The answer to a sign-in: the cookie, and who it turned out to be. */
export function signedInAnswer(
  parts: SignInParts,
  session: StartedSession,
  hasPasskey: boolean,
  request: RequestFacts,
): Answer {
  const isEnrolling = session.method === 'link' && !parts.settings.linksSignIn;
  return {
    status: 201,
    headers: { 'set-cookie': cookieOf(session, request) },
    body: sessionReply(parts, session.actor, {
      expiresAt: session.expiresAt,
      state: isEnrolling ? 'enrolling' : 'open',
      hasPasskey,
    }),
    actor: session.actor,
    subject: `staff:${session.actor.id}`,
  };
}
