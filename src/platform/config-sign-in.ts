import { isIP } from 'node:net';
import { type ConfigReader, isName } from './config-reader.ts';

/** How staff sign in, how long a session lasts untouched, and whom to believe about addresses. */
export interface SignInConfig {
  /**
   * `passkey`: a link only lets its holder register a passkey. `link`: a link signs in. `auto`: `link` for a
   * demonstration and for a bureau that only its own machine can reach, else `passkey`.
   */
  readonly by: 'auto' | 'passkey' | 'link';
  /** After this without a deed a session locks. */
  readonly idleMinutes: number;
  /** Addresses and networks whose word about the sender's address counts. */
  readonly trustedProxies: readonly string[];
  /** What one service may ask for in a minute, over all servers. */
  readonly serviceRequestsPerMinute: number;
  readonly oidc: OidcConfig | undefined;
}

/** The agency's own sign-in service, spoken to by OpenID Connect. */
export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  /** Absent for a client that has none and relies on PKCE alone. */
  readonly clientSecret: string | undefined;
  /** What the button calls it. */
  readonly name: string;
  readonly scope: string;
  /** The claim that lists a person's groups. */
  readonly groupsMember: string;
  /** One pair for each role of each group, as written. */
  readonly groupRoles: readonly GroupRole[];
  /** One of these must come back as `acr`; none are asked for when empty. */
  readonly acr: readonly string[];
  /** One of these must be among `amr`; not looked at when empty. */
  readonly amr: readonly string[];
}

export interface GroupRole {
  readonly group: string;
  readonly role: string;
}

const prefix = 'FIRSTLIGHT_OIDC_';

export function readSignInConfig(reader: ConfigReader): SignInConfig {
  return {
    by: reader.oneOf('FIRSTLIGHT_SIGN_IN', ['auto', 'passkey', 'link'], 'auto'),
    idleMinutes: reader.integer('FIRSTLIGHT_SESSION_IDLE_MINUTES', 30, 2, 24 * 60),
    trustedProxies: words(
      reader.text(
        'FIRSTLIGHT_TRUST_PROXY',
        'loopback',
        isProxyList,
        'Set addresses or networks of your proxies with commas between, for example loopback,192.0.2.10,198.51.100.0/24; or none.',
      ),
    ).filter((word) => word !== 'none'),
    serviceRequestsPerMinute: reader.integer(
      'FIRSTLIGHT_SERVICE_REQUESTS_PER_MINUTE',
      300_000,
      60,
      10_000_000,
    ),
    oidc: readOidc(reader),
  };
}

function readOidc(reader: ConfigReader): OidcConfig | undefined {
  const issuer = reader.optionalText(
    `${prefix}ISSUER`,
    isIssuer,
    'Set the https address of the sign-in service, exactly as it names itself; http is taken from this machine only.',
  );
  const clientId = reader.optionalText(
    `${prefix}CLIENT_ID`,
    isName,
    'Set the name under which the bureau is known there.',
  );
  const clientSecret = reader.secret(
    `${prefix}CLIENT_SECRET`,
    (value) => value.length <= 1024,
    'is too long. Set the secret that the sign-in service gave for this client.',
  );
  const name = reader.text(
    `${prefix}NAME`,
    'your agency\u2019s sign-in',
    isName,
    'Set up to 100 characters on one line.',
  );
  const scope = reader.text(
    `${prefix}SCOPE`,
    'openid profile',
    isName,
    'Set scopes with spaces between, for example openid profile groups.',
  );
  const groupsMember = reader.text(
    `${prefix}GROUPS_CLAIM`,
    'groups',
    isName,
    'Set the name of the claim that lists groups.',
  );
  const mapping = reader.text(
    `${prefix}ROLES`,
    '',
    (value) => parseGroupRoles(value) !== undefined,
    'Set GROUP=ROLE pairs with commas between, for example bureau-triage=triage-officer,bureau-lead=supervisor. Write a comma inside a group as %2C.',
  );
  const acr = words(reader.text(`${prefix}ACR`, '', isName, 'Set values with commas between.'));
  const amr = words(reader.text(`${prefix}AMR`, '', isName, 'Set values with commas between.'));
  const groupRoles = parseGroupRoles(mapping) ?? [];
  if (issuer === undefined) return undefined;
  if (clientId === undefined) {
    reader.faults.push(
      `${prefix}CLIENT_ID is not set although ${prefix}ISSUER is. Set the name under which the bureau is known there.`,
    );
    return undefined;
  }
  if (groupRoles.length === 0) {
    reader.faults.push(
      `${prefix}ROLES is not set although ${prefix}ISSUER is, so nobody could get in. Set GROUP=ROLE pairs with commas between.`,
    );
    return undefined;
  }
  return { issuer, clientId, clientSecret, name, scope, groupsMember, groupRoles, acr, amr };
}

function words(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

/**
 * `group=role,group=role`: the role stands after the last `=`, so a group may hold one; `%2C` in a group is a comma.
 * Undefined when a pair lacks either side or an escape cannot be read.
 */
export function parseGroupRoles(text: string): readonly GroupRole[] | undefined {
  const pairs: GroupRole[] = [];
  for (const word of words(text)) {
    const equals = word.lastIndexOf('=');
    const role = word.slice(equals + 1).trim();
    const group = decoded(word.slice(0, Math.max(equals, 0)).trim());
    if (group === undefined || group === '' || !/^[a-z-]{1,40}$/.test(role)) return undefined;
    pairs.push({ group, role });
  }
  return pairs;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** `none`, or names of networks, addresses and networks in CIDR form. */
export function isProxyList(text: string): boolean {
  const list = words(text);
  if (list.includes('none')) return list.length === 1;
  return list.length > 0 && list.length <= 64 && list.every(isProxy);
}

function isProxy(word: string): boolean {
  if (word === 'loopback' || word === 'linklocal' || word === 'uniquelocal') return true;
  const [address = '', bits, ...more] = word.split('/');
  const family = isIP(address);
  if (family === 0 || address.includes('%') || more.length > 0) return false;
  if (bits === undefined) return true;
  // A network of everybody would let everybody claim any address.
  return /^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}

/** https, or http on this machine, where no network lies between. */
function isIssuer(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.search !== '' || url.hash !== '' || url.username !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackName(url.hostname));
}

/** Whether a host name, as in a URL, means this very machine to every browser. */
export function isLoopbackName(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  );
}
