import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { AuditReply, Brief, LineReply } from '#contract/desk';
import { type Service, type Staff, startTestBureau, type TestBureau } from '../harness/bureau.ts';

/** The desk as the console meets it: a whole bureau, real HTTP, reports that came through the door. */
let bureau: TestBureau;
let service: Service;
let ada: Staff;
let bo: Staff;
let auditor: Staff;

before(async () => {
  bureau = await startTestBureau({ isDemonstration: true });
  service = await bureau.addService('Harbour Chat');
  ada = await bureau.signIn('Ada Vale', ['triage-officer']);
  bo = await bureau.signIn('Bo Marsh', ['triage-officer']);
  auditor = await bureau.signIn('Odd Itor', ['auditor']);
});

const fullReport = `<?xml version="1.0" encoding="UTF-8"?>
<report>
  <incidentSummary>
    <incidentType>Online Enticement of Children for Sexual Acts</incidentType>
    <escalateToHighPriority>A meeting was arranged for tonight (invented).</escalateToHighPriority>
    <incidentDateTime>2026-11-20T10:00:00Z</incidentDateTime>
    <incidentDateTimeDescription>Time of the last message</incidentDateTimeDescription>
  </incidentSummary>
  <reporter>
    <reportingPerson><email>desk@service.example</email></reportingPerson>
  </reporter>
  <personOrUserReported>
    <personOrUserReportedPerson>
      <phone>07700 900123</phone>
      <email>someone@mail.example</email>
    </personOrUserReportedPerson>
    <espIdentifier>u-77</espIdentifier>
    <screenName>invented-name</screenName>
    <ipCaptureEvent>
      <ipAddress>192.0.2.7</ipAddress>
      <eventName>Login</eventName>
      <dateTime>2026-11-20T09:00:00Z</dateTime>
      <port>4433</port>
    </ipCaptureEvent>
    <deviceId><idType>IDFA</idType><idValue>device-1</idValue></deviceId>
    <estimatedLocation><countryCode>GB</countryCode></estimatedLocation>
  </personOrUserReported>
  <victim>
    <victimPerson/>
    <screenName>invented-child-account</screenName>
  </victim>
  <additionalInfo>synthetic:true</additionalInfo>
</report>`;

async function post(path: string, type: string, body: string): Promise<string> {
  const reply = await fetch(`${bureau.url}/ispws${path}`, {
    method: 'POST',
    headers: { authorization: service.authorization, 'content-type': type },
    body,
  });
  const text = await reply.text();
  assert.match(text, /<responseCode>0</, text);
  return text;
}

async function file(document = fullReport): Promise<string> {
  const opened = await post('/submit', 'text/xml; charset=utf-8', document);
  const id = /<reportId>(\d+)</.exec(opened)?.[1] ?? assert.fail(opened);
  await post('/finish', 'application/x-www-form-urlencoded', `id=${id}`);
  await bureau.drain();
  return id;
}

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, `in vain: ${what}`);
    await sleep(10);
  }
}

describe('the desk over HTTP', () => {
  test('a filed report stands in the line, with every useful fact found in what was sent', async () => {
    const id = await file();
    const line = (await ada.ask('GET', '/v1/desk/line?limit=1')).body as LineReply;
    assert.equal(line.items[0]?.reportId, id);
    assert.equal(line.items[0]?.urgency, 1);
    const brief = (await ada.ask('GET', `/v1/desk/reports/${id}`)).body as Brief;
    assert.deepEqual(
      brief.completeness?.missing.map((reason) => reason.code),
      ['file'],
    );
    assert.equal(brief.sent.name, 'report');
    assert.equal(brief.reportState, 'filed');
    assert.match(brief.reference, /\S/);
  });

  test('whoever comes second is told who has the report', async () => {
    const id = await file();
    const first = await ada.ask('POST', `/v1/desk/reports/${id}/take`, {});
    assert.deepEqual(first, {
      status: 200,
      body: { reportId: id, state: 'taken', takenBy: { id: ada.id, name: 'Ada Vale' } },
    });
    const second = await bo.ask('POST', `/v1/desk/reports/${id}/decision`, { kind: 'refer' });
    const problem = second.body as { code: string; details: { takenBy: string } };
    assert.deepEqual(
      [second.status, problem.code, problem.details.takenBy],
      [409, 'assess.taken-by-another', 'Ada Vale'],
    );
  });

  test('an auditor sees who did what, refusals included, and never what was reported', async () => {
    const id = await file();
    await ada.ask('GET', `/v1/desk/reports/${id}`);
    await ada.ask('POST', `/v1/desk/reports/${id}/take`, {});
    await bo.ask('POST', `/v1/desk/reports/${id}/take`, {});
    assert.equal((await auditor.ask('GET', `/v1/desk/reports/${id}`)).status, 403);
    assert.equal((await auditor.ask('GET', '/v1/desk/line')).status, 403);
    const trail = await auditor.ask('GET', `/v1/desk/reports/${id}/audit`);
    const rows = (trail.body as AuditReply).items;
    const acts = rows.map((row) => `${row.actor.name}: ${row.action} ${row.outcome}`);
    for (const act of [
      'Ada Vale: read-report done',
      'Ada Vale: take-report done',
      'Bo Marsh: take-report refused',
    ]) {
      assert.ok(acts.includes(act), `${act} is not among ${acts.join(', ')}`);
    }
    assert.ok(acts.some((act) => act.includes(': assess-report done')));
    assert.equal(JSON.stringify(trail.body).includes('someone@mail.example'), false);
    const again = (await auditor.ask('GET', `/v1/desk/reports/${id}/audit`)).body as AuditReply;
    assert.equal(again.items.at(-1)?.action, 'read-audit-trail');
  });

  test('odd cursors and queries are refused, never a fault of ours', async () => {
    const odd = [
      'cursor=%00',
      'cursor=AAAA',
      'q=%00',
      'q=%FF%FE',
      `q=${'x'.repeat(5_000)}`,
      'urgency=9',
      'limit=-1',
    ];
    for (const query of odd) {
      for (const path of ['line', 'reports', 'audit']) {
        const { status } = await (path === 'audit' ? auditor : ada).ask('GET', `/v1/desk/${path}?${query}`);
        assert.ok(status < 500, `${path}?${query} answered ${status}`);
      }
    }
    for (const id of ['%00', '1%27', '..%2f', '9'.repeat(30)]) {
      const { status } = await ada.ask('GET', `/v1/desk/reports/${id}`);
      assert.ok(status === 400 || status === 404, `${id} answered ${status}`);
    }
  });

  test('the live stream tells of a report that was filed, and ends when the reader leaves', async () => {
    const listening = async () => {
      const { rows } = await sql<{ n: number }>`
        select count(*)::int as n from pg_stat_activity
        where application_name = 'firstlight listen' and datname = current_database()`.execute(
        bureau.db.kysely,
      );
      return rows[0]?.n;
    };
    const leave = new AbortController();
    const reply = await fetch(`${bureau.url}/v1/desk/live`, {
      headers: { cookie: ada.cookie },
      signal: leave.signal,
    });
    assert.equal(reply.headers.get('content-type'), 'text/event-stream; charset=utf-8');
    let heard = '';
    const reading = (async () => {
      for await (const chunk of reply.body ?? []) heard += Buffer.from(chunk).toString();
    })().catch(() => {});
    const ticks = () => [...heard.matchAll(/event: line\ndata: (.+)\n\n/g)].map((match) => match[1] ?? '');
    await until(() => ticks().length > 0, 'the first tick');
    await until(async () => (await listening()) === 1, 'the listening connection');
    const before = ticks().length;
    await file();
    await until(() => ticks().length > before, 'the tick of the report');
    leave.abort();
    await reading;
    await until(async () => (await listening()) === 0, 'the end of the listening connection');
  });

  test('the server stops while somebody listens', async () => {
    const reply = await fetch(`${bureau.url}/v1/desk/live`, { headers: { cookie: ada.cookie } });
    assert.equal(reply.status, 200);
    const started = performance.now();
    await bureau.stop();
    assert.ok(performance.now() - started < 5_000, 'stopping took too long');
    await reply.body?.cancel().catch(() => {});
  });
});
