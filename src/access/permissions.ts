import type { Role } from '#contract/administration';

/** Everything that anybody may be allowed to do. A route names exactly one of these. */
export const permissions = [
  'anyone',
  'session:own',
  'intake:send',
  'line:read',
  'report:read',
  'report:decide',
  'provider:read',
  'provider:manage',
  'staff:manage',
  'attention:read',
  'attention:retry',
  'audit:read',
  'register:read',
  'status:read',
  'vault:verify',
] as const;
export type Permission = (typeof permissions)[number];

/** What each role holds, readable without knowing the code. Everybody signed in holds `session:own`. */
export const permissionsOfRole: Readonly<Record<Role, readonly Permission[]>> = {
  'triage-officer': ['line:read', 'report:read', 'report:decide', 'status:read'],
  grader: ['line:read', 'report:read', 'status:read'],
  supervisor: [
    'line:read',
    'report:read',
    'report:decide',
    'provider:read',
    'attention:read',
    'attention:retry',
    'audit:read',
    'status:read',
  ],
  'liaison-officer': ['line:read', 'report:read', 'status:read'],
  analyst: ['line:read', 'status:read'],
  // Sees who did what, never what was reported (R60).
  auditor: ['audit:read', 'register:read', 'status:read', 'attention:read'],
  administrator: [
    'provider:read',
    'provider:manage',
    'staff:manage',
    'attention:read',
    'attention:retry',
    'register:read',
    'status:read',
    'vault:verify',
  ],
};

/** Held by a service that signs in with its credential, for its own reports only. */
export const permissionsOfService: readonly Permission[] = ['intake:send'];

/**
 * Held by whoever can read the data folder of this machine: that person could read the database anyway, so the
 * command line may show reports; it may not decide, because a decision needs a named person.
 */
export const permissionsOfMachine: readonly Permission[] = permissions.filter(
  (permission) => permission !== 'report:decide' && permission !== 'intake:send',
);

/** The permissions of somebody with these roles, without duplicates. */
export function permissionsOf(roles: readonly Role[]): ReadonlySet<Permission> {
  return new Set<Permission>(['anyone', 'session:own', ...roles.flatMap((role) => permissionsOfRole[role])]);
}
