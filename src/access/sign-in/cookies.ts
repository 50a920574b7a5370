import { cookieName, sessionCookie } from '../credentials.ts';
import type { RequestFacts } from '../route.ts';
import type { RenewedSession } from './start-session.ts';

/** Out of reach for scripts and other sites; `Secure` where the bureau is reached by https. */
export function cookieOf(session: RenewedSession, request: RequestFacts): string {
  return cookie(sessionCookie, session.token, session.expiresAt, request);
}

export function endedCookie(request: RequestFacts): string {
  return cookie(sessionCookie, '', new Date(0), request);
}

export const tripCookie = 'firstlight_trip';

/** Ties a trip to the agency to the browser that left on it. */
export function tripCookieOf(secret: string, expiresAt: Date, request: RequestFacts): string {
  return cookie(tripCookie, secret, expiresAt, request);
}

function cookie(name: string, value: string, expiresAt: Date, request: RequestFacts): string {
  const secure = request.baseUrl.startsWith('https:') ? '; Secure' : '';
  return `${cookieName(name, request)}=${value}; Path=/; HttpOnly; SameSite=Strict; Expires=${expiresAt.toUTCString()}${secure}`;
}
