import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { addStaff } from '#access';
import { startTestBureau, type TestBureau } from '../harness/bureau.ts';
import { testCtx } from '../harness/database.ts';

/** What a page of another site can make a browser send, whether the browser carries a session or not. */
let bureau: TestBureau;
before(async () => {
  bureau = await startTestBureau();
});

let people = 0;
async function newLink(): Promise<string> {
  people += 1;
  const name = `Ada Example ${people}`;
  const link = await testCtx(bureau.db, { now: bureau.clock.now() }).run(
    async (ctx) => await addStaff(ctx, { name, roles: ['analyst'] }),
  );
  return link.token;
}

interface Sent {
  readonly status: number;
  readonly code: string | undefined;
  readonly cookies: readonly string[];
}

async function send(path: string, headers: Record<string, string>, body: string, method = 'POST') {
  const reply = await fetch(`${bureau.url}${path}`, { method, headers, body });
  const text = await reply.text();
  const code = /"code":"([^"]+)"/.exec(text)?.[1];
  return { status: reply.status, code, cookies: reply.headers.getSetCookie() } satisfies Sent;
}

const json = { 'content-type': 'application/json' };
const host = () => new URL(bureau.url).host;

describe('a page of another site', () => {
  for (const [name, headers] of [
    ['names itself', { origin: 'https://elsewhere.example' }],
    ['names itself with our port', { origin: 'http://127.0.0.1.elsewhere.example' }],
    ['hides where it is', { origin: 'null' }],
    ['is told apart by the browser alone', { 'sec-fetch-site': 'cross-site' }],
  ] as const) {
    test(`that ${name} starts no session in this browser, and the link is not spent`, async () => {
      const body = JSON.stringify({ token: await newLink() });
      const refused = await send('/v1/session', { ...json, ...headers }, body);
      assert.equal(refused.code, 'access.wrong-origin');
      assert.deepEqual([refused.status, refused.cookies], [403, []]);
      assert.equal((await send('/v1/session', json, body)).status, 201);
    });
  }

  test('is refused at every door that signs in or out, and at those of services', async () => {
    for (const [method, path] of [
      ['POST', '/v1/session/passkey'],
      ['POST', '/v1/session/agency'],
      ['POST', '/v1/session/emergency'],
      ['DELETE', '/v1/session'],
      ['POST', '/ispws/submit'],
    ] as const) {
      const reply = await fetch(`${bureau.url}${path}`, {
        method,
        headers: { ...json, origin: 'https://elsewhere.example' },
        ...(method === 'DELETE' ? {} : { body: '{}' }),
      });
      assert.equal(reply.status, 403, `${method} ${path}`);
      assert.deepEqual(reply.headers.getSetCookie(), []);
    }
  });

  test('can send no text that would pass for JSON', async () => {
    const body = JSON.stringify({ token: await newLink() });
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'text/plain;x=application/json',
      'application/jsonx',
    ]) {
      const refused = await send('/v1/session', { 'content-type': type }, body);
      assert.equal(refused.code, 'http.unsupported-type', type);
      assert.deepEqual([refused.status, refused.cookies], [415, []]);
    }
    const charset = await send('/v1/session', { 'content-type': 'Application/JSON; charset=utf-8' }, body);
    assert.equal(charset.status, 201);
  });
});

describe('the console itself', () => {
  test('signs in and out', async () => {
    const own = { origin: `http://${host()}`, 'sec-fetch-site': 'same-origin' };
    const signedIn = await send(
      '/v1/session',
      { ...json, ...own },
      JSON.stringify({ token: await newLink() }),
    );
    assert.equal(signedIn.status, 201);
    const cookie = signedIn.cookies[0]?.split(';')[0] ?? '';
    const left = await fetch(`${bureau.url}/v1/session`, { method: 'DELETE', headers: { cookie, ...own } });
    assert.equal(left.status, 200);
  });

  test('is read from a link on another page', async () => {
    const reply = await fetch(`${bureau.url}/v1/session/ways`, {
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    assert.equal(reply.status, 200);
  });
});

test('a service sends as before: it has no origin, and no content type where there is no body', async () => {
  const { authorization } = await bureau.addService('Harbour Chat');
  const opened = await fetch(`${bureau.url}/ispws/status`, { headers: { authorization } });
  assert.equal(opened.status, 200);
  const token = await newLink();
  const bare = await fetch(`${bureau.url}/v1/session`, {
    method: 'POST',
    body: new Blob([JSON.stringify({ token })]),
  });
  assert.equal(bare.status, 201);
});
