import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { basicAuthorization } from '../../demo/send/connection.ts';
import { newFolder } from '../faults/faults-build.ts';
import { provideConsole } from '../harness/console.ts';
import { closeAtEnd } from '../harness/database.ts';
import { BureauUnderTrial } from '../trial/bureau-under-trial.ts';
import { type Service, sendersOf, sendReport } from '../trial/journeys.ts';
import { Ledger } from '../trial/ledger.ts';
import { addServices } from '../trial/load.ts';
import { untilQuiet } from '../trial/reckoning.ts';

/** What monitoring sees of a bureau, and what neither monitoring nor the log may ever see. */
let bureau: BureauUnderTrial;
let port: number;
let services: readonly Service[];
const ledger = new Ledger();

/** Invented, and nowhere else: found anywhere they were leaked. */
const marks = {
  account: 'zq-account-8831',
  email: 'zq.person@lantern.example',
  phone: '+44 7700 900417',
  ip: '203.0.113.217',
  name: 'Zqfirst Zqlast',
  text: 'zq words of a conversation',
  fileName: 'zq-holiday.jpg',
  bytes: 'zq-bytes-of-a-file-zq',
};

before(async () => {
  const data = join(await newFolder('watching'), 'data');
  await provideConsole(data);
  port = await freePorts();
  bureau = new BureauUnderTrial(data, { FIRSTLIGHT_LOG: 'debug', FIRSTLIGHT_METRICS_PORT: String(port) });
  closeAtEnd(async () => void (await bureau.stop()));
  await bureau.start();
  services = await addServices(bureau, ledger);
  const senders = sendersOf(services, () => bureau.url, ledger, 2);
  for (let index = 0; index < 12; index += 1) await sendReport({ seed: 3, ledger, senders }, index);
  for (const sender of senders) sender.close();
  await untilQuiet(await bureau.databaseUrl());
});

/** A port whose next one is free as well. */
async function freePorts(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const found = typeof address === 'object' && address !== null ? address.port : 0;
    const next = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      next.once('error', () => resolve(false));
      next.listen(found + 1, '127.0.0.1', () => resolve(true));
    });
    await new Promise((resolve) => server.close(resolve));
    if (isFree) await new Promise((resolve) => next.close(resolve));
    if (isFree) return found;
  }
}

async function metricsOf(part: 'server' | 'worker'): Promise<string> {
  const reply = await fetch(`http://127.0.0.1:${part === 'server' ? port : port + 1}/metrics`);
  assert.equal(reply.status, 200);
  return await reply.text();
}

function numberIn(metrics: string, name: string, ...labels: readonly string[]): number {
  const line = metrics
    .split('\n')
    .find(
      (each) =>
        each.startsWith(name) &&
        /^[ {]/.test(each.slice(name.length)) &&
        labels.every((label) => each.includes(label)),
    );
  assert.ok(line !== undefined, `no ${name} with ${labels.join(' ')}`);
  return Number(line.slice(line.lastIndexOf(' ') + 1));
}

describe('metrics', () => {
  test('count requests by pattern, reports, the line, jobs, the audit log, the vault and connections', async () => {
    const server = await metricsOf('server');
    assert.ok(
      numberIn(server, 'firstlight_request_seconds_count', 'route="/v1/reports"', 'status="201"') > 0,
    );
    assert.ok(numberIn(server, 'firstlight_request_bytes_total', 'route="/v1/reports/:reportId/files"') > 0);
    assert.ok(numberIn(server, 'firstlight_reports', 'state="filed"', 'environment="production"') > 0);
    assert.ok(numberIn(server, 'firstlight_line_entries', 'state="waiting"', 'environment="production"') > 0);
    assert.ok(numberIn(server, 'firstlight_line_oldest_seconds', 'environment="production"') >= 0);
    assert.ok(numberIn(server, 'firstlight_vault_bytes') > 0);
    assert.equal(numberIn(server, 'firstlight_attention_open'), 0);
    assert.ok(numberIn(server, 'firstlight_audit_rows_pending') >= 0);
    assert.ok(numberIn(server, 'firstlight_database_connections', 'pool="intake"', 'state="open"') > 0);
    assert.ok(numberIn(server, 'firstlight_process_resident_memory_bytes') > 10_000_000);
    const worker = await metricsOf('worker');
    assert.ok(numberIn(worker, 'firstlight_job_seconds_count', 'job="assess-report"', 'result="ended"') > 0);
  });

  test('name nobody: labels are patterns and words, and there is a bounded number of them', async () => {
    for (const path of [
      '/nothing/here',
      '/v1/reports/1234567',
      '/wp-login.php',
      '/v1/reports/1000001/files/x',
    ])
      await fetch(`${bureau.url}${path}`);
    const text = (await metricsOf('server')) + (await metricsOf('worker'));
    for (const { username } of services) assert.ok(!text.includes(username), 'a service is named');
    for (const { reportId } of ledger.reports)
      assert.ok(!text.includes(`"${reportId}"`), 'a report is named');
    for (const word of ['1234567', 'wp-login', 'trial-', 'Harbour']) assert.ok(!text.includes(word), word);
    const routes = new Set([...text.matchAll(/route="([^"]*)"/g)].map(([, route]) => route));
    assert.ok(routes.size < 200, `${routes.size} routes`);
  });

  test('are given on this machine only, at one address', async () => {
    assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 404);
    assert.doesNotMatch(await (await fetch(`${bureau.url}/metrics`)).text(), /firstlight_request/);
  });
});

/** A report, a file and everything that can go wrong, with the marks in it; gives the authorization that was used. */
async function sendMarks(
  service: Service,
): Promise<{ authorization: string; again: () => Promise<unknown> }> {
  const authorization = basicAuthorization(service.username, service.password);
  const json = { authorization, 'content-type': 'application/json' };
  const party = (identifiers: readonly unknown[]) => ({ role: 'reported-user', identifiers });
  const identifiers = [
    { kind: 'provider-account', value: marks.account },
    { kind: 'email', value: marks.email },
    { kind: 'phone', value: marks.phone },
    { kind: 'ip', value: marks.ip },
    { kind: 'name', value: marks.name },
  ];
  const body = {
    profile: 'cybertip',
    incident: { type: 'Child Sex Tourism', occurredAt: '2026-01-01T00:00:00Z' },
    reporter: { email: marks.email },
    parties: [party(identifiers)],
    narrative: marks.text,
  };
  const opened = await fetch(`${bureau.url}/v1/reports`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify(body),
  });
  assert.equal(opened.status, 201);
  const { reportId } = (await opened.json()) as { reportId: string };
  const form = new FormData();
  form.set('file', new Blob([marks.bytes]), marks.fileName);
  const file = await fetch(`${bureau.url}/v1/reports/${reportId}/files`, {
    method: 'POST',
    headers: { authorization },
    body: form,
  });
  assert.equal(file.status, 201);
  await fetch(`${bureau.url}/v1/reports/${reportId}/filing`, {
    method: 'POST',
    headers: { authorization },
  });
  const token = await bureau.adminToken();
  for (const [path, init] of wrongRequests(json, body, token))
    assert.ok((await fetch(`${bureau.url}${path}`, init)).status < 500, path);
  const again = async () =>
    await fetch(`${bureau.url}/v1/reports`, { method: 'POST', headers: json, body: JSON.stringify(body) });
  return { authorization, again };
}

/** Everything that can go wrong, with the same words in it. */
function wrongRequests(
  json: { readonly authorization: string; readonly 'content-type': string },
  body: Readonly<Record<string, unknown>>,
  token: string,
): readonly (readonly [string, RequestInit])[] {
  const { authorization } = json;
  return [
    [
      '/v1/reports',
      { method: 'POST', headers: json, body: JSON.stringify({ ...body, profile: marks.text }) },
    ],
    ['/v1/reports', { method: 'POST', headers: json, body: `{"${marks.account}": ` }],
    ['/v1/reports', { method: 'POST', headers: { ...json, 'idempotency-key': marks.text }, body: '{}' }],
    [`/v1/reports/${marks.account}`, { headers: json }],
    [`/v1/reports?cursor=${encodeURIComponent(marks.email)}`, { headers: json }],
    [`/${encodeURIComponent(marks.text)}`, {}],
    [
      '/ispws/submit',
      {
        method: 'POST',
        headers: { authorization, 'content-type': 'text/xml' },
        body: `<report>${marks.text}`,
      },
    ],
    [
      '/ispws/submit',
      {
        method: 'POST',
        headers: { authorization, 'content-type': 'text/xml' },
        body: `<!DOCTYPE x [<!ENTITY a "${marks.text}">]><report>&a;</report>`,
      },
    ],
    ['/ispws/finish', { method: 'POST', headers: { authorization }, body: `id=${marks.account}` }],
    ['/ispws/status', { headers: { authorization: basicAuthorization(marks.account, marks.text) } }],
    [
      '/v1/session',
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token: marks.text }),
      },
    ],
    [
      `/v1/desk/line?search=${encodeURIComponent(marks.email)}`,
      { headers: { authorization: `Bearer ${token}` } },
    ],
  ];
}

describe('the log, with everything in it', () => {
  test('holds nothing that was reported and nothing that lets anybody in', async () => {
    const [service] = services;
    if (service === undefined) throw new Error('a service was added');
    const { authorization, again } = await sendMarks(service);
    // A database that dies in the middle of it all makes drivers talk.
    await bureau.strike('backend', ([first]) => first!);
    await again();
    await bureau.recover([]);
    await untilQuiet(await bureau.databaseUrl());
    const { log } = bureau;
    assert.ok(log.includes('"level":'), 'there is a log');
    const secrets = { password: service.password, authorization, token: await bureau.adminToken() };
    for (const [what, mark] of Object.entries({ ...marks, ...secrets }))
      assert.ok(!log.includes(mark), `the log holds the ${what}`);
    for (const line of log.split('\n').filter((each) => each.startsWith('{')))
      assert.doesNotThrow(() => JSON.parse(line));
  });
});
