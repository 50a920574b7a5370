import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { SessionReply } from '#contract/administration';
import type { OidcSettings } from '../../src/access/sign-in/oidc-settings.ts';
import { type Agency, type AgencyAccount, startAgency } from '../harness/agency.ts';
import { type Authenticator, softwareAuthenticator } from '../harness/authenticator.ts';
import { startTestBureau, type TestBureau } from '../harness/bureau.ts';

/** A bureau whose people come through their agency: a real OpenID Connect provider in a process of its own. */
let bureau: TestBureau;
let agency: Agency;

const ada: AgencyAccount = { id: 'u-100', name: 'Ada Example', groups: ['everybody', 'bureau-triage'] };
const lead: AgencyAccount = { id: 'u-200', name: 'Lee Example', groups: ['bureau-lead'] };
const outsider: AgencyAccount = { id: 'u-300', name: 'Otto Example', groups: ['everybody'] };
const twin: AgencyAccount = { id: 'u-400', name: 'ada example', groups: ['bureau-lead'] };
const everybody = [ada, lead, outsider, twin];

const port = 20_000 + (process.pid % 20_000);

function settingsOf(of: Agency, more: Partial<OidcSettings> = {}): OidcSettings {
  return {
    issuer: of.issuer,
    clientId: of.clientId,
    clientSecret: of.clientSecret,
    name: 'The agency',
    scope: 'openid profile',
    groupsMember: 'groups',
    groupRoles: [
      { group: 'bureau-triage', role: 'triage-officer' },
      { group: 'bureau-lead', role: 'supervisor' },
      { group: 'bureau-lead', role: 'auditor' },
    ],
    acr: [],
    amr: [],
    ...more,
  };
}

before(async () => {
  agency = await startAgency({
    redirectUris: [`http://127.0.0.1:${port}/sign-in/return`],
    accounts: everybody,
  });
  bureau = await startTestBureau({
    now: new Date(),
    port,
    signIn: { linksSignIn: false, idleMinutes: 30, oidc: settingsOf(agency) },
  });
});

interface Answered {
  readonly status: number;
  readonly code?: string;
  readonly body: Record<string, unknown>;
  readonly cookies: Record<string, string>;
}

async function ask(
  method: string,
  path: string,
  options: { cookies?: Record<string, string>; body?: unknown; at?: TestBureau } = {},
): Promise<Answered> {
  const cookie = Object.entries(options.cookies ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .join('; ');
  const reply = await fetch(`${(options.at ?? bureau).url}${path}`, {
    method,
    headers: { cookie, ...(options.body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  const cookies: Record<string, string> = { ...options.cookies };
  for (const set of reply.headers.getSetCookie()) {
    const [pair = ''] = set.split(';', 1);
    const [name = '', value = ''] = pair.split('=', 2);
    cookies[name] = value;
  }
  const body = (await reply.json()) as Record<string, unknown>;
  return {
    status: reply.status,
    body,
    cookies,
    ...(typeof body.code === 'string' ? { code: body.code } : {}),
  };
}

async function signIn(account: string, at: TestBureau = bureau, via: Agency = agency): Promise<Answered> {
  const left = await ask('GET', '/v1/session/agency', { at });
  if (left.status !== 200) return left;
  const body = await via.walk(String(left.body.url), account);
  return await ask('POST', '/v1/session/agency', { body, cookies: left.cookies, at });
}

const person = (answered: Answered) => (answered.body as unknown as SessionReply).staff;

describe('signing in through the agency', () => {
  test('makes the person at the first time, with the roles of their groups, and knows them again', async () => {
    const first = await signIn(ada.id);
    assert.equal(first.status, 201, JSON.stringify(first.body));
    assert.deepEqual(person(first).roles, ['triage-officer']);
    assert.equal(person(first).name, 'Ada Example');
    assert.equal((await ask('GET', '/v1/desk/line', { cookies: first.cookies })).status, 200);
    const again = await signIn(ada.id);
    assert.equal(person(again).id, person(first).id);
    const row = await bureau.db.kysely
      .selectFrom('access.audit')
      .select(['outcome', 'actor_name'])
      .where('action', '=', 'sign-in-by-agency')
      .where('subject', '=', `staff:${person(first).id}`)
      .execute();
    assert.equal(row.length, 2);
    assert.deepEqual(row[0], { outcome: 'done', actor_name: 'Ada Example' });
  });

  test('asks for PKCE, state and nonce, and each trip for new ones', async () => {
    const urls = await Promise.all([1, 2].map(async () => (await ask('GET', '/v1/session/agency')).body.url));
    const [one, two] = urls.map((url) => new URL(String(url)).searchParams);
    assert.equal(one?.get('code_challenge_method'), 'S256');
    assert.equal(one?.get('response_type'), 'code');
    for (const name of ['state', 'nonce', 'code_challenge']) {
      assert.ok((one?.get(name)?.length ?? 0) >= 43, name);
      assert.notEqual(one?.get(name), two?.get(name), name);
    }
  });

  test('two first sign-ins at once make one person', async () => {
    const both = await Promise.all([signIn(lead.id), signIn(lead.id)]);
    assert.deepEqual(
      both.map((one) => one.status),
      [201, 201],
    );
    assert.equal(new Set(both.map((one) => person(one).id)).size, 1);
    assert.deepEqual([...person(both[0] as Answered).roles].sort(), ['auditor', 'supervisor']);
  });

  test('keeps two people of one name apart', async () => {
    const other = await signIn(twin.id);
    assert.equal(other.status, 201);
    assert.match(person(other).name, /^ada example \([0-9a-f]{8}\)$/);
  });

  test('lets nobody in whose groups give no role, and leaves a row', async () => {
    const refused = await signIn(outsider.id);
    assert.equal(refused.code, 'access.oidc-no-role');
    const known = await bureau.db.kysely.selectFrom('access.staff').select('name').execute();
    assert.ok(known.every((staff) => staff.name !== 'Otto Example'));
    const rows = await bureau.db.kysely
      .selectFrom('access.audit')
      .select('outcome')
      .where('code', '=', 'access.oidc-no-role')
      .execute();
    assert.deepEqual(rows, [{ outcome: 'refused' }]);
  });

  test('follows the groups: changed roles end the sessions from before, no group left ends the way in', async () => {
    const before = await signIn(ada.id);
    await agency.setAccounts(
      everybody.map((one) => (one === ada ? { ...ada, groups: ['bureau-lead'] } : one)),
    );
    const after = await signIn(ada.id);
    assert.deepEqual([...person(after).roles].sort(), ['auditor', 'supervisor']);
    assert.equal(person(after).id, person(before).id);
    assert.equal((await ask('GET', '/v1/session', { cookies: before.cookies })).code, 'access.session-ended');
    await agency.setAccounts(everybody.map((one) => (one === ada ? { ...ada, groups: [] } : one)));
    assert.equal((await signIn(ada.id)).code, 'access.oidc-no-role');
    await agency.setAccounts(everybody);
  });

  test('a person who was disabled here stays out', async () => {
    const session = await signIn(lead.id);
    await bureau.db.pool.query('update access.staff set disabled_at = now() where id = $1', [
      person(session).id,
    ]);
    assert.equal((await signIn(lead.id)).code, 'access.staff-disabled');
    await bureau.db.pool.query('update access.staff set disabled_at = null where id = $1', [
      person(session).id,
    ]);
  });
});

describe('what came back from the agency', () => {
  const depart = async () => {
    const left = await ask('GET', '/v1/session/agency');
    return { cookies: left.cookies, body: await agency.walk(String(left.body.url), ada.id) };
  };

  test('is taken once', async () => {
    const back = await depart();
    const both = await Promise.all([
      ask('POST', '/v1/session/agency', back),
      ask('POST', '/v1/session/agency', back),
    ]);
    assert.deepEqual(both.map((one) => one.status).sort(), [201, 409]);
  });

  test('is refused from another browser than the one that left', async () => {
    const { body } = await depart();
    assert.equal((await ask('POST', '/v1/session/agency', { body })).code, 'access.oidc-refused');
    const mine = await depart();
    const yours = await depart();
    const crossed = { body: yours.body, cookies: mine.cookies };
    assert.equal((await ask('POST', '/v1/session/agency', crossed)).code, 'access.oidc-refused');
  });

  test('is refused with another state, code or issuer, and after a quarter of an hour', async () => {
    const state = await depart();
    const invented = { ...state, body: { ...state.body, state: 'x'.repeat(43) } };
    assert.equal((await ask('POST', '/v1/session/agency', invented)).code, 'access.challenge-spent');
    const code = await depart();
    const forged = { ...code, body: { ...code.body, code: 'forged' } };
    assert.equal((await ask('POST', '/v1/session/agency', forged)).code, 'access.oidc-refused');
    const issuer = await depart();
    const other = { ...issuer, body: { ...issuer.body, iss: 'https://elsewhere.example' } };
    assert.equal((await ask('POST', '/v1/session/agency', other)).code, 'access.oidc-refused');
    const late = await depart();
    bureau.clock.advance(15 * 60_000);
    assert.equal((await ask('POST', '/v1/session/agency', late)).code, 'access.challenge-spent');
  });

  test('is refused when the agency says no', async () => {
    const left = await ask('GET', '/v1/session/agency');
    const body = await agency.walk(String(left.body.url), 'nobody');
    assert.equal(body.error, 'access_denied');
    assert.equal(
      (await ask('POST', '/v1/session/agency', { body, cookies: left.cookies })).code,
      'access.oidc-refused',
    );
  });
});

describe('proving again at the agency', () => {
  test('unlocks the session of the same person, and makes it fresh', async () => {
    const session = await signIn(ada.id);
    const { cookies } = session;
    assert.equal((await ask('POST', '/v1/session/lock', { cookies, body: {} })).status, 200);
    assert.equal((await ask('GET', '/v1/desk/line', { cookies })).code, 'access.session-locked');
    const left = await ask('GET', '/v1/session/agency/renewal', { cookies });
    const asked = new URL(String(left.body.url)).searchParams;
    assert.equal(asked.get('prompt'), 'login');
    assert.equal(asked.get('max_age'), '0');
    const body = await agency.walk(String(left.body.url), ada.id);
    const renewed = await ask('POST', '/v1/session/agency/renewal', { cookies: left.cookies, body });
    assert.equal(renewed.status, 200, JSON.stringify(renewed.body));
    assert.equal((await ask('GET', '/v1/desk/line', { cookies: renewed.cookies })).status, 200);
    assert.equal((await ask('GET', '/v1/desk/line', { cookies })).code, 'access.session-ended');
  });

  test('by another person of the agency opens nothing', async () => {
    await signIn(lead.id);
    const { cookies } = await signIn(ada.id);
    await ask('POST', '/v1/session/lock', { cookies, body: {} });
    const left = await ask('GET', '/v1/session/agency/renewal', { cookies });
    const body = await agency.walk(String(left.body.url), lead.id);
    const refused = await ask('POST', '/v1/session/agency/renewal', { cookies: left.cookies, body });
    assert.equal(refused.code, 'access.other-person');
    assert.equal((await ask('GET', '/v1/desk/line', { cookies })).code, 'access.session-locked');
  });

  test('a trip to sign in is no trip to prove again, and the other way round', async () => {
    const { cookies } = await signIn(ada.id);
    const left = await ask('GET', '/v1/session/agency', { cookies });
    const body = await agency.walk(String(left.body.url), ada.id);
    const crossed = await ask('POST', '/v1/session/agency/renewal', { cookies: left.cookies, body });
    assert.equal(crossed.code, 'access.oidc-refused');
  });
});

test('whoever came by the agency is told where to be signed out there too', async () => {
  const { cookies } = await signIn(ada.id);
  const left = await ask('DELETE', '/v1/session', { cookies });
  const there = new URL(String(left.body.agencySignOut));
  assert.equal(there.origin, agency.issuer);
  assert.equal(there.searchParams.get('post_logout_redirect_uri'), `${bureau.url}/sign-in`);
  const page = await fetch(there);
  assert.equal(page.status, 200);
  assert.equal((await ask('GET', '/v1/session', { cookies })).code, 'access.session-ended');
});

describe('passkeys beside the agency', () => {
  async function withPasskey(cookies: Record<string, string>): Promise<Authenticator> {
    const key = softwareAuthenticator(`http://localhost:${port}`);
    const asked = await ask('GET', '/v1/account/passkeys/challenge', { cookies });
    const proof = key.create(asked.body.options as Parameters<Authenticator['create']>[0]);
    const added = await ask('POST', '/v1/account/passkeys', { cookies, body: { name: 'Desk key', proof } });
    assert.equal(added.status, 201, JSON.stringify(added.body));
    return key;
  }
  async function signInWith(key: Authenticator): Promise<Answered> {
    const options = (await ask('GET', '/v1/session/challenge')).body as unknown as Parameters<
      Authenticator['get']
    >[0];
    return await ask('POST', '/v1/session/passkey', { body: { proof: key.get(options) } });
  }

  test('go on while the agency is down, for a week; the refusal says what to do', async () => {
    const session = await signIn(ada.id);
    const key = await withPasskey(session.cookies);
    await agency.stop();
    const left = await ask('GET', '/v1/session/agency');
    if (left.status === 200) {
      const body = {
        code: 'unanswered',
        iss: agency.issuer,
        state: new URL(String(left.body.url)).searchParams.get('state') ?? '',
      };
      const refused = await ask('POST', '/v1/session/agency', { body, cookies: left.cookies });
      assert.equal(refused.status, 503);
      assert.match(String(refused.body.title), /Use your passkey/);
    }
    assert.equal((await signInWith(key)).status, 201);
    bureau.clock.advance(7 * 24 * 60 * 60_000 + 1);
    assert.equal((await signInWith(key)).code, 'access.oidc-needed');
    await agency.start();
    bureau.clock.set(new Date());
  });

  test('a bureau that starts while the agency is down says so, and finds it when it is back', async () => {
    await agency.stop();
    const late = await startTestBureau({
      now: new Date(),
      signIn: { linksSignIn: false, oidc: settingsOf(agency) },
    });
    assert.equal((await ask('GET', '/v1/session/agency', { at: late })).code, 'access.oidc-unavailable');
    await agency.start();
    late.clock.advance(10_000);
    assert.equal((await ask('GET', '/v1/session/agency', { at: late })).status, 200);
  });
});

describe('a bureau that asks for more', () => {
  test('takes only proofs that the agency calls strong enough', async () => {
    const uri = `http://127.0.0.1:${port + 1}/sign-in/return`;
    const strong: AgencyAccount = { ...ada, acr: 'urn:example:key', amr: ['hwk', 'user'] };
    const weak: AgencyAccount = { ...lead, acr: 'urn:example:password', amr: ['pwd'] };
    const strict = await startAgency({
      redirectUris: [uri],
      accounts: [strong, weak],
      tellsGroupsApart: true,
    });
    const oidc = settingsOf(strict, { acr: ['urn:example:key'], amr: ['hwk', 'swk'] });
    const at = await startTestBureau({
      now: new Date(),
      port: port + 1,
      signIn: { linksSignIn: false, oidc },
    });
    const left = await ask('GET', '/v1/session/agency', { at });
    assert.equal(new URL(String(left.body.url)).searchParams.get('acr_values'), 'urn:example:key');
    assert.equal((await signIn(weak.id, at, strict)).code, 'access.oidc-weak');
    const session = await signIn(strong.id, at, strict);
    assert.equal(session.status, 201, JSON.stringify(session.body));
    assert.deepEqual(
      person(session).roles,
      ['triage-officer'],
      'groups are asked for where the ID token has none',
    );
  });

  test('tells whoever asks for an agency that is not set up what to use instead', async () => {
    const plain = await startTestBureau();
    assert.equal((await ask('GET', '/v1/session/agency', { at: plain })).code, 'access.oidc-off');
    const ways = await ask('GET', '/v1/session/ways', { at: plain });
    assert.equal(ways.body.agencySignIn, undefined);
    assert.equal((await ask('GET', '/v1/session/ways')).body.agencySignIn, 'The agency');
  });
});
