import { isIP } from 'node:net';
import { isLoopbackName } from '#platform/config-sign-in';
import type { RequestFacts } from '../route.ts';
import { signInRefusal } from './codes.ts';

/** What passkeys are bound to: a host name and the address of the page that may use them (WebAuthn Level 3, 5.1.2). */
export interface RelyingParty {
  readonly id: string;
  readonly origin: string;
}

/** The bureau's own address as this request found it; refuses where the name it was called by is not to be believed. */
export function ownOrigin(request: RequestFacts): string {
  if (request.baseUrl === '') throw signInRefusal('access.unknown-host');
  return request.baseUrl;
}

/**
 * The relying party of an address, undefined where browsers allow none. Passkeys need a name: this machine's own
 * number becomes `localhost`, any other number has none. And they need https, but for this machine.
 */
export function relyingPartyOf(origin: string): RelyingParty | undefined {
  const url = URL.parse(origin);
  if (url === null) return undefined;
  if (isLoopbackName(url.hostname)) {
    const isNumber = isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0;
    if (isNumber) url.hostname = 'localhost';
    return { id: url.hostname, origin: url.origin };
  }
  const isName = isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0;
  return isName && url.protocol === 'https:' ? { id: url.hostname, origin: url.origin } : undefined;
}

export function relyingParty(request: RequestFacts): RelyingParty {
  const party = relyingPartyOf(ownOrigin(request));
  if (party === undefined) throw signInRefusal('access.passkeys-need-name');
  return party;
}
