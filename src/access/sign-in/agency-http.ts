import type { TSchema } from 'typebox';
import { SessionReply } from '#contract/administration';
import { AgencyBody, AgencyReply } from '#contract/sign-in';
import { isSameSecret, newToken, sha256Of } from '#platform/random';
import { readJson } from '../body.ts';
import { checked } from '../check.ts';
import { cookieName, readCookie } from '../credentials.ts';
import { defineRoute, type Receiving, type RequestFacts, type Route, unaudited } from '../route.ts';
import { signInRefusal } from './codes.ts';
import { tripCookie, tripCookieOf } from './cookies.ts';
import type { AgencyPerson, OidcClient } from './oidc-client.ts';
import * as oidcStore from './oidc-store.ts';
import { ownOrigin } from './relying-party.ts';
import { asStaff, ownToken, renewedAnswer, type SignInParts, signedInAnswer } from './route-parts.ts';
import { renewByOidc, signInByOidc } from './sign-in-by-oidc.ts';
import { sessionTokenOf } from './start-session.ts';
import { countAsk } from './throttle.ts';

/** How long somebody may take at the agency's pages. */
const tripMs = 15 * 60_000;

interface Departure {
  readonly url: string;
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/**
 * The trip to the agency's sign-in service and back, `/v1/session/agency`. The browser comes back to a page of the
 * console, which hands over what it brought: so the answer is asked for by our own page, and the cookies stay strict.
 */
export function agencyRoutes(parts: SignInParts): readonly Route[] {
  return [
    departureRoute(parts, '/session/agency', 'anyone'),
    departureRoute(parts, '/session/agency/renewal', 'session:renew'),
    defineRoute({
      method: 'POST',
      path: '/session/agency',
      permission: 'anyone',
      isGuessable: true,
      audit: 'sign-in-by-agency',
      summary: 'Sign in with what the browser brought back from the agency',
      reply: SessionReply,
      receive: arrivalReceiver(parts, false),
      handle: async (ctx, { received, request }) => {
        const minutes = parts.settings.sessionMinutes;
        const session = await signInByOidc(ctx, { person: received, minutes, request });
        return await signedInAnswer(ctx, parts, session, request);
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/session/agency/renewal',
      permission: 'session:renew',
      isGuessable: true,
      audit: 'renew-sign-in',
      summary: 'Prove again who is there with what the browser brought back from the agency',
      reply: SessionReply,
      receive: arrivalReceiver(parts, true),
      handle: async (ctx, { received, request }) => {
        const staff = asStaff(ctx);
        const sessionSha256 = ownToken(request);
        const session = await renewByOidc(staff, { person: received, sessionSha256 });
        return await renewedAnswer(staff, parts, session, request);
      },
    }),
  ];
}

function departureRoute(parts: SignInParts, path: string, permission: 'anyone' | 'session:renew'): Route {
  const isRenewal = permission === 'session:renew';
  return defineRoute<TSchema, TSchema, TSchema, Departure>({
    method: 'GET',
    path,
    permission,
    audit: unaudited('gives the address of the agency\u2019s sign-in, which by itself opens nothing'),
    isBackground: () => true,
    isGuessable: true,
    summary: isRenewal ? 'Where to prove again at the agency' : 'Where to sign in at the agency',
    reply: AgencyReply,
    receive: {
      limitBytes: 0,
      // The agency is asked before the transaction opens: a slow answer must hold no lock.
      read: async ({ request }): Promise<Departure> => {
        const trip = { state: newToken(), nonce: newToken(), codeVerifier: newToken() };
        const redirectUri = returnAddress(request);
        return { ...trip, url: await client(parts).address({ ...trip, redirectUri, isRenewal }) };
      },
    },
    handle: async (ctx, { received, request }) => {
      if (!isRenewal) await countAsk(ctx.tx.db, parts.settings.limits, request.remoteAddress, ctx.now);
      const browser = newToken();
      const expiresAt = new Date(ctx.now.getTime() + tripMs);
      await oidcStore.insertTrip(ctx.tx.db, {
        stateSha256: sha256Of(received.state),
        browserSha256: sha256Of(browser),
        sessionSha256: isRenewal ? ownToken(request) : null,
        nonce: received.nonce,
        codeVerifier: received.codeVerifier,
        expiresAt,
      });
      return {
        headers: { 'set-cookie': tripCookieOf(browser, expiresAt, request) },
        body: { url: received.url } satisfies AgencyReply,
      };
    },
  });
}

function client(parts: SignInParts): OidcClient {
  if (parts.oidc === undefined) throw signInRefusal('access.oidc-off');
  return parts.oidc;
}

/** The console's page that the agency sends the browser back to; registered there word for word. */
function returnAddress(request: RequestFacts): string {
  return `${ownOrigin(request)}/sign-in/return`;
}

/** Spends the trip and exchanges the code before the transaction opens: the trip is spent whatever the agency says. */
function arrivalReceiver(parts: SignInParts, isRenewal: boolean): Receiving<AgencyPerson> {
  return {
    limitBytes: 64 * 1024,
    accepts: { 'application/json': AgencyBody },
    read: async ({ raw, request }) => {
      const oidc = client(parts);
      const body = checked(AgencyBody, await readJson(raw), 'body') as AgencyBody;
      const trip = await oidcStore.spendTrip(parts.db, sha256Of(body.state));
      if (trip === undefined || trip.expires_at <= parts.clock.now())
        throw signInRefusal('access.challenge-spent');
      if (!isOwnTrip(trip, request, isRenewal)) throw signInRefusal('access.oidc-refused');
      const { state, ...rest } = body;
      return await oidc.personOf({
        redirectUri: returnAddress(request),
        parameters: { ...rest, state },
        state,
        nonce: trip.nonce,
        codeVerifier: trip.code_verifier,
        isRenewal,
      });
    },
  };
}

/** Whether the browser that came back is the one that left, on the same errand. */
function isOwnTrip(
  trip: { readonly browser_sha256: Buffer; readonly session_sha256: Buffer | null },
  request: RequestFacts,
  isRenewal: boolean,
): boolean {
  const { cookie } = request.headers;
  const browser = readCookie(typeof cookie === 'string' ? cookie : '', cookieName(tripCookie, request));
  if (
    browser === undefined ||
    !isSameSecret(sha256Of(browser).toString('hex'), trip.browser_sha256.toString('hex'))
  )
    return false;
  if (!isRenewal) return trip.session_sha256 === null;
  const token = sessionTokenOf(request);
  return token !== undefined && trip.session_sha256 !== null && sha256Of(token).equals(trip.session_sha256);
}
