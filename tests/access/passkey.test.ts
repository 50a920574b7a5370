import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { addStaff, issueSignInLink } from '#access';
import { type Authenticator, softwareAuthenticator } from '../harness/authenticator.ts';
import { startTestBureau, type TestBureau } from '../harness/bureau.ts';
import { testCtx } from '../harness/database.ts';

/** A bureau where a link only lets its holder register a passkey, as one that others can reach. */
let bureau: TestBureau;
let page: string;

before(async () => {
  bureau = await startTestBureau({ signIn: { linksSignIn: false, idleMinutes: 30 } });
  page = bureau.url.replace('127.0.0.1', 'localhost');
});

interface Answered {
  readonly status: number;
  readonly code: string | undefined;
  readonly body: Record<string, unknown>;
  readonly cookie: string;
}

async function ask(
  method: string,
  path: string,
  options: { cookie?: string; body?: unknown } = {},
): Promise<Answered> {
  const reply = await fetch(`${bureau.url}${path}`, {
    method,
    headers: {
      ...(options.cookie === undefined ? {} : { cookie: options.cookie }),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  const body = (await reply.json()) as Record<string, unknown>;
  return {
    status: reply.status,
    code: typeof body.code === 'string' ? body.code : undefined,
    body,
    cookie: (reply.headers.get('set-cookie') ?? '').split(';')[0] ?? '',
  };
}

const ctx = () => testCtx(bureau.db, { now: bureau.clock.now() });

async function openLink(name: string): Promise<{ readonly id: string; readonly cookie: string }> {
  const link = await ctx().run(async (c) => await addStaff(c, { name, roles: ['administrator'] }));
  const opened = await ask('POST', '/v1/session', { body: { token: link.token } });
  assert.equal(opened.status, 201);
  assert.equal(opened.body.state, 'enrolling');
  return { id: link.staffId, cookie: opened.cookie };
}

async function register(cookie: string, key: Authenticator, name = 'Desk key', told = {}): Promise<Answered> {
  const asked = await ask('GET', '/v1/account/passkeys/challenge', { cookie });
  assert.equal(asked.status, 200, JSON.stringify(asked.body));
  const options = asked.body.options as Parameters<Authenticator['create']>[0];
  return await ask('POST', '/v1/account/passkeys', {
    cookie,
    body: { name, proof: key.create(options, told) },
  });
}

async function signIn(key: Authenticator, told = {}): Promise<Answered> {
  const { body } = await ask('GET', '/v1/session/challenge');
  const options = body as unknown as Parameters<Authenticator['get']>[0];
  return await ask('POST', '/v1/session/passkey', { body: { proof: key.get(options, told) } });
}

async function enrolled(name: string) {
  const key = softwareAuthenticator(page);
  const link = await openLink(name);
  const session = await register(link.cookie, key);
  assert.equal(session.status, 201, JSON.stringify(session.body));
  return { id: link.id, key, cookie: session.cookie };
}

async function rows(action: string, subject: string) {
  return await bureau.db.kysely
    .selectFrom('access.audit')
    .select(['outcome', 'code', 'details', 'actor_name'])
    .where('action', '=', action)
    .where('subject', '=', subject)
    .orderBy('id')
    .execute();
}

describe('a link is the way to a passkey, not into the bureau', () => {
  test('until a passkey is registered the session opens nothing else', async () => {
    const link = await openLink('Ada Example');
    for (const path of [
      '/v1/desk/staff',
      '/v1/desk/status',
      '/v1/account/passkeys',
      '/v1/account/sessions',
    ]) {
      assert.equal((await ask('GET', path, link)).code, 'access.passkey-needed', path);
    }
    assert.equal(
      (await ask('POST', '/v1/desk/providers', { ...link, body: {} })).code,
      'access.passkey-needed',
    );
    const session = await register(link.cookie, softwareAuthenticator(page));
    assert.equal(session.status, 201);
    assert.equal(session.body.state, 'open');
    assert.notEqual(session.cookie, link.cookie, 'a session that can do more has a token of its own');
    assert.equal((await ask('GET', '/v1/desk/staff', { cookie: session.cookie })).status, 200);
    assert.equal((await ask('GET', '/v1/session', link)).status, 401, 'the session of the link went on');
  });

  test('the passkey signs in from then on, as its person, and leaves a row that names it', async () => {
    const { id, key } = await enrolled('Bo Example');
    const session = await signIn(key);
    assert.equal(session.status, 201);
    assert.deepEqual((session.body.staff as { name: string }).name, 'Bo Example');
    const [row] = await rows('sign-in-by-passkey', `staff:${id}`);
    assert.equal(row?.outcome, 'done');
    assert.equal(row?.actor_name, 'Bo Example');
    assert.ok('passkey' in ((row?.details ?? {}) as object));
  });

  test('a new link lets a person who lost theirs register another', async () => {
    const { id } = await enrolled('Cy Example');
    const link = await ctx().run(async (c) => await issueSignInLink(c, { staffId: id }));
    const opened = await ask('POST', '/v1/session', { body: { token: link.token } });
    bureau.clock.advance(20 * 60_000);
    const second = await register(opened.cookie, softwareAuthenticator(page), 'Spare key');
    assert.equal(second.status, 201, 'twenty minutes at the enrolment page are no reason to prove again');
  });
});

describe('what a passkey must prove', () => {
  test('a challenge is good once, for what it was made for, for five minutes', async () => {
    const { key, cookie } = await enrolled('Di Example');
    const { body } = await ask('GET', '/v1/session/challenge');
    const options = body as unknown as Parameters<Authenticator['get']>[0];
    const proof = key.get(options);
    const both = await Promise.all([
      ask('POST', '/v1/session/passkey', { body: { proof } }),
      ask('POST', '/v1/session/passkey', { body: { proof } }),
    ]);
    assert.deepEqual(both.map((one) => one.status).sort(), [201, 409]);
    const renewal = await ask('GET', '/v1/session/renewal', { cookie });
    const forRenewal = key.get(renewal.body as unknown as Parameters<Authenticator['get']>[0]);
    assert.equal(
      (await ask('POST', '/v1/session/passkey', { body: { proof: forRenewal } })).code,
      'access.challenge-spent',
    );
    const late = await ask('GET', '/v1/session/challenge');
    bureau.clock.advance(5 * 60_000);
    const lateProof = key.get(late.body as unknown as Parameters<Authenticator['get']>[0]);
    assert.equal(
      (await ask('POST', '/v1/session/passkey', { body: { proof: lateProof } })).code,
      'access.challenge-spent',
    );
    const made = key.get({ challenge: 'A'.repeat(43), rpId: 'localhost' });
    assert.equal(
      (await ask('POST', '/v1/session/passkey', { body: { proof: made } })).code,
      'access.challenge-spent',
    );
  });

  test('another site, another kind of answer, a person who was not asked, a signature of another key: all refused', async () => {
    const { key } = await enrolled('Ed Example');
    const refused: [string, object][] = [
      ['another site', { origin: 'http://localhost.elsewhere.example' }],
      ['another port', { origin: 'http://localhost:1' }],
      ['another kind', { type: 'webauthn.create' }],
      ['not verified', { isPersonVerified: false }],
    ];
    for (const [what, told] of refused)
      assert.equal((await signIn(key, told)).code, 'access.passkey-refused', what);
    const impostor = softwareAuthenticator(page);
    const { body } = await ask('GET', '/v1/session/challenge');
    const forged = impostor.get(body as unknown as Parameters<Authenticator['get']>[0]);
    const proof = { ...forged, id: key.credentialId, rawId: key.credentialId };
    assert.equal(
      (await ask('POST', '/v1/session/passkey', { body: { proof } })).code,
      'access.passkey-refused',
    );
    assert.equal((await signIn(impostor)).code, 'access.passkey-refused', 'unknown');
    assert.equal((await signIn(key)).status, 201, 'the right one still works');
  });

  test('registering asks for the person too, from our own page, once, in the session that asked', async () => {
    const link = await openLink('Fay Example');
    const other = await openLink('Gil Example');
    const key = softwareAuthenticator(page);
    for (const told of [
      { isPersonVerified: false },
      { origin: 'https://elsewhere.example' },
      { type: 'webauthn.get' },
    ]) {
      assert.equal((await register(link.cookie, key, 'Key', told)).code, 'access.passkey-unreadable');
    }
    const asked = await ask('GET', '/v1/account/passkeys/challenge', link);
    const proof = key.create(asked.body.options as Parameters<Authenticator['create']>[0]);
    const body = { name: 'Key', proof };
    assert.equal(
      (await ask('POST', '/v1/account/passkeys', { ...other, body })).code,
      'access.challenge-spent',
    );
    assert.equal(
      (await ask('POST', '/v1/account/passkeys', { ...link, body })).code,
      'access.challenge-spent',
    );
  });

  test('a copy is noticed by its counter, and both stop working', async () => {
    const { id, key } = await enrolled('Hal Example');
    const copy = key.copy();
    assert.equal((await signIn(key)).status, 201);
    assert.equal((await signIn(key)).status, 201);
    assert.equal((await signIn(copy)).code, 'access.passkey-copied');
    assert.equal(
      (await signIn(key)).code,
      'access.passkey-copied',
      'the original is no more to be trusted than the copy',
    );
    assert.equal((await rows('suspect-passkey', `staff:${id}`)).length, 1);
  });

  test('an authenticator that never counts is taken, as the standard says', async () => {
    const key = softwareAuthenticator(page, false);
    const link = await openLink('Ines Example');
    assert.equal((await register(link.cookie, key)).status, 201);
    assert.equal((await signIn(key)).status, 201);
    assert.equal((await signIn(key)).status, 201);
  });
});

describe('several passkeys of one person', () => {
  test('are listed by name, renamed and removed, but never the last', async () => {
    const { key, cookie } = await enrolled('Jo Example');
    const spare = softwareAuthenticator(page);
    const added = await register(cookie, spare, 'Spare key');
    assert.equal(added.status, 201);
    const session = { cookie: added.cookie };
    const listed = await ask('GET', '/v1/account/passkeys', session);
    const items = listed.body.items as { id: string; name: string; isSuspect: boolean }[];
    assert.deepEqual(
      items.map((item) => item.name),
      ['Desk key', 'Spare key'],
    );
    const [first, second] = items;
    const rename = { ...session, body: { name: 'Drawer key' } };
    assert.equal((await ask('PATCH', `/v1/account/passkeys/${second?.id}`, rename)).status, 200);
    assert.equal((await ask('DELETE', `/v1/account/passkeys/${first?.id}`, session)).status, 200);
    assert.equal((await signIn(key)).code, 'access.passkey-refused');
    assert.equal(
      (await ask('DELETE', `/v1/account/passkeys/${second?.id}`, session)).code,
      'access.last-passkey',
    );
    assert.equal((await signIn(spare)).status, 201);
  });

  test('nobody touches another person\u2019s, nor registers a known one under their own name', async () => {
    const kim = await enrolled('Kim Example');
    const lee = await enrolled('Lee Example');
    const listed = await ask('GET', '/v1/account/passkeys', kim);
    const [own] = listed.body.items as { id: string }[];
    assert.equal(
      (await ask('DELETE', `/v1/account/passkeys/${own?.id}`, lee)).code,
      'access.unknown-passkey',
    );
    const rename = { cookie: lee.cookie, body: { name: 'Mine now' } };
    assert.equal(
      (await ask('PATCH', `/v1/account/passkeys/${own?.id}`, rename)).code,
      'access.unknown-passkey',
    );
    assert.equal((await register(lee.cookie, kim.key)).code, 'access.passkey-known');
  });

  test('ten are enough', async () => {
    let { cookie } = await enrolled('Max Example');
    for (let n = 2; n <= 10; n += 1) {
      const added = await register(cookie, softwareAuthenticator(page), `Key ${n}`);
      assert.equal(added.status, 201);
      cookie = added.cookie;
    }
    assert.equal(
      (await register(cookie, softwareAuthenticator(page), 'Key 11')).code,
      'access.passkeys-full',
    );
  });

  test('a disabled person\u2019s passkey opens nothing', async () => {
    const admin = await enrolled('Nan Example');
    const gone = await enrolled('Obi Example');
    assert.equal(
      (await ask('POST', `/v1/desk/staff/${gone.id}/disable`, { cookie: admin.cookie, body: {} })).status,
      200,
    );
    assert.equal((await signIn(gone.key)).code, 'access.staff-disabled');
    assert.equal((await ask('GET', '/v1/session', gone)).status, 401);
  });
});
