import type { IncomingHttpHeaders } from 'node:http';

/** What a request carries to say who it is. Nothing here is checked yet, and none of it may be logged. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'session'; readonly token: string }
  | { readonly kind: 'machine'; readonly token: string };

export const sessionCookie = 'firstlight_session';

/**
 * What a cookie of ours is called where the bureau is reached by https: browsers let nobody but this very host set it,
 * and over https only (RFC 6265bis, 4.1.3.2). Over http they refuse the prefix. There the plain name is read, here only
 * this one, so that a cookie that a neighbouring host planted is none of ours.
 */
export function cookieName(name: string, request: { readonly baseUrl: string }): string {
  return request.baseUrl.startsWith('https:') ? `__Host-${name}` : name;
}

const longestSecret = 1024;

/** Reads Authorization and Cookie; anything malformed counts as no credentials. */
export function readCredentials(request: {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly baseUrl: string;
}): Credentials {
  const headers = request.headers as IncomingHttpHeaders;
  const authorization = headers.authorization;
  if (authorization !== undefined && authorization.length <= 4 * longestSecret) {
    const [scheme = '', value = ''] = authorization.split(/ +/, 2);
    if (/^basic$/i.test(scheme)) return readBasic(value);
    if (/^bearer$/i.test(scheme) && value !== '') return { kind: 'machine', token: value };
    return { kind: 'none' };
  }
  const token = readCookie(headers.cookie ?? '', cookieName(sessionCookie, request));
  return token === undefined ? { kind: 'none' } : { kind: 'session', token };
}

function readBasic(value: string): Credentials {
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1 || text.includes('\u0000')) return { kind: 'none' };
  const username = text.slice(0, colon);
  const password = text.slice(colon + 1);
  if (username.length > longestSecret || password.length > longestSecret) return { kind: 'none' };
  return { kind: 'basic', username, password };
}

/** The value of one cookie; undefined where there is none or it is too long to be one of ours. */
export function readCookie(header: string, name: string): string | undefined {
  for (const part of header.split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0 && part.slice(0, equals).trim() === name) {
      const value = part.slice(equals + 1).trim();
      return value === '' || value.length > longestSecret ? undefined : value;
    }
  }
  return undefined;
}
