import type { StaffId } from '#base/ids';
import type { Role } from '#contract/administration';
import { newToken, sha256Of } from '#platform/random';
import { accessRefusal } from '../codes.ts';
import { readCredentials } from '../credentials.ts';
import type { Ctx, StaffActor } from '../ctx.ts';
import type { RequestFacts } from '../route.ts';
import { deviceLabel } from './device-label.ts';
import * as store from './store.ts';

export interface StartedSession {
  readonly actor: StaffActor;
  readonly method: store.SignInMethod;
  /** Goes into the cookie; only its SHA-256 is kept. */
  readonly token: string;
  readonly expiresAt: Date;
}

export type RenewedSession = Pick<StartedSession, 'token' | 'expiresAt'>;

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
}

/**
 * Starts a session under a new token and ends the one that the browser came with: a session that somebody else planted,
 * or left locked, is of no use afterwards.
 */
export async function startSession(
  ctx: Ctx,
  input: {
    readonly person: Person;
    readonly method: store.SignInMethod;
    readonly minutes: number;
    readonly request: RequestFacts;
    /** Only with the method `emergency`. */
    readonly emergencyId?: string;
  },
): Promise<StartedSession> {
  const { person, method, request } = input;
  const before = sessionTokenOf(request);
  if (before !== undefined) await store.endSession(ctx.tx.db, sha256Of(before), ctx.now, 'replaced');
  const token = newToken();
  const expiresAt = new Date(ctx.now.getTime() + input.minutes * 60_000);
  await store.insertSession(ctx.tx.db, {
    tokenSha256: sha256Of(token),
    staffId: person.id,
    now: ctx.now,
    expiresAt,
    method,
    ...(input.emergencyId !== undefined && { emergencyId: input.emergencyId }),
    remoteAddress: request.remoteAddress,
    device: deviceLabel(request.headers['user-agent']),
  });
  const actor: StaffActor = {
    kind: 'staff',
    id: person.id as StaffId,
    name: person.name,
    roles: person.roles as Role[],
  };
  return { actor, method, token, expiresAt };
}

/**
 * Unlocks the session, makes it fresh and gives it a new token: whoever had the old one is out. Refuses a session that
 * is over.
 */
export async function renewSession(
  ctx: Ctx<StaffActor>,
  input: { readonly sessionSha256: Buffer },
): Promise<RenewedSession> {
  const token = newToken();
  const next = { tokenSha256: sha256Of(token), now: ctx.now };
  const expiresAt = await store.renewSession(ctx.tx.db, input.sessionSha256, next);
  if (expiresAt === undefined) throw accessRefusal('access.session-ended');
  return { token, expiresAt };
}

/** The token of the session that the request carries; undefined without one. */
export function sessionTokenOf(request: RequestFacts): string | undefined {
  const credentials = readCredentials(request);
  return credentials.kind === 'session' ? credentials.token : undefined;
}
