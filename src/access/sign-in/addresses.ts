import { isIP } from 'node:net';
import { isLoopbackName } from '#platform/config-sign-in';

/** Where a request came from and under what name it found us: both are claims until they are checked here. */

const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;

/**
 * The sender's address, fit to be kept: what a trusted proxy says when that is an address, else the connection's own.
 * A zone and an IPv4-mapped form are taken off. Gives the unspecified address when neither is an address.
 */
export function senderAddress(claimed: string, connection: string | undefined): string {
  return plainAddress(claimed) ?? plainAddress(connection ?? '') ?? '::';
}

function plainAddress(text: string): string | undefined {
  const [address = ''] = text.trim().split('%', 1);
  const inner = mapped.exec(address)?.[1] ?? address;
  return isIP(inner) === 0 ? undefined : inner;
}

/**
 * What failures of one sender are counted under: an IPv4 address, or the first 64 bits of an IPv6 address, because
 * one customer holds at least that many (RFC 6177).
 */
export function countedAddress(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const isShortened = tail !== undefined;
  // An embedded IPv4 address takes the place of two groups.
  const width = [...before, ...after].reduce((sum, group) => sum + (group.includes('.') ? 2 : 1), 0);
  const zeros = isShortened ? Array.from({ length: Math.max(8 - width, 0) }, () => '0') : [];
  const groups = [...before, ...zeros, ...after].slice(0, 4);
  return `${groups.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::`;
}

/**
 * Scheme and host for links, cookies and passkeys. Without a public address a Host header is believed only when it
 * names this very machine: a loopback name, the address to listen on, or the address that the connection came in at.
 * Empty when it is to be believed by nobody, so that nobody's link leads elsewhere.
 */
export function ownOriginOf(facts: {
  readonly publicUrl: string | undefined;
  readonly scheme: string;
  readonly hostHeader: string | undefined;
  readonly listenHost: string;
  readonly localAddress: string | undefined;
}): string {
  if (facts.publicUrl !== undefined) return facts.publicUrl;
  const url = URL.parse(`${facts.scheme === 'https' ? 'https' : 'http'}://${facts.hostHeader ?? ''}`);
  if (url === null || url.username !== '' || url.password !== '' || url.pathname !== '/') return '';
  if (url.search !== '' || url.hash !== '' || /[/?#@\\]/.test(facts.hostHeader ?? '')) return '';
  const bare = url.hostname.replace(/^\[|\]$/g, '');
  const local = plainAddress(facts.localAddress ?? '');
  const isOurs = isLoopbackName(url.hostname) || bare === facts.listenHost.toLowerCase() || bare === local;
  return isOurs ? url.origin : '';
}
