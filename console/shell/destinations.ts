/** Where the navigation leads; each shows only to people whose session holds the permission. */
const destinations = [
  { to: '/', label: 'Line', keys: 'g l', permission: 'line:read' },
  { to: '/attention', label: 'Needs attention', keys: 'g n', permission: 'attention:read' },
  { to: '/approvals', label: 'Approvals', keys: 'g p', permission: 'control:ask' },
  { to: '/services', label: 'Services', keys: 'g s', permission: 'provider:read' },
  { to: '/staff', label: 'Staff', keys: 'g t', permission: 'staff:manage' },
  { to: '/retention', label: 'Retention', keys: 'g k', permission: 'retention:read' },
  { to: '/oversight', label: 'Oversight', keys: 'g o', permission: 'oversight:audit' },
  { to: '/audit', label: 'Audit', keys: 'g a', permission: 'audit:read' },
  { to: '/register', label: 'Access register', keys: 'g r', permission: 'register:read' },
  { to: '/status', label: 'Status', keys: 'g i', permission: 'status:read' },
  { to: '/set-up', label: 'Set up', keys: 'g u', permission: 'staff:manage' },
] as const;

export type Destination = (typeof destinations)[number];

export function allowedDestinations(permissions: readonly string[]): readonly Destination[] {
  return destinations.filter((destination) => permissions.includes(destination.permission));
}

/** Where somebody lands who may not read the line. */
export function firstDestination(permissions: readonly string[]): Exclude<Destination['to'], '/'> {
  if (permissions.includes('staff:manage')) return '/set-up';
  for (const { to } of allowedDestinations(permissions)) if (to !== '/') return to;
  return '/status';
}
