import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { holdersOf, type Route, type RouteFamily } from '#access';
import { roles } from '#contract/administration';
import type { Environment } from '#contract/shapes';
import { type Service, type Staff, startTestBureau, type TestBureau } from '../harness/bureau.ts';
import { call } from '../stages/intake-build.ts';
import {
  absentIds,
  deskExamples,
  fill,
  nameOf,
  namesAnObject,
  type SentIds,
  sendObjects,
  serviceCall,
} from './matrix-objects.ts';

/**
 * Generated from the route list: every route × everybody who may knock × both environments × one's own, another's or
 * no object. Allowed or refused as the register says, each with its one audit row; and what was refused changed nothing.
 */
let bureau: TestBureau;
let harbour: Service;
let practice: Service;
let lantern: Service;
let exampleOf: ReturnType<typeof deskExamples>;
let knockers: readonly Knocker[];
let somebody: Staff;

interface Knocker {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What the register calls it, where it is let in at all. */
  readonly holder?: string;
  /** The code of its refusal at the doors of services and of staff, where it may not pass. */
  readonly refusals: { readonly service: string; readonly staff: string };
}

const environments = ['production', 'sandbox'] as const;
const needed = 'access.sign-in-needed';
const gateCodes = new Set([
  needed,
  'access.not-permitted',
  'access.bad-credentials',
  'access.session-ended',
  'access.provider-suspended',
]);

before(async () => {
  bureau = await startTestBureau();
  harbour = await bureau.addService('Harbour Chat');
  practice = await bureau.addService('Harbour Chat', 'sandbox');
  lantern = await bureau.addService('Lantern Forum');
  exampleOf = deskExamples(bureau, { production: harbour, sandbox: practice });
  somebody = await bureau.signIn('Somebody else', ['supervisor']);
  const suspended = await bureau.addService('Suspended Social');
  await bureau.db.pool.query('update access.provider set suspended_at = now() where id = $1', [suspended.id]);
  const leaver = await bureau.signIn('Leaver', ['administrator']);
  await leaver.ask('DELETE', '/v1/session');
  const staff = await Promise.all(
    roles.map(async (role) => ({ role, cookie: (await bureau.signIn(`Person ${role}`, [role])).cookie })),
  );
  knockers = [
    { name: 'nobody', headers: {}, refusals: { service: needed, staff: needed } },
    {
      name: 'a wrong password',
      headers: { authorization: `Basic ${Buffer.from(`${harbour.username}:wrong`).toString('base64')}` },
      refusals: { service: 'access.bad-credentials', staff: needed },
    },
    {
      name: 'a wrong token',
      headers: { authorization: `Bearer ${'x'.repeat(43)}` },
      refusals: { service: needed, staff: 'access.bad-credentials' },
    },
    {
      name: 'an ended session',
      headers: { cookie: leaver.cookie },
      refusals: { service: needed, staff: 'access.session-ended' },
    },
    {
      name: 'a suspended service',
      headers: { authorization: suspended.authorization },
      refusals: { service: 'access.provider-suspended', staff: needed },
    },
    {
      name: 'a service',
      headers: { authorization: harbour.authorization },
      holder: 'service',
      refusals: { service: 'access.not-permitted', staff: needed },
    },
    {
      name: 'machine',
      headers: { authorization: `Bearer ${bureau.machineToken}` },
      holder: 'machine',
      refusals: { service: needed, staff: 'access.not-permitted' },
    },
    ...staff.map(({ role, cookie }) => ({
      name: role,
      headers: { cookie },
      holder: role,
      refusals: { service: needed, staff: 'access.not-permitted' },
    })),
  ];
});

function* routesOf(...signIns: readonly RouteFamily['signIn'][]) {
  for (const family of bureau.app.families) {
    if (!signIns.includes(family.signIn)) continue;
    for (const route of family.routes) yield { family, route, name: nameOf(family, route) };
  }
}

describe('a service', () => {
  test('reaches its own objects, and finds nothing where another service or its other environment has one', async () => {
    let walked = 0;
    for (const { family, route, name } of routesOf('service')) {
      if (!namesAnObject(family, route)) continue;
      for (const { me, others } of [
        { me: harbour, others: [lantern, practice] },
        { me: practice, others: [harbour] },
      ]) {
        const none = await askedBy(me, family, route, absentIds());
        for (const other of others) {
          const theirs = await sendObjects(bureau, other, name);
          const untouched = await rowsAbout(theirs.reportId);
          const foreign = await askedBy(me, family, route, theirs);
          const what = `${name} as ${me.username} for ${other.username}`;
          assert.deepEqual(foreign, none, `${what}: another's object is told apart from none`);
          assert.deepEqual(await rowsAbout(theirs.reportId), untouched, `${what}: something was changed`);
          walked += 1;
        }
        const mine = await sendObjects(bureau, me, name);
        const own = await askedBy(me, family, route, mine);
        // The description of the upload protocol is the same for every report.
        if (route.method !== 'OPTIONS') {
          assert.notDeepEqual(own, none, `${name}: one's own object is as good as none`);
          assert.ok(own.status < 400, `${name}: one's own object answers ${own.status}: ${own.text}`);
        }
      }
    }
    assert.ok(walked >= 45, `only ${walked} combinations were walked`);
  });

  test('lists what it sent and nothing else', async () => {
    for (const me of [harbour, practice, lantern]) {
      const reply = await call(bureau, { path: '/v1/reports?limit=200', authorization: me.authorization });
      const listed = (reply.json() as { items: { reportId: string }[] }).items.map(
        ({ reportId }) => reportId,
      );
      const { rows } = await bureau.db.pool.query<{ id: string }>(
        'select id from intake.report where provider_id = $1',
        [me.id],
      );
      assert.ok(listed.length > 0);
      assert.deepEqual(
        listed.filter((id) => !rows.some((row) => row.id === id)),
        [],
      );
    }
  });
});

describe('everybody at every route', () => {
  test('is let in or refused as the register says, in both environments, and leaves one row', async () => {
    const tally = { refused: 0, passed: 0 };
    for (const { family, route, name } of routesOf('service', 'staff', 'both')) {
      if (route.permission === 'anyone') continue;
      const held = holdersOf(route.permission, family);
      const door = family.signIn === 'service' ? 'service' : 'staff';
      // A route that names nothing is the same in both.
      for (const environment of /[:*]/.test(route.path) ? environments : environments.slice(0, 1)) {
        const params = await paramsFor(family, route, environment, somebody);
        for (const knocker of knockers) {
          const mayPass = knocker.holder !== undefined && held.includes(knocker.holder);
          // What a service may do to which object is walked above.
          if (mayPass && door === 'service') continue;
          const what = `${knocker.name}: ${name} (${environment})`;
          if (mayPass) await assertPasses(family, route, knocker, environment, what);
          else await assertRefused(family, route, knocker, params, knocker.refusals[door], what);
          tally[mayPass ? 'passed' : 'refused'] += 1;
        }
      }
    }
    assert.ok(tally.refused > 1_200 && tally.passed > 200, JSON.stringify(tally));
  });
});

describe('one member of staff', () => {
  test("cannot end, rename or remove another's session, passkey or emergency access", async () => {
    const own = new Set(['account:own', 'session:own']);
    const personal = /:(sessionId|passkeyId|emergencyId)/;
    let walked = 0;
    for (const { family, route, name } of routesOf('staff')) {
      if (!own.has(route.permission) || !personal.test(route.path)) continue;
      for (const role of roles) {
        const me = await bureau.signIn(`Owner ${role} ${walked}`, [role]);
        const params = await paramsFor(family, route, 'production', somebody);
        const untouched = await rowsOfStaff(somebody);
        const foreign = await me.ask(route.method, pathOf(family, route, params), {
          name: 'Renamed',
        });
        assert.equal(foreign.status, 404, `${name} as ${role}: ${JSON.stringify(foreign.body)}`);
        assert.deepEqual(await rowsOfStaff(somebody), untouched, `${name} as ${role} changed something`);
        walked += 1;
      }
    }
    assert.ok(walked >= 4 * roles.length, `only ${walked} combinations were walked`);
  });
});

interface Seen {
  readonly status: number;
  readonly text: string;
}

/** The answer without what names the object or the request: equal for objects that cannot be told apart. */
async function askedBy(me: Service, family: RouteFamily, route: Route, ids: SentIds): Promise<Seen> {
  const before_ = await rowsOf(route);
  const reply = await call(bureau, { ...serviceCall(family, route, ids), authorization: me.authorization });
  const what = `${route.method} ${route.path}`;
  assert.ok(reply.status < 500, `${what} answered ${reply.status}: ${reply.text}`);
  assert.equal(await rowsOf(route), before_ + (typeof route.audit === 'string' ? 1 : 0), what);
  const text = Object.values(ids)
    .reduce((whole, id) => (id === '' ? whole : whole.replaceAll(id, 'ID')), reply.text)
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID');
  // An answer of the protocol for services carries its outcome in the body.
  const isRefusal = reply.of('responseCode') !== undefined && reply.code !== 0;
  return { status: isRefusal ? Math.max(reply.status, 400) : reply.status, text };
}

/** Every row that belongs to the report, with the transaction that wrote it last. */
async function rowsAbout(reportId: string): Promise<unknown> {
  const tables = [
    ...['intake.document', 'intake.incident', 'intake.party', 'intake.identifier', 'intake.report_file'],
    ...['intake.upload', 'intake.receipt', 'vault.holding'],
  ];
  const parts = [
    `select 'intake.report' as place, xmin::text as written, ctid::text as at from intake.report where id = ${reportId}`,
    ...tables.map(
      (table) => `select '${table}', xmin::text, ctid::text from ${table} where report_id = ${reportId}`,
    ),
  ];
  const { rows } = await bureau.db.pool.query(`${parts.join(' union all ')} order by 1, 3`);
  assert.ok(rows.length >= 3, `there is no report ${reportId}`);
  return rows;
}

async function rowsOfStaff(staff: Staff): Promise<unknown> {
  const { rows } = await bureau.db.pool.query(
    `select 'session' as place, id::text, xmin::text as written from access.session where staff_id = $1
     union all select 'passkey', id::text, xmin::text from access.passkey where staff_id = $1
     union all select 'emergency', id::text, xmin::text from access.emergency where staff_id = $1 order by 1, 2`,
    [staff.id],
  );
  return rows;
}

async function paramsFor(
  family: RouteFamily,
  route: Route,
  environment: Environment,
  staff: Staff,
): Promise<ReadonlyMap<string, string>> {
  const names = [...`${family.prefix}${route.path}`.matchAll(/:([a-zA-Z0-9]+)|\*/g)].map(
    ([all, name]) => name ?? all,
  );
  const params = new Map<string, string>();
  for (const name of names) {
    const isOfService = family.signIn === 'service';
    const value = isOfService
      ? (await sentIn(environment))[name as keyof SentIds]
      : await exampleOf(name, { environment, staff });
    assert.ok(value, `no example of :${name} for ${route.path}`);
    params.set(name, value);
  }
  return params;
}

const sent = new Map<Environment, SentIds>();

async function sentIn(environment: Environment): Promise<SentIds> {
  const known =
    sent.get(environment) ?? (await sendObjects(bureau, environment === 'sandbox' ? practice : harbour, ''));
  sent.set(environment, known);
  return known;
}

function pathOf(family: RouteFamily, route: Route, params: ReadonlyMap<string, string>): string {
  return fill(`${family.prefix}${route.path}`, (param) => params.get(param) ?? '');
}

function bodyFor(route: Route): unknown {
  return route.method === 'GET' || route.method === 'HEAD' ? undefined : {};
}

async function assertRefused(
  family: RouteFamily,
  route: Route,
  knocker: Knocker,
  params: ReadonlyMap<string, string>,
  code: string,
  what: string,
): Promise<void> {
  const rows = await rowsOf(route);
  const reply = await knock(family, route, knocker.headers, params);
  const expected = code === 'access.not-permitted' || code === 'access.provider-suspended' ? 403 : 401;
  assert.equal(reply.status, expected, `${what}: ${reply.text}`);
  if (typeof route.audit !== 'string') return;
  assert.equal(await rowsOf(route), rows + 1, `${what} left no row or several`);
  const last = await lastRow(route);
  assert.deepEqual([last.outcome, last.code], ['refused', code], what);
}

/** Whatever the deed then says, it was not the guard that refused, and a known object is not unknown. */
async function assertPasses(
  family: RouteFamily,
  route: Route,
  knocker: Knocker,
  environment: Environment,
  what: string,
): Promise<void> {
  const isPerson = knocker.holder !== 'machine';
  // A session of its own, because some of these end or lock it.
  const me = isPerson
    ? await bureau.signIn(`Guest ${guests++}`, [knocker.holder as (typeof roles)[number]])
    : somebody;
  const params = await paramsFor(family, route, environment, me);
  const rows = await rowsOf(route);
  const reply = await knock(family, route, isPerson ? { cookie: me.cookie } : knocker.headers, params);
  assert.ok(reply.status < 500, `${what} answered ${reply.status}: ${reply.text}`);
  if (typeof route.audit !== 'string') {
    assert.ok(
      reply.status !== 401 && reply.status !== 403,
      `${what} answered ${reply.status}: ${reply.text}`,
    );
    return;
  }
  assert.equal(await rowsOf(route), rows + 1, `${what} (${reply.status}) left no row or several`);
  const last = await lastRow(route);
  assert.ok(!gateCodes.has(last.code ?? ''), `${what} was refused with ${last.code}`);
  assert.equal(last.outcome, reply.status < 400 ? 'done' : 'refused', `${what}: ${reply.text}`);
}

let guests = 0;

async function knock(
  family: RouteFamily,
  route: Route,
  headers: Readonly<Record<string, string>>,
  params: ReadonlyMap<string, string>,
): Promise<{ readonly status: number; readonly text: string }> {
  const body = bodyFor(route);
  const leave = new AbortController();
  const reply = await fetch(`${bureau.url}${pathOf(family, route, params)}`, {
    method: route.method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: leave.signal,
  });
  if (!(reply.headers.get('content-type') ?? '').startsWith('text/event-stream')) {
    return { status: reply.status, text: await reply.text() };
  }
  leave.abort();
  return { status: reply.status, text: '' };
}

async function rowsOf(route: Route): Promise<number> {
  if (typeof route.audit !== 'string') return 0;
  const { rows } = await bureau.db.pool.query<{ n: number }>(
    'select count(*)::int as n from access.audit where action = $1',
    [route.audit],
  );
  return rows[0]?.n ?? 0;
}

async function lastRow(route: Route): Promise<{ readonly outcome: string; readonly code: string | null }> {
  const { rows } = await bureau.db.pool.query<{ outcome: string; code: string | null }>(
    'select outcome, code from access.audit where action = $1 order by id desc limit 1',
    [route.audit],
  );
  if (rows[0] === undefined) throw new Error('there is no row');
  return rows[0];
}
