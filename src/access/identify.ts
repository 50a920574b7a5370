import type { Kysely } from 'kysely';
import type { ProviderId, StaffId } from '#base/ids';
import type { Role } from '#contract/administration';
import type { DB } from '#platform/database-types';
import { isSameSecret, sha256Of } from '#platform/random';
import { accessRefusal } from './codes.ts';
import type { Credentials } from './credentials.ts';
import type { Actor, ProviderActor, StaffActor } from './ctx.ts';
import type { PasswordCheck } from './passwords.ts';
import { type Permission, permissionsOf, permissionsOfMachine, permissionsOfService } from './permissions.ts';
import * as store from './store.ts';

/** Who knocks and what they hold. */
export interface Identity {
  readonly actor: Actor;
  readonly holds: ReadonlySet<Permission>;
  /** Id of the credential or SHA-256 of the session, to note that it was used. */
  readonly usedKey?: string;
}

export const anonymous: Actor = { kind: 'anonymous', id: 'anonymous', name: 'anonymous' };
const machineActor: Actor = { kind: 'system', id: 'machine', name: 'administrator of this machine' };

export interface IdentifyParts {
  readonly db: Kysely<DB>;
  readonly checkPassword: PasswordCheck;
  /** The machine's token, as it stands in the data folder. */
  readonly machineToken: string;
}

/**
 * Finds out who sent a request. Throws a Refusal for wrong or ended credentials, and `http.overloaded` when too
 * many passwords wait to be checked. Reads only; nothing here depends on the route.
 */
export async function identify(
  parts: IdentifyParts,
  credentials: Credentials,
  signIn: 'service' | 'staff' | 'both' | 'none',
  now: Date,
): Promise<Identity> {
  if (signIn === 'none' || credentials.kind === 'none') {
    return { actor: anonymous, holds: new Set<Permission>(['anyone']) };
  }
  if (credentials.kind === 'basic' && signIn !== 'staff')
    return await identifyService(parts, credentials, now);
  if (credentials.kind === 'session' && signIn !== 'service')
    return await identifyStaff(parts.db, credentials.token, now);
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
): Promise<Identity> {
  const rows = await store.credentialsByUsername(parts.db, credentials.username, now);
  const candidates = rows.length === 0 ? [undefined] : rows;
  for (const row of candidates) {
    const right = await parts.checkPassword(row?.id, row?.password_hash, credentials.password, now.getTime());
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

async function identifyStaff(db: Kysely<DB>, token: string, now: Date): Promise<Identity> {
  const row = await store.sessionByToken(db, sha256Of(token), now);
  if (row === undefined) throw accessRefusal('access.session-ended');
  const roles = row.roles as Role[];
  const actor: StaffActor = { kind: 'staff', id: row.staff_id as StaffId, name: row.name, roles };
  return { actor, holds: permissionsOf(roles), usedKey: sha256Of(token).toString('hex') };
}
