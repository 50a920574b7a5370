import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { holdersOf, type Route, type RouteFamily } from '#access';
import { roles } from '#contract/administration';
import { startTestBureau, type TestBureau } from '../harness/bureau.ts';

/**
 * Generated from the route list: every route × everybody who may knock is let in or refused exactly as the register
 * says, and leaves the audit row that the register promises, on refusal too.
 */
interface Knocker {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
}

let bureau: TestBureau;
const knockers: Knocker[] = [];

before(async () => {
  bureau = await startTestBureau();
  const service = await bureau.addService('Harbour Chat');
  knockers.push({ name: 'anyone', headers: {} });
  knockers.push({ name: 'service', headers: { authorization: service.authorization } });
  knockers.push({ name: 'machine', headers: { authorization: `Bearer ${bureau.machineToken}` } });
  for (const role of roles) {
    const staff = await bureau.signIn(`Person ${role}`, [role]);
    knockers.push({ name: role, headers: { cookie: staff.cookie } });
  }
});

/** Ends or locks the session it is called with; walked in a test of its own. */
const endsTheSession = (route: Route) => route.audit === 'sign-out' || route.audit === 'lock-session';

describe('the access register', () => {
  test('lets in and refuses exactly whom it names, and every knock leaves its row', async () => {
    let walked = 0;
    for (const family of bureau.app.families) {
      for (const route of family.routes.filter((one) => !endsTheSession(one))) {
        for (const knocker of knockers) {
          await walk(family, route, knocker);
          walked += 1;
        }
      }
    }
    assert.ok(walked > 300, `only ${walked} combinations were walked`);
  });

  test('is served to the auditor and lists every route once', async () => {
    const auditor = knockers.find((knocker) => knocker.name === 'auditor');
    const reply = await fetch(`${bureau.url}/v1/desk/register`, { headers: auditor?.headers ?? {} });
    const { items } = (await reply.json()) as { items: { method: string; path: string }[] };
    const expected = bureau.app.families.flatMap((family) =>
      family.routes.map((route) => `${route.method} ${family.prefix}${route.path}`),
    );
    assert.deepEqual(items.map((item) => `${item.method} ${item.path}`).sort(), expected.sort());
    assert.equal(new Set(expected).size, expected.length);
  });

  test('no route is both audited by nothing and a change, unless its reason says why', () => {
    for (const family of bureau.app.families) {
      for (const route of family.routes) {
        if (typeof route.audit === 'string') continue;
        assert.equal(route.method, 'GET', `${route.method} ${route.path} changes something without a row`);
        assert.ok(route.audit.unaudited.length > 20, `${route.path} does not say why it leaves no row`);
      }
    }
  });
});

async function walk(family: RouteFamily, route: Route, knocker: Knocker): Promise<void> {
  const path = `${family.prefix}${route.path.replaceAll(/:[a-zA-Z]+|\*/g, '4242')}`;
  const what = `${knocker.name}: ${route.method} ${path}`;
  const held = holdersOf(route.permission, family);
  const mayPass = held.includes('anyone') || held.includes(knocker.name);
  const rowsBefore = await rowsOf(route);
  const leave = new AbortController();
  const hasBody = route.method !== 'GET' && route.method !== 'HEAD';
  const reply = await fetch(`${bureau.url}${path}`, {
    method: route.method,
    headers: {
      ...knocker.headers,
      ...(hasBody ? { 'content-type': 'application/json' } : {}),
    },
    ...(hasBody ? { body: '{}' } : {}),
    signal: leave.signal,
  });
  const isStream = (reply.headers.get('content-type') ?? '').startsWith('text/event-stream');
  if (isStream) leave.abort();
  else await reply.arrayBuffer();
  const isOut = reply.status === 401 || reply.status === 403;
  // A credential of the wrong kind at an open door is refused too: a mistake is told, not swallowed.
  const wrongKind = held.includes('anyone') && family.signIn !== 'none' && reply.status === 401;
  if (mayPass && !wrongKind) assert.ok(!isOut, `${what} was refused with ${reply.status}`);
  if (!mayPass) assert.ok(isOut, `${what} was let in with ${reply.status}`);
  assert.ok(reply.status < 500, `${what} answered ${reply.status}`);
  assert.match(reply.headers.get('request-id') ?? '', /^[0-9a-f-]{36}$/, what);
  if (typeof route.audit === 'string') {
    const rowsAfter = await rowsOf(route);
    assert.equal(rowsAfter, rowsBefore + 1, `${what} (${reply.status}) left ${rowsAfter - rowsBefore} rows`);
  }
}

async function rowsOf(route: Route): Promise<number> {
  if (typeof route.audit !== 'string') return 0;
  const row = await bureau.db.kysely
    .selectFrom('access.audit')
    .select((eb) => eb.fn.countAll<string>().as('n'))
    .where('action', '=', route.audit)
    .executeTakeFirstOrThrow();
  return Number(row.n);
}
