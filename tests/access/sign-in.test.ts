import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { addStaff, issueSignInLink } from '#access';
import { rotateCredential, suspendProvider } from '../../src/access/manage-providers.ts';
import { disableStaff } from '../../src/access/manage-staff.ts';
import { startTestBureau, type TestBureau } from '../harness/bureau.ts';
import { testCtx } from '../harness/database.ts';

let bureau: TestBureau;
before(async () => {
  bureau = await startTestBureau();
});

const ctx = () => testCtx(bureau.db, { now: bureau.clock.now() });

async function spend(token: string): Promise<Response> {
  return await fetch(`${bureau.url}/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
}

describe('one-time sign-in links', () => {
  test('of two who spend the same link at once, one gets in', async () => {
    const link = await ctx().run(async (c) => await addStaff(c, { name: 'Ada Example', roles: ['analyst'] }));
    const replies = await Promise.all([spend(link.token), spend(link.token), spend(link.token)]);
    const statuses = replies.map((reply) => reply.status).sort();
    assert.deepEqual(statuses, [201, 410, 410]);
  });

  test('a link ends after a day, and a new one makes the old one worthless', async () => {
    const first = await ctx().run(async (c) => await addStaff(c, { name: 'Bo Example', roles: ['analyst'] }));
    const second = await ctx().run(async (c) => await issueSignInLink(c, { staffId: first.staffId }));
    assert.equal((await spend(first.token)).status, 410);
    const start = bureau.clock.now();
    bureau.clock.advance(24 * 60 * 60 * 1000);
    assert.equal((await spend(second.token)).status, 410);
    bureau.clock.set(start);
    assert.equal((await spend(second.token)).status, 201);
  });

  test('the cookie is closed to scripts and other sites, and the token is kept as a digest only', async () => {
    const link = await ctx().run(async (c) => await addStaff(c, { name: 'Cy Example', roles: ['analyst'] }));
    const cookie = (await spend(link.token)).headers.get('set-cookie') ?? '';
    assert.match(cookie, /HttpOnly/);
    assert.match(cookie, /SameSite=Strict/);
    const kept = await bureau.db.pool.query('select encode(token_sha256, $1) as t from access.session', [
      'base64',
    ]);
    assert.ok(kept.rows.every((row: { t: string }) => !cookie.includes(row.t)));
  });

  test('a disabled person is out at once, and an ended session stays ended', async () => {
    const staff = await bureau.signIn('Di Example', ['triage-officer']);
    assert.equal((await staff.ask('GET', '/v1/session')).status, 200);
    await ctx().run(async (c) => await disableStaff(c, { staffId: staff.id }));
    assert.equal((await staff.ask('GET', '/v1/session')).status, 401);
    const other = await bureau.signIn('Ed Example', ['triage-officer']);
    assert.equal((await other.ask('DELETE', '/v1/session')).status, 200);
    assert.equal((await other.ask('GET', '/v1/session')).status, 401);
  });

  test('a browser that still carries an ended session can spend a new link', async () => {
    const staff = await bureau.signIn('Hal Example', ['analyst']);
    assert.equal((await staff.ask('DELETE', '/v1/session')).status, 200);
    const link = await ctx().run(async (c) => await issueSignInLink(c, { staffId: staff.id }));
    assert.equal((await staff.ask('POST', '/v1/session', { token: link.token })).status, 201);
  });

  test('a session ends after its hours', async () => {
    const staff = await bureau.signIn('Fay Example', ['analyst']);
    const start = bureau.clock.now();
    bureau.clock.advance(12 * 60 * 60 * 1000);
    assert.equal((await staff.ask('GET', '/v1/session')).status, 401);
    bureau.clock.set(start);
  });

  test('a change that comes from another site is refused although the cookie is right', async () => {
    const staff = await bureau.signIn('Gil Example', ['administrator']);
    const reply = await fetch(`${bureau.url}/v1/desk/providers`, {
      method: 'POST',
      headers: {
        cookie: staff.cookie,
        origin: 'https://elsewhere.example',
        'content-type': 'application/json',
      },
      body: JSON.stringify({ name: 'Elsewhere', environment: 'sandbox' }),
    });
    assert.equal(reply.status, 403);
    assert.equal(((await reply.json()) as { code: string }).code, 'access.wrong-origin');
  });
});

describe('credentials of services', () => {
  const status = async (authorization: string) =>
    (await fetch(`${bureau.url}/ispws/status`, { headers: { authorization } })).status;
  const basic = (username: string, password: string) =>
    `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

  test('rotation with grace lets both in until the old one ends; without grace the old one ends at once', async () => {
    const service = await bureau.addService('Quiet Pond');
    const next = await ctx().run(
      async (c) => await rotateCredential(c, { providerId: service.id, graceHours: 2 }),
    );
    assert.equal(await status(service.authorization), 200);
    assert.equal(await status(basic(next.username, next.password)), 200);
    const start = bureau.clock.now();
    bureau.clock.advance(2 * 60 * 60 * 1000 + 1000);
    assert.equal(await status(service.authorization), 401);
    assert.equal(await status(basic(next.username, next.password)), 200);
    bureau.clock.set(start);
    const last = await ctx().run(
      async (c) => await rotateCredential(c, { providerId: service.id, graceHours: 0 }),
    );
    assert.equal(await status(basic(next.username, next.password)), 401);
    assert.equal(await status(basic(last.username, last.password)), 200);
  });

  test('a suspended service is refused at once although its password was right a moment ago', async () => {
    const service = await bureau.addService('Loud Pond');
    assert.equal(await status(service.authorization), 200);
    await ctx().run(async (c) => await suspendProvider(c, { providerId: service.id }));
    assert.equal(await status(service.authorization), 403);
  });

  test('wrong, missing and malformed credentials are refused in the protocol\u2019s own words', async () => {
    const service = await bureau.addService('Calm Pond');
    for (const authorization of [
      basic(service.username, 'wrong'),
      basic('nobody', service.password),
      'Basic !!!',
      'Basic',
      'Bearer nothing',
      basic(`${service.username}\u0000`, service.password),
    ]) {
      const reply = await fetch(`${bureau.url}/ispws/status`, { headers: { authorization } });
      const text = await reply.text();
      assert.equal(reply.status, 401, authorization);
      assert.match(reply.headers.get('www-authenticate') ?? '', /^Basic /);
      assert.match(text, /<responseCode>2000<\/responseCode>/);
    }
  });

  test('the same name may have a sandbox and a production credential, and no two of one kind', async () => {
    const one = await bureau.addService('Twin Lake', 'production');
    const other = await bureau.addService('Twin Lake', 'sandbox');
    assert.notEqual(one.username, other.username);
    await assert.rejects(bureau.addService('twin lake', 'sandbox'), { code: 'access.name-taken' });
  });
});
