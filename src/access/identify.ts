import type { Kysely } from 'kysely';
import type { ProviderId, StaffId } from '#base/ids';
import type { Role } from '#contract/administration';
import type { DB } from '#platform/database-types';
import { isSameSecret, sha256Of } from '#platform/random';
import { anonymous } from './anonymous.ts';
import { accessRefusal } from './codes.ts';
import type { Credentials } from './credentials.ts';
import type { Actor, ProviderActor, StaffActor } from './ctx.ts';
import type { PasswordCheck } from './passwords.ts';
import {
  type Permission,
  permissionsOf,
  permissionsOfEnrolling,
  permissionsOfLocked,
  permissionsOfMachine,
  permissionsOfService,
} from './permissions.ts';
import { isFresh, type SessionState, sessionState } from './sign-in/session-state.ts';
import type { SignInSettings } from './sign-in/settings.ts';
import { sessionByToken } from './sign-in/store.ts';
import * as store from './store.ts';

/** Who knocks and what they hold. */
export interface Identity {
  readonly actor: Actor;
  readonly holds: ReadonlySet<Permission>;
  /** Id of the credential or SHA-256 of the session, to note that it was used. */
  readonly usedKey?: string;
  /** What the session is good for, where there is one. */
  readonly session?: { readonly state: SessionState; readonly isFresh: boolean };
  /** The emergency under which everything of this request is done: a sign-in by a printed code, or access to one report. */
  readonly emergency?: string;
}

const machineActor: Actor = { kind: 'system', id: 'machine', name: 'administrator of this machine' };

export interface IdentifyParts {
  readonly db: Kysely<DB>;
  readonly checkPassword: PasswordCheck;
  /** The machine's token, as it stands in the data folder. */
  readonly machineToken: string;
  readonly signIn: SignInSettings;
}

/**
 * Finds out who sent a request. Throws a Refusal for wrong or ended credentials, and `http.overloaded` when too
 * many passwords wait to be checked. Reads only; nothing here depends on the route.
 * @param beforeGuess asked before a password is checked that was not right a moment ago; throws to refuse
 */
export async function identify(
  parts: IdentifyParts,
  credentials: Credentials,
  signIn: 'service' | 'staff' | 'both' | 'none',
  now: Date,
  beforeGuess: (username: string) => Promise<void>,
): Promise<Identity> {
  if (signIn === 'none' || credentials.kind === 'none') {
    return { actor: anonymous, holds: new Set<Permission>(['anyone']) };
  }
  if (credentials.kind === 'basic' && signIn !== 'staff')
    return await identifyService(
      parts,
      credentials,
      now,
      async () => await beforeGuess(credentials.username),
    );
  if (credentials.kind === 'session' && signIn !== 'service')
    return await identifyStaff(parts, credentials.token, now);
  if (credentials.kind === 'machine' && signIn !== 'service') {
    if (!isSameSecret(credentials.token, parts.machineToken)) throw accessRefusal('access.bad-credentials');
    return { actor: machineActor, holds: new Set(permissionsOfMachine) };
  }
  throw accessRefusal('access.sign-in-needed');
}

async function identifyService(
  parts: IdentifyParts,
  credentials: { readonly username: string; readonly password: string },
  now: Date,
  beforeGuess: () => Promise<void>,
): Promise<Identity> {
  const rows = await store.credentialsByUsername(parts.db, credentials.username, now);
  const candidates = rows.length === 0 ? [undefined] : rows;
  for (const row of candidates) {
    const right = await parts.checkPassword(
      { credentialId: row?.id, storedHash: row?.password_hash, password: credentials.password },
      now.getTime(),
      beforeGuess,
    );
    if (right === 'busy') throw accessRefusal('http.overloaded');
    if (!right || row === undefined) continue;
    if (row.suspended_at !== null) throw accessRefusal('access.provider-suspended');
    const actor: ProviderActor = {
      kind: 'provider',
      id: row.provider_id as ProviderId,
      name: row.name,
      username: row.username,
      environment: row.environment === 'sandbox' ? 'sandbox' : 'production',
    };
    return { actor, holds: new Set<Permission>(['anyone', ...permissionsOfService]), usedKey: row.id };
  }
  throw accessRefusal('access.bad-credentials');
}

async function identifyStaff(parts: IdentifyParts, token: string, now: Date): Promise<Identity> {
  const tokenSha256 = sha256Of(token);
  const row = await sessionByToken(parts.db, tokenSha256, now);
  if (row === undefined) throw accessRefusal('access.session-ended');
  const roles = row.roles as Role[];
  const facts = { method: row.method, lockedAt: row.locked_at, lastSeenAt: row.last_seen_at };
  const state = sessionState(facts, parts.signIn, now);
  const proof = { method: row.method, provedAt: row.proved_at, hasPasskey: row.has_passkey };
  return {
    actor: { kind: 'staff', id: row.staff_id as StaffId, name: row.name, roles } satisfies StaffActor,
    holds: new Set<Permission>(['anyone', ...heldIn(state, roles)]),
    usedKey: tokenSha256.toString('hex'),
    session: { state, isFresh: isFresh(proof, now) },
    ...(row.emergency_id !== null && { emergency: row.emergency_id }),
  };
}

function heldIn(state: SessionState, roles: readonly Role[]): Iterable<Permission> {
  if (state === 'locked') return permissionsOfLocked;
  return state === 'enrolling' ? permissionsOfEnrolling : permissionsOf(roles);
}
