import { type Role, roles } from '#contract/administration';
import { isLoopbackName, type SignInConfig } from '#platform/config-sign-in';
import type { OidcSettings } from './oidc-settings.ts';

/** How people sign in to this bureau, settled once at the start. */
export interface SignInSettings {
  /** Whether a one-time link signs in; else it only lets its holder register a passkey. */
  readonly linksSignIn: boolean;
  readonly sessionMinutes: number;
  readonly idleMinutes: number;
  readonly oidc: OidcSettings | undefined;
  readonly limits: LimitSettings;
}

export interface LimitSettings {
  /** Failures that one address may make with one user name before it has to pause. */
  readonly freePerName: number;
  /** Failures that one address may make in all before it has to pause. */
  readonly freePerAddress: number;
  /** Refusals of strangers at one address that get an audit row each, in one window. */
  readonly rowsPerAddress: number;
  /** Challenges and trips that strangers at one address may ask for in a minute. */
  readonly asksPerAddress: number;
  readonly serviceRequestsPerMinute: number;
}

/**
 * Chosen well below the 100 failures in a row that NIST SP 800-63B-4 (2025), 3.2.2 allows at most, and far above what a
 * service that still has its old password makes before somebody looks.
 */
const freeFailures = {
  freePerName: 10,
  freePerAddress: 30,
  rowsPerAddress: 100,
  asksPerAddress: 120,
} as const;

/**
 * Links sign in where nobody from outside can reach the bureau: a demonstration, or one that listens on this machine
 * only and has no public address. Whoever can reach such a bureau could make links anyway.
 * Throws an Error with one sentence when the role mapping names a role that does not exist.
 */
export function signInSettings(config: {
  readonly signIn: SignInConfig;
  readonly sessionHours: number;
  readonly host: string;
  readonly publicUrl: string | undefined;
  readonly isDemonstration: boolean;
}): SignInSettings {
  const { signIn, isDemonstration } = config;
  const isOnlyHere = config.publicUrl === undefined && isLoopbackName(bracketed(config.host));
  const sessionMinutes = config.sessionHours * 60;
  return {
    linksSignIn: signIn.by === 'auto' ? isDemonstration || isOnlyHere : signIn.by === 'link',
    sessionMinutes,
    // Nothing in a demonstration is worth locking, and its link works only once.
    idleMinutes: isDemonstration ? sessionMinutes : Math.min(signIn.idleMinutes, sessionMinutes),
    oidc:
      signIn.oidc === undefined
        ? undefined
        : {
            ...signIn.oidc,
            groupRoles: signIn.oidc.groupRoles.map((pair) => ({ ...pair, role: knownRole(pair.role) })),
          },
    limits: { ...freeFailures, serviceRequestsPerMinute: signIn.serviceRequestsPerMinute },
  };
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function knownRole(name: string): Role {
  const role = roles.find((one) => one === name);
  if (role === undefined) {
    throw new Error(
      `FIRSTLIGHT_OIDC_ROLES names the role ${JSON.stringify(name)}. Set one of ${roles.join(', ')}.`,
    );
  }
  return role;
}
