import * as oidc from 'openid-client';
import { Refusal } from '#base/errors';
import type { Role } from '#contract/administration';
import type { Clock } from '#platform/clock';
import type { Logger } from '#platform/log';
import { signInRefusal } from './codes.ts';
import { isStrongEnough, type OidcSettings, rolesOfGroups } from './oidc-settings.ts';

/**
 * The agency's sign-in service as an OpenID Connect provider: authorization code with PKCE, state and nonce
 * (OpenID Connect Core 1.0, 3.1; RFC 9700, 2.1). The ID token's signature is checked against the provider's published
 * keys, although the standard lets a client rely on TLS here: whoever stands between the two makes nobody up. Nothing here
 * touches the database.
 */
export interface OidcClient {
  /** Where the browser goes. `isRenewal`: the person must prove themselves there again, whatever session they have. */
  readonly address: (trip: {
    readonly redirectUri: string;
    readonly state: string;
    readonly nonce: string;
    readonly codeVerifier: string;
    readonly isRenewal: boolean;
  }) => Promise<string>;
  /** Exchanges what the browser came back with for who it is. Refuses whatever does not hold. */
  readonly personOf: (back: {
    readonly redirectUri: string;
    readonly parameters: Readonly<Record<string, string>>;
    readonly state: string;
    readonly nonce: string;
    readonly codeVerifier: string;
    readonly isRenewal: boolean;
  }) => Promise<AgencyPerson>;
  /**
   * Where the browser goes to be signed out at the agency too, so that nobody after it is let straight in again
   * (OpenID Connect RP-Initiated Logout 1.0). Undefined where the agency offers none, or was not heard of yet.
   */
  readonly signOutAddress: (backTo: string) => string | undefined;
}

export interface AgencyPerson {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
  readonly roles: readonly Role[];
}

/** How far the agency's clock may be from ours, in seconds. */
const skewSeconds = 60;
/** How long the sign-in service may take for one answer, in seconds. */
const patienceSeconds = 10;
/** How long ago somebody may have proved themselves to be taken for having done so on this trip. */
const renewalSeconds = 120;
/** How long its description is believed. Its keys are looked up by themselves when an unknown one signs. */
const describedMs = 60 * 60_000;
/**
 * Signatures that only the provider can make (RFC 7518, 3.1; RFC 8037): neither none, nor one by the client's own secret.
 * A provider that does not say what it signs with is held to RS256, the standard's default.
 */
const signatureAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
/** After a failed attempt nobody waits again for this long. */
const silentMs = 10_000;

export function createOidcClient(settings: OidcSettings, clock: Clock, log: Logger): OidcClient {
  let known: { readonly at: number; readonly configuration: oidc.Configuration } | undefined;
  let failedAt = Number.NEGATIVE_INFINITY;

  /** The provider's description; an old one goes on when a new one cannot be had. */
  async function configuration(): Promise<oidc.Configuration> {
    const now = clock.now().getTime();
    if (known !== undefined && Math.abs(now - known.at) < describedMs) return known.configuration;
    if (Math.abs(now - failedAt) < silentMs && known === undefined)
      throw signInRefusal('access.oidc-unavailable');
    try {
      known = { at: now, configuration: await discover(settings) };
      return known.configuration;
    } catch (error) {
      log.warn({ err: error }, 'the sign-in service of the agency does not answer');
      failedAt = now;
      if (known !== undefined) return known.configuration;
      throw signInRefusal('access.oidc-unavailable');
    }
  }

  return {
    signOutAddress: (backTo) => {
      if (known?.configuration.serverMetadata().end_session_endpoint === undefined) return undefined;
      return oidc.buildEndSessionUrl(known.configuration, { post_logout_redirect_uri: backTo }).href;
    },
    address: async (trip) => {
      const parameters: Record<string, string> = {
        redirect_uri: trip.redirectUri,
        scope: settings.scope,
        state: trip.state,
        nonce: trip.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(trip.codeVerifier),
        code_challenge_method: 'S256',
      };
      if (settings.acr.length > 0) parameters.acr_values = settings.acr.join(' ');
      if (trip.isRenewal) Object.assign(parameters, { prompt: 'login', max_age: '0' });
      return oidc.buildAuthorizationUrl(await configuration(), parameters).href;
    },
    personOf: async (back) => {
      const current = await configuration();
      const url = new URL(back.redirectUri);
      for (const [name, value] of Object.entries(back.parameters)) url.searchParams.set(name, value);
      try {
        const tokens = await oidc.authorizationCodeGrant(current, url, {
          pkceCodeVerifier: back.codeVerifier,
          expectedState: back.state,
          expectedNonce: back.nonce,
          idTokenExpected: true,
          // The person proved themselves on this trip: `auth_time` must be there and recent.
          ...(back.isRenewal ? { maxAge: renewalSeconds } : {}),
        });
        const told = tokens.claims();
        if (told === undefined) throw signInRefusal('access.oidc-refused');
        if (!isStrongEnough(told, settings)) throw signInRefusal('access.oidc-weak');
        return personOf(told, await moreOf(current, tokens.access_token, told, settings), settings);
      } catch (error) {
        if (error instanceof Refusal) throw error;
        if (!isAnswer(error)) {
          log.warn({ err: error }, 'the sign-in service of the agency does not answer');
          throw signInRefusal('access.oidc-unavailable');
        }
        log.info({ reason: reasonOf(error) }, 'a sign-in at the agency was not confirmed');
        throw signInRefusal('access.oidc-refused');
      }
    },
  };
}

async function discover(settings: OidcSettings): Promise<oidc.Configuration> {
  const issuer = new URL(settings.issuer);
  const { clientId, clientSecret } = settings;
  const metadata = { [oidc.clockTolerance]: skewSeconds };
  const proof = clientSecret === undefined ? oidc.None() : secretSender(clientSecret);
  // The configuration takes http from this machine only, where no network lies between.
  const execute = issuer.protocol === 'http:' ? [oidc.allowInsecureRequests] : [];
  const described = await oidc.discovery(issuer, clientId, metadata, proof, {
    timeout: patienceSeconds,
    execute,
  });
  const trusted = new oidc.Configuration(
    withOwnAlgorithms(described.serverMetadata()),
    clientId,
    metadata,
    proof,
  );
  trusted.timeout = patienceSeconds;
  for (const each of [...execute, oidc.enableNonRepudiationChecks]) each(trusted);
  return trusted;
}

/** The provider's description with only those algorithms that prove that it signed. */
function withOwnAlgorithms(server: Readonly<oidc.ServerMetadata>): oidc.ServerMetadata {
  const offered = server.id_token_signing_alg_values_supported ?? ['RS256'];
  const taken = offered.filter((algorithm) => signatureAlgorithms.includes(algorithm));
  if (taken.length === 0 || server.jwks_uri === undefined)
    throw new Error('the sign-in service of the agency signs its ID tokens by no published key');
  return { ...server, id_token_signing_alg_values_supported: taken };
}

/** In the header, which is every provider's default (OpenID Connect Core 1.0, 9), unless this one takes it in the body only. */
function secretSender(secret: string): oidc.ClientAuth {
  const inHeader = oidc.ClientSecretBasic(secret);
  const inBody = oidc.ClientSecretPost(secret);
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const send = methods.includes('client_secret_basic') ? inHeader : inBody;
    send(server, client, body, headers);
  };
}

/** Many providers say names and groups only where they are asked for (OpenID Connect Core 1.0, 5.3 and 5.4). */
async function moreOf(
  configuration: oidc.Configuration,
  accessToken: string,
  told: oidc.IDToken,
  settings: OidcSettings,
): Promise<Readonly<Record<string, unknown>>> {
  const hasAll = told[settings.groupsMember] !== undefined && told.name !== undefined;
  if (hasAll || configuration.serverMetadata().userinfo_endpoint === undefined) return told;
  return { ...(await oidc.fetchUserInfo(configuration, accessToken, told.sub)), ...told };
}

function personOf(
  told: oidc.IDToken,
  more: Readonly<Record<string, unknown>>,
  settings: OidcSettings,
): AgencyPerson {
  const roles = rolesOfGroups(more[settings.groupsMember], settings.groupRoles);
  if (roles.length === 0) throw signInRefusal('access.oidc-no-role');
  return { issuer: told.iss, subject: told.sub, name: nameOf(told.sub, more), roles };
}

/** What the agency calls the person, up to 100 characters on one line; the subject where it says nothing. */
function nameOf(subject: string, told: Readonly<Record<string, unknown>>): string {
  for (const candidate of [told.name, told.preferred_username, subject]) {
    if (typeof candidate !== 'string') continue;
    const name = candidate
      .replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ')
      .trim()
      .slice(0, 100)
      .trim();
    if (name !== '') return name;
  }
  return 'Somebody of the agency';
}

const silences = [
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
];

/** Whether the provider answered at all: with a refusal, or with something that does not hold. */
function isAnswer(error: unknown): boolean {
  if (error instanceof oidc.ResponseBodyError) return error.status < 500;
  if (error instanceof oidc.AuthorizationResponseError) return true;
  return error instanceof oidc.ClientError && !silences.includes(error.code ?? '');
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
