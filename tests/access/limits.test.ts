import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { sql } from 'kysely';
import { createHttpServer, listen } from '#platform/http';
import { sumUpRefusals } from '../../src/access/sign-in/refusal-count.ts';
import { startTestBureau, type TestBureau } from '../harness/bureau.ts';
import { closeAtEnd, testCtx } from '../harness/database.ts';

/** Two servers of one bureau; senders are told apart by the address that a trusted proxy, this machine, says they have. */
let bureau: TestBureau;
let other: string;

const limits = {
  freePerName: 3,
  freePerAddress: 6,
  rowsPerAddress: 20,
  asksPerAddress: 4,
  serviceRequestsPerMinute: 40,
};
const minuteMs = 60_000;

before(async () => {
  // The start of a minute and of a window of refusals.
  bureau = await startTestBureau({ now: new Date('2026-11-24T12:00:00Z'), signIn: { limits } });
  const second = bureau.app.createServer();
  other = await listen(second, '127.0.0.1', 0);
  closeAtEnd(async () => await second.close());
});

interface Knock {
  readonly from: string;
  readonly at?: string;
  readonly path?: string;
  readonly authorization?: string;
  readonly body?: unknown;
}

async function knock(options: Knock) {
  const { from, at = bureau.url, path = '/ispws/status', authorization, body } = options;
  const reply = await fetch(`${at}${path}`, {
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: {
      'x-forwarded-for': from,
      ...(authorization === undefined ? {} : { authorization }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
  });
  return {
    status: reply.status,
    retryAfter: Number(reply.headers.get('retry-after')),
    text: await reply.text(),
  };
}

const basic = (username: string, password: string) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

describe('wrong passwords', () => {
  test('make one address wait for one name, on every server, and longer each time', async () => {
    const service = await bureau.addService('Harbour Chat');
    const wrong = { from: '192.0.2.1', authorization: basic(service.username, 'wrong') };
    for (let n = 0; n < limits.freePerName; n += 1) {
      assert.equal((await knock({ ...wrong, at: n % 2 === 0 ? bureau.url : other })).status, 401);
    }
    assert.equal((await knock(wrong)).status, 401, 'the first beyond the free ones is still looked at');
    const paused = await knock({ ...wrong, at: other });
    assert.equal(paused.status, 429);
    assert.match(paused.text, /<responseCode>2000<\/responseCode>/, 'in the protocol\u2019s own words');
    assert.ok(paused.retryAfter >= 1 && paused.retryAfter <= 2, `Retry-After ${paused.retryAfter}`);
    const waits: number[] = [];
    for (let n = 0; n < 3; n += 1) {
      bureau.clock.advance(30_000);
      assert.equal((await knock(wrong)).status, 401);
      waits.push((await knock({ ...wrong, at: other })).retryAfter);
    }
    assert.ok(
      waits.every((wait, index) => index === 0 || wait > (waits[index - 1] ?? 0)),
      `waits ${waits}`,
    );
  });

  test('lock nobody out elsewhere: the right password works from another address, and where it worked before', async () => {
    const service = await bureau.addService('Quiet Pond');
    const good = { from: '192.0.2.20', authorization: service.authorization };
    assert.equal((await knock(good)).status, 200);
    const wrong = { authorization: basic(service.username, 'guess') };
    for (const from of ['192.0.2.21', '192.0.2.20']) {
      for (let n = 0; n <= limits.freePerName + 1; n += 1) await knock({ ...wrong, from });
      assert.equal((await knock({ ...wrong, from })).status, 429, from);
    }
    assert.equal((await knock(good)).status, 200, 'a password that was right a moment ago is not held up');
    assert.equal(
      (await knock({ ...good, from: '192.0.2.22', at: other })).status,
      200,
      'another address, another server',
    );
  });

  test('of many names make the address wait as a whole, and a neighbour in its network of IPv6 with it', async () => {
    for (let n = 0; n <= limits.freePerAddress; n += 1) {
      await knock({ from: `2001:db8:1:2::${n + 1}`, authorization: basic(`name-${n}`, 'wrong') });
    }
    const next = await knock({ from: '2001:db8:1:2:ffff::1', authorization: basic('name-x', 'wrong') });
    assert.equal(next.status, 429);
    assert.equal(
      (await knock({ from: '2001:db8:1:3::1', authorization: basic('name-x', 'wrong') })).status,
      401,
    );
  });

  test('are forgotten after an hour without one', async () => {
    const wrong = { from: '192.0.2.30', authorization: basic('somebody', 'wrong') };
    for (let n = 0; n <= limits.freePerName; n += 1) await knock(wrong);
    assert.equal((await knock(wrong)).status, 429);
    bureau.clock.advance(61 * minuteMs);
    for (let n = 0; n <= limits.freePerName; n += 1) assert.equal((await knock(wrong)).status, 401);
  });

  test('leave no user name in the table of counts', async () => {
    const { rows } = await bureau.db.pool.query('select key from access.throttle');
    const text = JSON.stringify(rows);
    assert.ok(rows.length > 0);
    assert.ok(!text.includes('somebody') && !text.includes('harbour'), text);
  });
});

describe('guessed links', () => {
  test('make their address wait, and nobody else', async () => {
    const guess = (from: string, at: string) =>
      knock({ from, at, path: '/v1/session', body: { token: 'guessed-token-of-twenty-or-more' } });
    for (let n = 0; n <= limits.freePerAddress; n += 1) {
      assert.ok([404, 429].includes((await guess('192.0.2.40', n % 2 === 0 ? bureau.url : other)).status));
    }
    for (const at of [bureau.url, other]) assert.equal((await guess('192.0.2.40', at)).status, 429);
    assert.equal((await guess('192.0.2.41', bureau.url)).status, 404);
  });
});

describe('strangers who are refused again and again', () => {
  test('get a row each up to a share, then are counted, and summed up in one row', {
    timeout: 30_000,
  }, async () => {
    bureau.clock.set(new Date('2026-11-24T16:00:00Z'));
    const from = '192.0.2.50';
    const statuses: number[] = [];
    for (let n = 0; n < 27; n += 1) {
      statuses.push(
        (await knock({ from, path: '/v1/desk/line', at: n % 2 === 0 ? bureau.url : other })).status,
      );
    }
    assert.ok(
      statuses.slice(0, limits.rowsPerAddress).every((status) => status === 401),
      String(statuses),
    );
    assert.ok(
      statuses.slice(limits.rowsPerAddress).every((status) => status === 429),
      String(statuses),
    );
    assert.equal(await rowsFrom(from), limits.rowsPerAddress);
    bureau.clock.advance(10 * minuteMs);
    assert.equal((await knock({ from, path: '/v1/desk/line' })).status, 401, 'a new window begins anew');
    await toldBy(from, 27);
    bureau.clock.advance(minuteMs + 1);
    await testCtx(bureau.db, { now: bureau.clock.now() }).run(async (ctx) => await sumUpRefusals(ctx));
    const summary = await bureau.db.kysely
      .selectFrom('access.audit')
      .select(['action', 'outcome', 'details', 'actor_kind'])
      .where('action', '=', 'refuse-strangers')
      .where('remote_address', '=', from)
      .execute();
    assert.deepEqual(summary, [
      {
        action: 'refuse-strangers',
        outcome: 'refused',
        actor_kind: 'anonymous',
        details: { refusals: 7, from: '2026-11-24T16:00:00.000Z', until: '2026-11-24T16:10:00.000Z' },
      },
    ]);
    await testCtx(bureau.db, { now: bureau.clock.now() }).run(async (ctx) => await sumUpRefusals(ctx));
    assert.equal(await rowsFrom(from), limits.rowsPerAddress + 2, 'a window is summed up once');
  });

  test('a signed-in person at the same address is not held up, and their own refusals keep a row each', async () => {
    bureau.clock.set(new Date('2026-11-24T18:00:00Z'));
    const staff = await bureau.signIn('Ada Example', ['analyst']);
    for (let n = 0; n < 25; n += 1) await knock({ from: '127.0.0.1', path: '/v1/desk/line' });
    for (let n = 0; n < 9; n += 1) assert.equal((await staff.ask('GET', '/v1/desk/staff')).status, 403);
    assert.equal((await staff.ask('GET', '/v1/desk/line')).status, 200);
    const own = await bureau.db.kysely
      .selectFrom('access.audit')
      .select((eb) => eb.fn.countAll<string>().as('n'))
      .where('actor_id', '=', staff.id)
      .where('code', '=', 'access.not-permitted')
      .executeTakeFirstOrThrow();
    assert.equal(Number(own.n), 9);
  });

  test('may ask for so many challenges a minute, and the table does not grow beyond', async () => {
    const ask = async (at: string) =>
      (await knock({ from: '192.0.2.60', at, path: '/v1/session/challenge' })).status;
    const before = await challenges();
    const statuses: number[] = [];
    for (let n = 0; n < 8; n += 1) statuses.push(await ask(n % 2 === 0 ? bureau.url : other));
    assert.deepEqual(statuses, [200, 200, 200, 200, 429, 429, 429, 429]);
    assert.equal((await challenges()) - before, limits.asksPerAddress);
    bureau.clock.advance(minuteMs);
    assert.equal(await ask(bureau.url), 200);
  });

  const challenges = async () => (await bureau.db.pool.query('select 1 from access.challenge')).rows.length;
});

describe('requests of one service', () => {
  test('beyond the limit of a minute are refused on every server, with the protocol\u2019s code for later', async () => {
    bureau.clock.set(new Date('2026-11-24T20:00:00Z'));
    const service = await bureau.addService('Loud Pond');
    const calm = await bureau.addService('Calm Pond');
    const ask = (at: string, authorization = service.authorization) =>
      knock({ from: '192.0.2.70', at, authorization });
    let taken = 0;
    // Each server tells the other once a second; the clock moves for that, within the minute.
    for (let n = 0; n < 100; n += 1) {
      bureau.clock.advance(500);
      const reply = await ask(n % 2 === 0 ? bureau.url : other);
      if (reply.status === 429) {
        assert.match(reply.text, /<responseCode>1000<\/responseCode>/);
        assert.ok(reply.retryAfter >= 1 && reply.retryAfter <= 60);
      } else taken += 1;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.ok(taken >= limits.serviceRequestsPerMinute, `only ${taken} were taken`);
    assert.ok(
      taken <= limits.serviceRequestsPerMinute + 8,
      `${taken} were taken, two servers did not share the limit`,
    );
    assert.equal((await ask(bureau.url, calm.authorization)).status, 200, 'another service is not held up');
    bureau.clock.set(new Date('2026-11-24T20:01:00Z'));
    assert.equal((await ask(bureau.url)).status, 200);
  });

  test('write nothing while they are calm', async () => {
    bureau.clock.set(new Date('2026-11-24T21:00:00Z'));
    const wide = await startTestBureau({ now: bureau.clock.now() });
    const service = await wide.addService('Small Pond');
    for (let n = 0; n < 20; n += 1) {
      wide.clock.advance(1_500);
      const reply = await fetch(`${wide.url}/ispws/status`, {
        headers: { authorization: service.authorization },
      });
      assert.equal(reply.status, 200);
      await reply.text();
    }
    const { rows } = await wide.db.pool.query('select 1 from access.throttle');
    assert.equal(rows.length, 0);
  });
});

describe('forwarded addresses', () => {
  async function addressSeen(trustedProxies: readonly string[], forwarded: string): Promise<string> {
    const server = createHttpServer({ trustedProxies });
    server.get('/', async (request) => ({ ip: request.ip }));
    const url = await listen(server, '127.0.0.1', 0);
    const reply = await fetch(url, { headers: { 'x-forwarded-for': forwarded } });
    const { ip } = (await reply.json()) as { ip: string };
    await server.close();
    return ip;
  }

  test('count from trusted proxies only, and only as far as the chain of trust goes', async () => {
    assert.equal(await addressSeen([], '192.0.2.1'), '127.0.0.1');
    assert.equal(await addressSeen(['192.0.2.10'], '192.0.2.1'), '127.0.0.1');
    assert.equal(await addressSeen(['loopback'], '192.0.2.1'), '192.0.2.1');
    assert.equal(await addressSeen(['loopback'], '203.0.113.9, 192.0.2.1'), '192.0.2.1');
    assert.equal(await addressSeen(['loopback', '192.0.2.0/24'], '203.0.113.9, 192.0.2.1'), '203.0.113.9');
  });

  test('that are none become the connection\u2019s own, and no request fails for it', async () => {
    bureau.clock.set(new Date('2026-11-24T22:00:00Z'));
    for (const from of [
      'unknown',
      '_hidden',
      '192.0.2.1:8080',
      "'; drop table access.audit; --",
      '999.1.1.1',
      ' ',
    ]) {
      assert.ok([401, 429].includes((await knock({ from, path: '/v1/desk/line' })).status), from);
    }
    assert.ok((await rowsFrom('127.0.0.1')) > 0);
  });
});

async function rowsFrom(address: string): Promise<number> {
  const row = await bureau.db.kysely
    .selectFrom('access.audit')
    .select((eb) => eb.fn.countAll<string>().as('n'))
    .where('remote_address', '=', address)
    .executeTakeFirstOrThrow();
  return Number(row.n);
}

/** Waits until every server has told what it counted. */
async function toldBy(address: string, count: number): Promise<void> {
  for (let n = 0; n < 100; n += 1) {
    const { rows } = await sql<{ count: number }>`
      select max(count) as count from access.refusal_count where address = ${address}::inet`.execute(
      bureau.db.kysely,
    );
    if ((rows[0]?.count ?? 0) >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail('the servers did not tell what they counted');
}
