import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { startTestBureau, type TestBureau } from '../harness/bureau.ts';
import { type ForgingAgency, type Signing, startForgingAgency } from '../harness/forging-agency.ts';

/** The signature of the agency's ID token is checked, although it comes straight from the agency's token address. */
let bureau: TestBureau;
let agency: ForgingAgency;

before(async () => {
  agency = await startForgingAgency();
  bureau = await startTestBureau({
    now: new Date(),
    signIn: {
      linksSignIn: false,
      oidc: {
        issuer: agency.issuer,
        clientId: agency.clientId,
        clientSecret: agency.clientSecret,
        name: 'The agency',
        scope: 'openid profile',
        groupsMember: 'groups',
        groupRoles: [{ group: 'bureau-triage', role: 'triage-officer' }],
        acr: [],
        amr: [],
      },
    },
  });
});

async function signIn(signing: Signing): Promise<{ status: number; code?: string; isSignedIn: boolean }> {
  agency.signWith(signing);
  const left = await fetch(`${bureau.url}/v1/session/agency`);
  const { url } = (await left.json()) as { url: string };
  const cookie = (left.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const reply = await fetch(`${bureau.url}/v1/session/agency`, {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/json' },
    body: JSON.stringify(agency.walk(url)),
  });
  const { code } = (await reply.json()) as { code?: string };
  const isSignedIn = reply.headers.getSetCookie().length > 0;
  return { status: reply.status, isSignedIn, ...(code === undefined ? {} : { code }) };
}

describe('an ID token', () => {
  for (const signing of ['RS256', 'ES256', 'EdDSA'] as const) {
    test(`signed by the agency with ${signing} signs in`, async () => {
      assert.deepEqual(await signIn(signing), { status: 201, isSignedIn: true });
    });
  }

  for (const signing of [
    'by a key that is not the agency’s',
    'changed after it was signed',
    'HS256 with the client secret',
    'HS256 with the public key',
    'none',
  ] as const) {
    test(`signed ${signing} opens nothing, though the agency says it takes every algorithm`, async () => {
      const { status, ...rest } = await signIn(signing);
      assert.deepEqual(rest, { code: 'access.oidc-refused', isSignedIn: false });
      assert.ok(status >= 400 && status < 500);
    });
  }
});
