import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { addStaff, issueSignInLink } from '#access';
import { sweepExpired } from '../../src/access/sign-in/store.ts';
import { type Authenticator, softwareAuthenticator } from '../harness/authenticator.ts';
import { type Staff, startTestBureau, type TestBureau } from '../harness/bureau.ts';
import { testCtx } from '../harness/database.ts';

/** Links sign in here, so that sessions with and without a passkey stand side by side; a session locks after half an hour. */
let bureau: TestBureau;
let page: string;

before(async () => {
  bureau = await startTestBureau({ signIn: { idleMinutes: 30 } });
  page = bureau.url.replace('127.0.0.1', 'localhost');
});

const minuteMs = 60_000;

interface Problem {
  readonly code?: string;
}

async function codeOf(staff: Pick<Staff, 'ask'>, method: string, path: string, body?: unknown) {
  const reply = await staff.ask(method, path, body);
  return reply.status < 400 ? reply.status : (reply.body as Problem).code;
}

async function stateOf(staff: Staff): Promise<string> {
  const reply = await staff.ask('GET', '/v1/session');
  return (reply.body as { state: string }).state;
}

/** Registers a passkey for somebody signed in; gives the session that follows. */
async function withPasskey(staff: Staff): Promise<Staff & { readonly key: Authenticator }> {
  const key = softwareAuthenticator(page);
  const { body } = await staff.ask('GET', '/v1/account/passkeys/challenge');
  const { options } = body as { options: Parameters<Authenticator['create']>[0] };
  const reply = await fetch(`${bureau.url}/v1/account/passkeys`, {
    method: 'POST',
    headers: { cookie: staff.cookie, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Desk key', proof: key.create(options) }),
  });
  assert.equal(reply.status, 201);
  const cookie = (reply.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  return { ...sessionOf(staff.id, cookie), key };
}

/** A browser's session: it goes on with whatever cookie it was given last. */
function sessionOf(id: string, first: string): Staff {
  let cookie = first;
  return {
    id,
    cookie: first,
    ask: async (method, path, body) => {
      const reply = await fetch(`${bureau.url}${path}`, {
        method,
        headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      cookie = reply.headers.get('set-cookie')?.split(';')[0] ?? cookie;
      return { status: reply.status, body: await reply.json() };
    },
  };
}

async function renew(staff: Staff, key: Authenticator): Promise<string | number | undefined> {
  const { body } = await staff.ask('GET', '/v1/session/renewal');
  const proof = key.get(body as Parameters<Authenticator['get']>[0]);
  return await codeOf(staff, 'POST', '/v1/session/renewal', { proof });
}

describe('a session that lies idle', () => {
  test('locks, opens nothing, and goes on where it was once its person proved who they are', async () => {
    const staff = await withPasskey(await bureau.signIn('Ada Example', ['administrator']));
    bureau.clock.advance(29 * minuteMs);
    assert.equal(await codeOf(staff, 'GET', '/v1/desk/staff'), 200);
    await settled();
    bureau.clock.advance(29 * minuteMs);
    assert.equal(await codeOf(staff, 'GET', '/v1/desk/staff'), 200, 'a deed keeps it awake');
    await settled();
    bureau.clock.advance(30 * minuteMs);
    assert.equal(await codeOf(staff, 'GET', '/v1/desk/staff'), 'access.session-locked');
    assert.equal(await codeOf(staff, 'GET', '/v1/account/passkeys'), 'access.session-locked');
    assert.equal(await stateOf(staff), 'locked');
    const { body } = await staff.ask('GET', '/v1/session');
    assert.deepEqual(
      (body as { permissions: string[] }).permissions,
      [],
      'a locked session tells of no permission',
    );
    assert.equal(await renew(staff, staff.key), 200);
    assert.equal(await stateOf(staff), 'open');
    assert.equal(await codeOf(staff, 'GET', '/v1/desk/staff'), 200);
  });

  test('is not kept awake by what a page asks for on its own', async () => {
    const staff = await bureau.signIn('Bo Example', ['analyst']);
    for (let minute = 0; minute < 30; minute += 5) {
      assert.equal(await stateOf(staff), 'open');
      const live = new AbortController();
      const stream = await fetch(`${bureau.url}/v1/desk/live`, {
        headers: { cookie: staff.cookie },
        signal: live.signal,
      });
      assert.equal(stream.status, 200);
      live.abort();
      await settled();
      bureau.clock.advance(5 * minuteMs);
    }
    assert.equal(await stateOf(staff), 'locked');
  });

  test('is kept awake by a page that says that its person is there', async () => {
    const staff = await bureau.signIn('Cy Example', ['analyst']);
    for (let minute = 0; minute < 60; minute += 20) {
      assert.equal(await codeOf(staff, 'GET', '/v1/session?active=yes'), 200);
      await settled();
      bureau.clock.advance(20 * minuteMs);
    }
    assert.equal(await stateOf(staff), 'open');
  });

  test('ends at last, whoever proves what', async () => {
    const staff = await withPasskey(await bureau.signIn('Di Example', ['analyst']));
    const start = bureau.clock.now();
    bureau.clock.advance(12 * 60 * minuteMs - 1);
    assert.equal(await renew(staff, staff.key), 200);
    bureau.clock.advance(1);
    assert.equal(await codeOf(staff, 'GET', '/v1/session'), 'access.session-ended');
    bureau.clock.set(start);
  });
});

describe('a locked session', () => {
  test('is locked for the server too, and opened by its own person only', async () => {
    const staff = await withPasskey(await bureau.signIn('Ed Example', ['administrator']));
    const other = await withPasskey(await bureau.signIn('Fay Example', ['administrator']));
    assert.equal(await codeOf(staff, 'POST', '/v1/session/lock'), 200);
    assert.equal(await codeOf(staff, 'GET', '/v1/desk/staff'), 'access.session-locked');
    assert.equal(await renew(staff, other.key), 'access.other-person');
    assert.equal(await stateOf(staff), 'locked');
    assert.equal(await renew(staff, staff.key), 200);
    assert.equal(await codeOf(staff, 'GET', '/v1/desk/staff'), 200);
  });

  test('goes on under a new token: the one from before opens nothing, and nothing else of it changes', async () => {
    const staff = await withPasskey(await bureau.signIn('Uma Example', ['administrator']));
    const rows = async () =>
      (
        await bureau.db.pool.query(
          'select id, created_at, expires_at, method, ended_at from access.session where staff_id = $1 and ended_at is null',
          [staff.id],
        )
      ).rows as unknown[];
    const before = await rows();
    assert.equal(await codeOf(staff, 'POST', '/v1/session/lock'), 200);
    assert.equal(await renew(staff, staff.key), 200);
    assert.equal(await codeOf(staff, 'GET', '/v1/desk/staff'), 200);
    const old = sessionOf(staff.id, staff.cookie);
    assert.equal(await codeOf(old, 'GET', '/v1/session'), 'access.session-ended');
    assert.deepEqual(await rows(), before);
  });

  test('may be left, and a new sign-in in the same browser ends it', async () => {
    const staff = await bureau.signIn('Gil Example', ['analyst']);
    assert.equal(await codeOf(staff, 'POST', '/v1/session/lock'), 200);
    const link = await testCtx(bureau.db, { now: bureau.clock.now() }).run(
      async (c) => await issueSignInLink(c, { staffId: staff.id }),
    );
    assert.equal(await codeOf(staff, 'POST', '/v1/session', { token: link.token }), 201);
    assert.equal(await codeOf(staff, 'GET', '/v1/session'), 'access.session-ended');
    const row = await bureau.db.kysely
      .selectFrom('access.session')
      .select('ended_because')
      .where('staff_id', '=', staff.id)
      .where('ended_at', 'is not', null)
      .executeTakeFirstOrThrow();
    assert.equal(row.ended_because, 'replaced');
  });
});

describe('dangerous deeds', () => {
  const dangerous = [
    'add-staff',
    'issue-sign-in-link',
    'disable-staff',
    'add-provider',
    'rotate-credential',
    'suspend-provider',
    'remove-passkey',
    'end-session',
    'end-other-sessions',
  ];

  test('are marked as such', () => {
    const marked = bureau.app.families
      .flatMap((family) => family.routes)
      .filter((route) => route.needs === 'recent-sign-in')
      .map((route) => route.audit);
    for (const name of dangerous) assert.ok(marked.includes(name), `${name} asks for no fresh proof`);
  });

  test('need a proof of the last five minutes from whoever can give one', async () => {
    const staff = await withPasskey(await bureau.signIn('Hal Example', ['administrator']));
    const add = async (name: string) =>
      await codeOf(staff, 'POST', '/v1/desk/staff', { name, roles: ['analyst'] });
    assert.equal(await add('First Example'), 201);
    bureau.clock.advance(5 * minuteMs);
    assert.equal(await add('Second Example'), 'access.step-up-needed');
    assert.equal(await codeOf(staff, 'GET', '/v1/desk/staff'), 200, 'reading goes on');
    assert.equal(await renew(staff, staff.key), 200);
    assert.equal(await add('Second Example'), 201);
  });

  test('leave a row when they were refused for that, and ask the machine\u2019s administrator for nothing', async () => {
    const refused = await bureau.db.kysely
      .selectFrom('access.audit')
      .select(['outcome', 'actor_name'])
      .where('code', '=', 'access.step-up-needed')
      .execute();
    assert.deepEqual(refused, [{ outcome: 'refused', actor_name: 'Hal Example' }]);
    const reply = await fetch(`${bureau.url}/v1/desk/staff`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bureau.machineToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'By Machine', roles: ['analyst'] }),
    });
    assert.equal(reply.status, 201);
  });

  test('are open to a person who has nothing to prove with, until they register a passkey', async () => {
    const staff = await bureau.signIn('Ines Example', ['administrator']);
    bureau.clock.advance(10 * minuteMs);
    assert.equal(
      await codeOf(staff, 'POST', '/v1/desk/staff', { name: 'Third Example', roles: ['analyst'] }),
      201,
    );
    const strong = await withPasskey(staff);
    bureau.clock.advance(10 * minuteMs);
    const again = await codeOf(strong, 'POST', '/v1/desk/staff', {
      name: 'Fourth Example',
      roles: ['analyst'],
    });
    assert.equal(again, 'access.step-up-needed');
  });
});

describe('the list of sessions', () => {
  interface Item {
    readonly id: string;
    readonly isThis: boolean;
    readonly method: string;
    readonly device?: string;
    readonly remoteAddress?: string;
  }
  const listed = async (staff: Staff, path = '/v1/account/sessions') =>
    ((await staff.ask('GET', path)).body as { items: Item[] }).items;

  async function secondSession(staff: Staff): Promise<Staff> {
    const link = await testCtx(bureau.db, { now: bureau.clock.now() }).run(
      async (c) => await issueSignInLink(c, { staffId: staff.id }),
    );
    const reply = await fetch(`${bureau.url}/v1/session`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      },
      body: JSON.stringify({ token: link.token }),
    });
    return sessionOf(staff.id, (reply.headers.get('set-cookie') ?? '').split(';')[0] ?? '');
  }

  test('tells where from and with what, and one\u2019s own may be ended one by one', async () => {
    const here = await bureau.signIn('Jo Example', ['analyst']);
    const there = await secondSession(here);
    const items = await listed(here);
    assert.equal(items.length, 2);
    const other = items.find((item) => !item.isThis);
    assert.equal(other?.device, 'Firefox on Linux');
    assert.equal(other?.remoteAddress, '127.0.0.1');
    assert.equal(other?.method, 'link');
    const stranger = await bureau.signIn('Kim Example', ['analyst']);
    assert.equal(
      await codeOf(stranger, 'DELETE', `/v1/account/sessions/${other?.id}`),
      'access.unknown-session',
    );
    assert.equal(await codeOf(here, 'DELETE', `/v1/account/sessions/${other?.id}`), 200);
    assert.equal(await codeOf(there, 'GET', '/v1/session'), 'access.session-ended');
    assert.equal(await codeOf(here, 'GET', '/v1/session'), 200);
  });

  test('an administrator sees and ends anybody\u2019s; nobody else does', async () => {
    const person = await bureau.signIn('Lee Example', ['analyst']);
    await secondSession(person);
    const admin = await bureau.signIn('Max Example', ['administrator']);
    const path = `/v1/desk/staff/${person.id}/sessions`;
    assert.equal(await codeOf(person, 'GET', path), 'access.not-permitted');
    assert.equal((await listed(admin, path)).length, 2);
    const { body } = await admin.ask('POST', `${path}/end`, {});
    assert.deepEqual(body, { ended: 2 });
    assert.equal(await codeOf(person, 'GET', '/v1/session'), 'access.session-ended');
    assert.deepEqual((await admin.ask('POST', `${path}/end`, {})).body, { ended: 0 });
  });

  test('all but the one in use end at once', async () => {
    const here = await bureau.signIn('Nan Example', ['analyst']);
    const there = await secondSession(here);
    assert.deepEqual((await here.ask('POST', '/v1/account/sessions/end', {})).body, { ended: 1 });
    assert.equal(await codeOf(there, 'GET', '/v1/session'), 'access.session-ended');
    assert.equal(await codeOf(here, 'GET', '/v1/session'), 200);
  });
});

describe('a live stream', () => {
  async function openStream(cookie: string): Promise<{ readonly ended: Promise<true> }> {
    const reply = await fetch(`${bureau.url}/v1/desk/live`, { headers: { cookie } });
    assert.equal(reply.status, 200);
    const read = async (): Promise<true> => {
      for await (const _chunk of reply.body ?? []);
      return true;
    };
    return { ended: read() };
  }
  const within = async (ended: Promise<true>, ms: number) =>
    await Promise.race([ended, new Promise<false>((resolve) => setTimeout(resolve, ms, false))]);

  test('ends with its session, with the lock, and goes on otherwise', { timeout: 30_000 }, async () => {
    const leaves = await bureau.signIn('Obi Example', ['analyst']);
    const locks = await bureau.signIn('Pat Example', ['analyst']);
    const stays = await bureau.signIn('Quin Example', ['analyst']);
    const streams = await Promise.all(
      [leaves, locks, stays].map(async ({ cookie }) => await openStream(cookie)),
    );
    const [left, locked, stayed] = streams;
    assert.ok(left !== undefined && locked !== undefined && stayed !== undefined);
    await leaves.ask('DELETE', '/v1/session');
    await locks.ask('POST', '/v1/session/lock', {});
    assert.equal(await within(left.ended, 10_000), true, 'the stream outlived its session');
    assert.equal(await within(locked.ended, 10_000), true, 'the stream outlived the lock');
    assert.equal(await within(stayed.ended, 3_000), false, 'the stream of an open session ended');
    await stays.ask('DELETE', '/v1/session');
    assert.equal(await within(stayed.ended, 10_000), true);
  });
});

test('what nobody came back for is swept', async () => {
  for (let n = 0; n < 3; n += 1) await fetch(`${bureau.url}/v1/session/challenge`);
  const left = async () => (await bureau.db.pool.query('select 1 from access.challenge')).rows.length;
  assert.ok((await left()) >= 3);
  const at = new Date(bureau.clock.now().getTime() + 5 * minuteMs);
  await testCtx(bureau.db, { now: at }).run(async (c) =>
    assert.ok((await sweepExpired(c.tx.db, c.now)) >= 3),
  );
  assert.equal(await left(), 0);
});

test('a link opened by somebody with a session of another person starts the new one and ends the old', async () => {
  const first = await bureau.signIn('Ray Example', ['analyst']);
  const link = await testCtx(bureau.db, { now: bureau.clock.now() }).run(
    async (c) => await addStaff(c, { name: 'Sue Example', roles: ['analyst'] }),
  );
  const reply = await first.ask('POST', '/v1/session', { token: link.token });
  assert.equal((reply.body as { staff: { name: string } }).staff.name, 'Sue Example');
  assert.equal(await codeOf(first, 'GET', '/v1/session'), 'access.session-ended');
});

/** The note of the last use is written beside the answer. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 60));
}
