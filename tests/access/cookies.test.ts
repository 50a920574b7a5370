import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { addStaff } from '#access';
import { startTestBureau, type TestBureau } from '../harness/bureau.ts';
import { testCtx } from '../harness/database.ts';

/** What the cookies are called decides who else may set them: over https only this host itself. */
let plain: TestBureau;
let secure: TestBureau;
before(async () => {
  plain = await startTestBureau();
  secure = await startTestBureau({ publicUrl: 'https://bureau.example' });
});

let people = 0;
async function signIn(bureau: TestBureau, path = '/v1/session'): Promise<string> {
  people += 1;
  const name = `Ada Example ${people}`;
  const link = await testCtx(bureau.db, { now: bureau.clock.now() }).run(
    async (ctx) => await addStaff(ctx, { name, roles: ['analyst'] }),
  );
  const reply = await fetch(`${bureau.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: link.token }),
  });
  assert.equal(reply.status, 201);
  return reply.headers.get('set-cookie') ?? '';
}

const status = async (bureau: TestBureau, cookie: string) =>
  (await fetch(`${bureau.url}/v1/session`, { headers: { cookie } })).status;

describe('over https', () => {
  test('the session’s cookie is one that no other host and no page over http can set (RFC 6265bis, 4.1.3.2)', async () => {
    const cookie = await signIn(secure);
    assert.match(cookie, /^__Host-firstlight_session=[^;]+; /);
    for (const part of ['Path=/;', 'Secure', 'HttpOnly', 'SameSite=Strict']) assert.ok(cookie.includes(part));
    assert.doesNotMatch(cookie, /Domain/i);
    assert.equal(await status(secure, cookie.split(';')[0] ?? ''), 200);
  });

  test('one without the prefix, which a neighbouring host can plant, opens nothing', async () => {
    const own = (await signIn(secure)).split(';')[0] ?? '';
    const planted = (await signIn(secure)).split(';')[0]?.replace('__Host-', '') ?? '';
    assert.equal(await status(secure, planted), 401);
    assert.equal(await status(secure, `${planted}; ${own}`), 200);
  });

  test('signing out takes away the cookie that was set', async () => {
    const cookie = (await signIn(secure)).split(';')[0] ?? '';
    const left = await fetch(`${secure.url}/v1/session`, { method: 'DELETE', headers: { cookie } });
    assert.match(left.headers.get('set-cookie') ?? '', /^__Host-firstlight_session=; Path=\/; .*Secure/);
    assert.equal(await status(secure, cookie), 401);
  });
});

test('over http on this machine, where browsers refuse the prefix, the cookie goes without', async () => {
  const cookie = await signIn(plain);
  assert.match(cookie, /^firstlight_session=[^;]+; Path=\/; /);
  assert.doesNotMatch(cookie, /Secure/);
  assert.equal(await status(plain, cookie.split(';')[0] ?? ''), 200);
});
