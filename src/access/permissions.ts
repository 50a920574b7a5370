import type { Role } from '#contract/administration';

/** Everything that anybody may be allowed to do. A route names exactly one of these. */
export const permissions = [
  'anyone',
  'session:own',
  'session:renew',
  'passkey:add',
  'account:own',
  'intake:send',
  'line:read',
  'report:read',
  'report:decide',
  'order:set',
  'provider:read',
  'provider:manage',
  'staff:manage',
  'attention:read',
  'attention:retry',
  'audit:read',
  'register:read',
  'status:read',
  'vault:verify',
  'fingerprint:run',
  'vault:manage',
  // The machine's alone: whoever holds it holds the key file. Staff rotate keys by two people, `vault:rotate-keys`.
  'key:manage',
  'vault:rotate-keys',
  'audit:export',
  'audit:settle',
  'control:ask',
  'control:approve',
  'emergency:read',
  'emergency:review',
  'emergency:codes',
  'oversight:audit',
  'retention:read',
  'retention:hold',
  'retention:decide',
] as const;
export type Permission = (typeof permissions)[number];

/** What each role holds, readable without knowing the code. Everybody signed in holds `permissionsOfEverybody` as well. */
export const permissionsOfRole: Readonly<Record<Role, readonly Permission[]>> = {
  'triage-officer': ['line:read', 'report:read', 'report:decide', 'status:read', 'retention:hold'],
  grader: ['line:read', 'report:read', 'status:read'],
  supervisor: [
    'line:read',
    'report:read',
    'report:decide',
    'order:set',
    'provider:read',
    'attention:read',
    'attention:retry',
    'audit:read',
    'audit:export',
    'status:read',
    'vault:rotate-keys',
    'control:ask',
    'control:approve',
    'emergency:read',
    'emergency:review',
    'retention:read',
    'retention:hold',
    'retention:decide',
  ],
  'liaison-officer': ['line:read', 'report:read', 'status:read', 'retention:hold'],
  analyst: ['line:read', 'status:read'],
  // Sees who did what, never what was reported (R60).
  auditor: [
    'audit:read',
    'audit:export',
    'register:read',
    'status:read',
    'attention:read',
    'control:ask',
    'control:approve',
    'emergency:read',
    'oversight:audit',
    'retention:read',
  ],
  administrator: [
    'provider:read',
    'provider:manage',
    'staff:manage',
    'attention:read',
    'attention:retry',
    'register:read',
    'status:read',
    'vault:verify',
    'fingerprint:run',
    'vault:manage',
    'vault:rotate-keys',
    'control:ask',
    'control:approve',
    'retention:read',
    'retention:decide',
    'audit:settle',
  ],
};

/** What emergency access to one report opens, to whoever took it and for as long as it lasts. Reading, nothing else. */
export const permissionsOfEmergency: readonly Permission[] = ['report:read'];

/** Only named people decide, agree, review each other and watch over the others. */
const forNamedPeople: readonly Permission[] = [
  'session:renew',
  'passkey:add',
  'account:own',
  'report:decide',
  'order:set',
  'control:approve',
  'emergency:review',
  'oversight:audit',
];

/** Held by a service that signs in with its credential, for its own reports only. */
export const permissionsOfService: readonly Permission[] = ['intake:send'];

/**
 * Held by whoever can read the data folder of this machine: that person could read the database anyway, so the
 * command line may show reports; it may not decide, because a decision needs a named person.
 */
export const permissionsOfMachine: readonly Permission[] = permissions.filter(
  (permission) => permission !== 'intake:send' && !forNamedPeople.includes(permission),
);

/** Held by everybody who works here, whatever their roles. */
export const permissionsOfEverybody: readonly Permission[] = [
  'session:own',
  'session:renew',
  'passkey:add',
  'account:own',
];

/** All that a session is good for while it is locked: proving who is there, or leaving. */
export const permissionsOfLocked: readonly Permission[] = ['session:own', 'session:renew'];

/** All that a session is good for whose link only lets a passkey be registered. */
export const permissionsOfEnrolling: readonly Permission[] = ['session:own', 'passkey:add'];

/** The permissions of somebody with these roles, without duplicates. */
export function permissionsOf(roles: readonly Role[]): ReadonlySet<Permission> {
  return new Set<Permission>([
    'anyone',
    ...permissionsOfEverybody,
    ...roles.flatMap((role) => permissionsOfRole[role]),
  ]);
}
