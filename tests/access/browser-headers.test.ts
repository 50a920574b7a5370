import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { before, describe, test } from 'node:test';
import type { StaticFile } from '#platform/static-files';
import { type Staff, startTestBureau, type TestBureau } from '../harness/bureau.ts';

/** What browsers are told by every answer, whatever it is and whoever asked. */
let bureau: TestBureau;
let administrator: Staff;
before(async () => {
  const page: StaticFile = {
    contentType: 'text/html; charset=utf-8',
    etag: '"page"',
    plain: Buffer.from('<!doctype html>'),
  };
  const script: StaticFile = {
    contentType: 'text/javascript; charset=utf-8',
    etag: '"script"',
    plain: Buffer.from('export {};'),
  };
  bureau = await startTestBureau({
    pages: new Map([
      ['/index.html', page],
      ['/assets/main-abc.js', script],
    ]),
  });
  administrator = await bureau.signIn('Ada Example', ['administrator', 'supervisor', 'auditor']);
});

/** Every screen of the console comes as the same page, so their addresses need no list here. */
const pages = ['/', '/sign-in', '/reports/1', '/v1/docs'];

/** An address for each route that gives something without being asked to change anything. */
function readable(): string[] {
  return bureau.app.families.flatMap((family) =>
    family.routes
      .filter(({ method }) => method === 'GET')
      .map(({ path }) => `${family.prefix}${path}`.replaceAll(/:[A-Za-z0-9]+/g, '1').replace('*', 'line')),
  );
}

/** Directives of a policy by name. */
function directives(policy: string): ReadonlyMap<string, string> {
  return new Map(
    policy.split('; ').map((directive): [string, string] => {
      const [name = '', ...values] = directive.split(' ');
      return [name, values.join(' ')];
    }),
  );
}

function mustHold(headers: { get: (name: string) => string | null }, what: string): void {
  assert.equal(headers.get('x-content-type-options'), 'nosniff', what);
  assert.equal(headers.get('referrer-policy'), 'no-referrer', what);
  assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin', what);
  assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin', what);
  assert.equal(headers.get('access-control-allow-origin'), null, what);
  const policy = directives(headers.get('content-security-policy') ?? '');
  assert.equal(policy.get('default-src'), "'none'", what);
  assert.equal(policy.get('object-src') ?? policy.get('default-src'), "'none'", what);
  for (const name of ['base-uri', 'form-action', 'frame-ancestors'])
    assert.equal(policy.get(name), "'none'", `${what}: ${name}`);
  assert.equal(policy.get('require-trusted-types-for'), "'script'", what);
  for (const [name, values] of policy)
    assert.doesNotMatch(values, /unsafe|\*|https?:/, `${what}: ${name} ${values}`);
}

describe('what browsers are told', () => {
  test('by every route that can be read, signed in or not', { timeout: 60_000 }, async () => {
    const addresses = readable();
    assert.ok(addresses.length > 40, `${addresses.length} addresses`);
    for (const address of addresses) {
      for (const cookie of [undefined, administrator.cookie]) {
        const reply = await fetch(`${bureau.url}${address}`, {
          headers: cookie === undefined ? {} : { cookie },
          redirect: 'manual',
        });
        await reply.body?.cancel();
        mustHold(reply.headers, `${address} ${reply.status}`);
        const isPublicFile = address.startsWith('/line') || address === '/';
        assert.equal(reply.headers.get('cache-control'), isPublicFile ? 'no-cache' : 'no-store', address);
        assert.ok(![301, 302, 303, 307, 308].includes(reply.status), `${address} leads elsewhere`);
      }
    }
  });

  test('by every page: scripts of the bureau only or none, and no way to make one out of text', async () => {
    for (const page of pages) {
      const reply = await fetch(`${bureau.url}${page}`);
      await reply.text();
      assert.match(reply.headers.get('content-type') ?? '', /^text\/html; charset=utf-8$/, page);
      mustHold(reply.headers, page);
      const policy = directives(reply.headers.get('content-security-policy') ?? '');
      assert.ok([undefined, "'self'"].includes(policy.get('script-src')), page);
      if (policy.has('script-src')) assert.equal(policy.get('trusted-types'), "'none'", page);
    }
  });

  test('by what is not there, what is refused, and what cannot be read as HTTP', async () => {
    for (const [method, path] of [
      ['GET', '/nothing.js'],
      ['GET', '/package.json'],
      ['GET', '/v1/nothing'],
      ['GET', '/ispws/nothing'],
      ['POST', '/v1/session'],
      ['TRACE', '/v1/session'],
      ['OPTIONS', '/v1/desk/line'],
    ] as const) {
      const reply = await rawAnswer(
        `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`,
      );
      mustHold(reply.headers, `${method} ${path}`);
      assert.ok(reply.status >= 400, `${method} ${path} ${reply.status}`);
    }
    const unreadable = await rawAnswer('POST /v1/reports HTTP/1.1\r\nHost: x\r\nContent-Length: -4\r\n\r\n');
    assert.equal(unreadable.status, 400);
    mustHold(unreadable.headers, 'unreadable');
  });

  test('that only https will do, once a trusted proxy says that it was https, and never before', async () => {
    for (const path of ['/', '/v1/docs', '/v1/session', '/nothing.js']) {
      const plain = await fetch(`${bureau.url}${path}`);
      assert.equal(plain.headers.get('strict-transport-security'), null, path);
      const forwarded = await fetch(`${bureau.url}${path}`, { headers: { 'x-forwarded-proto': 'https' } });
      assert.equal(
        forwarded.headers.get('strict-transport-security'),
        'max-age=31536000; includeSubDomains',
        path,
      );
    }
  });

  test('that hashed files never change, and everything else is asked for anew', async () => {
    const asset = await fetch(`${bureau.url}/assets/main-abc.js`);
    assert.equal(asset.headers.get('cache-control'), 'public, max-age=31536000, immutable');
    const own = await fetch(`${bureau.url}/v1/session`, { headers: { cookie: administrator.cookie } });
    assert.equal(own.status, 200);
    assert.equal(own.headers.get('cache-control'), 'no-store');
  });
});

async function rawAnswer(
  text: string,
): Promise<{ readonly status: number; readonly headers: { get: (name: string) => string | null } }> {
  const socket = connect(Number(new URL(bureau.url).port), '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => undefined);
  socket.write(text);
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const [head = ''] = Buffer.concat(chunks).toString('utf8').split('\r\n\r\n', 1);
  const [first = '', ...lines] = head.split('\r\n');
  const headers = new Headers(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
  return { status: Number(first.split(' ')[1]), headers };
}
