import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { agencyClient } from './agency.ts';
import { closeAtEnd } from './database.ts';

/** How the ID token is signed: rightly, or as somebody would who sits between the bureau and the agency's token address. */
export type Signing =
  | 'RS256'
  | 'ES256'
  | 'EdDSA'
  | 'by a key that is not the agency’s'
  | 'changed after it was signed'
  | 'HS256 with the client secret'
  | 'HS256 with the public key'
  | 'none';

/**
 * A sign-in service that hands out ID tokens signed in whichever way a test asks for. It describes itself as taking
 * every algorithm, `none` included, so that what is refused is refused by the bureau.
 */
export interface ForgingAgency {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly signWith: (signing: Signing) => void;
  /** What the browser brings back of a trip to `url`, as somebody of the bureau's triage group. */
  readonly walk: (url: string) => Record<string, string>;
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

function signed(claims: object, signing: Signing): string {
  const token = (header: object, by: (input: Buffer) => Buffer) => {
    const input = `${encoded(header)}.${encoded(claims)}`;
    return `${input}.${by(Buffer.from(input)).toString('base64url')}`;
  };
  const hmac = (key: string) => (input: Buffer) => createHmac('sha256', key).update(input).digest();
  const rs256 = (key: KeyObject) =>
    token({ alg: 'RS256', kid: 'rsa' }, (input) => sign('sha256', input, key));
  switch (signing) {
    case 'RS256':
      return rs256(rsa.privateKey);
    case 'ES256':
      return token({ alg: 'ES256', kid: 'ec' }, (input) =>
        sign('sha256', input, { key: ec.privateKey, dsaEncoding: 'ieee-p1363' }),
      );
    case 'EdDSA':
      return token({ alg: 'EdDSA', kid: 'ed' }, (input) => sign(null, input, ed.privateKey));
    case 'by a key that is not the agency’s':
      return rs256(foreign.privateKey);
    case 'changed after it was signed': {
      const [header, , signature] = rs256(rsa.privateKey).split('.');
      return `${header}.${encoded({ ...claims, sub: 'u-666' })}.${signature}`;
    }
    case 'HS256 with the client secret':
      return token({ alg: 'HS256' }, hmac(agencyClient.clientSecret));
    case 'HS256 with the public key':
      return token(
        { alg: 'HS256', kid: 'rsa' },
        hmac(rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()),
      );
    case 'none':
      return token({ alg: 'none' }, () => Buffer.alloc(0));
  }
}

export async function startForgingAgency(): Promise<ForgingAgency> {
  let issuer = '';
  let signing: Signing = 'RS256';
  const nonces = new Map<string, string>();

  const answers: Readonly<Record<string, (body: URLSearchParams) => object>> = {
    '/.well-known/openid-configuration': () => ({
      issuer,
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['none', 'HS256', 'RS256', 'ES256', 'EdDSA'],
    }),
    '/keys': () => ({
      keys: [
        { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'rsa', use: 'sig', alg: 'RS256' },
        { ...ec.publicKey.export({ format: 'jwk' }), kid: 'ec', use: 'sig' },
        { ...ed.publicKey.export({ format: 'jwk' }), kid: 'ed', use: 'sig' },
      ],
    }),
    '/token': (body) => {
      const now = Math.floor(Date.now() / 1000);
      const claims = {
        iss: issuer,
        sub: 'u-100',
        aud: agencyClient.clientId,
        iat: now,
        exp: now + 300,
        nonce: nonces.get(body.get('code') ?? ''),
        name: 'Ada Example',
        groups: ['bureau-triage'],
      };
      return { access_token: 'opens nothing', token_type: 'Bearer', id_token: signed(claims, signing) };
    },
  };
  const server = createServer((request, response) => void answer(request, response));
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const reply = answers[request.url ?? '']?.(new URLSearchParams(Buffer.concat(chunks).toString()));
    response.writeHead(reply === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(reply ?? {}));
  }
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  closeAtEnd(async () => {
    server.closeAllConnections();
    server.close();
  });
  issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    ...agencyClient,
    signWith: (next) => {
      signing = next;
    },
    walk: (url) => {
      const asked = new URL(url).searchParams;
      const code = `code-${nonces.size}`;
      nonces.set(code, asked.get('nonce') ?? '');
      return { code, state: asked.get('state') ?? '' };
    },
  };
}
