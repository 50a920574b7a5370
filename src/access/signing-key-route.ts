import { KeysReply } from '#contract/keys';
import { rawPublicKey } from '#proof/note';
import { presentProblem } from './problem.ts';
import { defineRoute, type RouteFamily, unaudited } from './route.ts';
import type { SigningKey } from './signing-key.ts';

/** `GET /v1/keys` for everybody who was given something that the bureau signed. */
export function signingKeyFamily(signingKey: SigningKey): RouteFamily {
  const body: KeysReply = {
    name: signingKey.name,
    keys: signingKey.published.map(({ keyId, publicKey }) => ({
      kty: 'OKP',
      crv: 'Ed25519',
      x: rawPublicKey(publicKey).toString('base64url'),
      kid: keyId,
      use: 'sig',
    })),
    verifierKeys: signingKey.published.map(({ verifierKey }) => verifierKey),
  };
  return {
    name: 'keys',
    prefix: '/v1',
    signIn: 'none',
    presentFault: presentProblem,
    routes: [
      defineRoute({
        method: 'GET',
        path: '/keys',
        permission: 'anyone',
        audit: unaudited('serves the public halves of the signing keys, which are meant for everybody'),
        summary: 'The public keys of this bureau’s signatures',
        reply: KeysReply,
        withoutDatabase: true,
        handle: async () => ({ body }),
      }),
    ],
  };
}
