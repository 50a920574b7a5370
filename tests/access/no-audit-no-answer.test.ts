import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { type Service, type Staff, startTestBureau, type TestBureau } from '../harness/bureau.ts';

/** A trail that takes no rows: a full disk, a broken index, somebody's lock. Nothing may happen unseen then. */
let bureau: TestBureau;
let service: Service;
let administrator: Staff;
let officer: Staff;
let reportId: string;
before(async () => {
  bureau = await startTestBureau();
  service = await bureau.addService('Harbour Chat', 'sandbox');
  administrator = await bureau.signIn('Ada Example', ['administrator']);
  officer = await bureau.signIn('Bo Example', ['triage-officer']);
  reportId = await openReport();
  await call('POST', `/v1/reports/${reportId}/filing`);
  await bureau.drain();
  await bureau.db.pool.query(`
    create function access.take_no_row() returns trigger language plpgsql as $$ begin raise exception 'no room'; end $$;
    create trigger take_no_row before insert on access.audit for each row execute function access.take_no_row()`);
});

async function call(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }> {
  const reply = await fetch(`${bureau.url}${path}`, {
    method,
    headers: { authorization: service.authorization, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: reply.status, text: await reply.text() };
}

const report = {
  profile: 'cybertip',
  synthetic: true,
  incident: {
    type: 'Online Enticement of Children for Sexual Acts',
    occurredAt: '2026-11-20T10:00:00Z',
  },
  reporter: { name: 'Rowan Example', email: 'trust@harbour-chat.example' },
  parties: [{ role: 'reported-user', identifiers: [{ kind: 'screen-name', value: 'invented-user' }] }],
};

async function openReport(): Promise<string> {
  const { status, text } = await call('POST', '/v1/reports', report);
  assert.equal(status, 201, text);
  return (JSON.parse(text) as { reportId: string }).reportId;
}

async function counted(table: string): Promise<number> {
  const { rows } = await bureau.db.pool.query<{ n: number }>(`select count(*)::int as n from ${table}`);
  return rows[0]?.n ?? assert.fail(table);
}

describe('while no audit row can be written', () => {
  test('nothing that was reported is shown', async () => {
    const reply = await officer.ask('GET', `/v1/desk/reports/${reportId}`);
    assert.equal(reply.status, 500);
    assert.doesNotMatch(JSON.stringify(reply.body), /invented-user|Rowan|no room/);
  });

  test('nothing is changed by staff, and no decision stands', async () => {
    const [providers, decisions] = [await counted('access.provider'), await counted('assess.decision')];
    assert.equal(
      (await administrator.ask('POST', '/v1/desk/providers', { name: 'New One', environment: 'sandbox' }))
        .status,
      500,
    );
    assert.equal(
      (await officer.ask('POST', `/v1/desk/reports/${reportId}/decision`, { kind: 'refer' })).status,
      500,
    );
    assert.deepEqual(
      [await counted('access.provider'), await counted('assess.decision')],
      [providers, decisions],
    );
  });

  test('no report is acknowledged or kept, and nobody signs in', async () => {
    const before_ = [await counted('intake.report'), await counted('access.session')];
    assert.equal((await call('POST', '/v1/reports', report)).status, 500);
    const link = await fetch(`${bureau.url}/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: 'x'.repeat(43) }),
    });
    assert.equal(link.headers.get('set-cookie'), null);
    assert.ok(link.status >= 400);
    assert.deepEqual([await counted('intake.report'), await counted('access.session')], before_);
  });

  test('an upload is refused and leaves no bytes', async () => {
    await bureau.db.pool.query('alter table access.audit disable trigger take_no_row');
    const open = await openReport();
    await bureau.db.pool.query('alter table access.audit enable trigger take_no_row');
    const [seals, files] = [await counted('vault.seal'), await counted('intake.report_file')];
    const reply = await fetch(`${bureau.url}/v1/reports/${open}/files`, {
      method: 'POST',
      headers: { authorization: service.authorization, 'content-type': 'application/octet-stream' },
      body: 'invented bytes',
    });
    assert.equal(reply.status, 500, await reply.text());
    assert.deepEqual([await counted('vault.seal'), await counted('intake.report_file')], [seals, files]);
    assert.equal(await counted('vault.incoming'), 0);
  });
});
