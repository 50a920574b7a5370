import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { test } from 'node:test';
import { sql } from 'kysely';
import { startTestBureau } from '../harness/bureau.ts';
import { call, ispws, type Reply, reportXml } from './intake-build.ts';

/** A server with very little room: one ordinary transaction at a time, one urgent one, three that wait. */
let lagMs = 0;
const bureau = await startTestBureau({
  intakeLimits: {
    connections: 4,
    urgent: 1,
    waiting: 3,
    waitMs: 400,
    uploads: 1,
    documentBytes: 1024 * 1024,
  },
  maxDocumentBytes: 2 * 1024 * 1024,
  loopLagMs: () => lagMs,
});
const service = await bureau.addService('Harbour Chat');
const harbour = ispws(bureau, service);
const db = bureau.db.kysely;
const urgentXml = reportXml({
  summary: '<escalateToHighPriority>A child is in danger now.</escalateToHighPriority>',
});

/** Holds a report's row as a stuck transaction does; gives the release. */
async function hold(reportId: string): Promise<() => Promise<void>> {
  const client = await bureau.db.pool.connect();
  await client.query('begin');
  await client.query('select from intake.report where id = $1 for update', [reportId]);
  return async () => {
    await client.query('commit');
    client.release();
  };
}

const shedOf = (replies: readonly Reply[]) => replies.filter((reply) => reply.status === 503);

test('ordinary requests are asked to come again, an urgent report goes through at once, nothing acknowledged is lost', async () => {
  const stuck = await harbour.open();
  const release = await hold(stuck);
  const acknowledged: string[] = [];
  const finishing = Array.from({ length: 12 }, () => harbour.finish(stuck));
  await new Promise((resolve) => setTimeout(resolve, 100));

  const beganMs = performance.now();
  const urgent = await harbour.open(urgentXml);
  const fileId = (await harbour.upload(urgent, 'bytes')).of('fileId') ?? '';
  assert.equal((await harbour.fileinfo(urgent, fileId)).code, 0);
  const tus = {
    'tus-resumable': '1.0.0',
    'upload-length': '5',
    'content-type': 'application/offset+octet-stream',
  };
  const asked = { path: `/v1/reports/${urgent}/uploads`, authorization: service.authorization, headers: tus };
  assert.equal((await call(bureau, { ...asked, body: 'bytes' })).status, 201);
  const uk = await call(bureau, {
    path: `/v1/reports/${urgent}/filing`,
    method: 'POST',
    authorization: service.authorization,
  });
  assert.equal(uk.status, 200, uk.text);
  acknowledged.push(urgent);
  const elapsedMs = performance.now() - beganMs;
  assert.ok(elapsedMs < 3000, `${elapsedMs} ms`);

  const ordinary = await Promise.all(Array.from({ length: 10 }, () => harbour.submit(reportXml())));
  const shed = shedOf(ordinary);
  assert.ok(shed.length >= 7, `${shed.length} of 10`);
  for (const reply of shed) {
    assert.equal(reply.code, 1000);
    assert.equal(reply.headers['retry-after'], '5');
    assert.match(reply.text, /^<\?xml[\s\S]*<\/reportResponse>\s*$/);
  }
  const json = await call(bureau, { path: '/v1/reports', authorization: service.authorization });
  assert.deepEqual(
    [json.status, json.json().code, json.headers['retry-after']],
    [503, 'http.overloaded', '5'],
  );
  const ready = await fetch(`${bureau.url}/health/ready`);
  assert.equal(ready.status, 200, 'who is busy can still take urgent reports');

  await release();
  const finished = await Promise.all(finishing);
  assert.equal(finished.filter((reply) => reply.code === 0).length, 1);
  assert.ok(shedOf(finished).length >= 8);
  for (const reply of ordinary) if (reply.code === 0) acknowledged.push(reply.of('reportId') ?? '');
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from intake.report where id = any(${[...acknowledged, stuck]})`.execute(db);
  assert.equal(rows[0]?.n, acknowledged.length + 1);
  assert.equal((await harbour.submit(reportXml())).code, 0, 'and then there is room again');
});

test('a process that is late with everything lets nobody wait, urgent ones excepted', async () => {
  const stuck = await harbour.open();
  const urgent = await harbour.open(urgentXml);
  const release = await hold(stuck);
  const finishing = harbour.finish(stuck);
  await new Promise((resolve) => setTimeout(resolve, 50));
  lagMs = 10_000;
  const beganMs = performance.now();
  assert.equal((await harbour.submit(reportXml())).status, 503);
  assert.ok(performance.now() - beganMs < 350, 'without waiting');
  assert.equal((await harbour.finish(urgent)).code, 0);
  lagMs = 0;
  await release();
  assert.equal((await finishing).code, 0);
});

test('files take turns, and those of urgent reports have room of their own', async () => {
  const [slow, ordinary, urgent] = [
    await harbour.open(),
    await harbour.open(),
    await harbour.open(urgentXml),
  ];
  const v1 = (reportId: string) => ({
    path: `/v1/reports/${reportId}/files`,
    authorization: service.authorization,
    headers: { 'content-type': 'application/octet-stream' },
  });
  const sent = request(`${bureau.url}${v1(slow).path}`, {
    method: 'POST',
    headers: { ...v1(slow).headers, authorization: service.authorization, 'content-length': '100000' },
  });
  const answered = once(sent, 'response');
  sent.write(Buffer.alloc(50_000, 1));
  await new Promise((resolve) => setTimeout(resolve, 100));
  const turnedAway = await call(bureau, { ...v1(ordinary), body: 'bytes' });
  assert.deepEqual([turnedAway.status, turnedAway.json().code], [503, 'http.overloaded']);
  assert.equal((await call(bureau, { ...v1(urgent), body: 'bytes' })).status, 201);
  assert.equal((await harbour.upload(urgent, 'bytes')).code, 0);
  sent.end(Buffer.alloc(50_000, 2));
  const [answer] = await answered;
  assert.equal(answer.statusCode, 201, 'what was begun is taken in whole');
  answer.resume();
  assert.equal((await call(bureau, { ...v1(ordinary), body: 'bytes' })).status, 201);
});

test('documents are held in memory up to a limit, and large ones do not keep small ones out', async () => {
  const large = 700 * 1024;
  const headers = { authorization: service.authorization, 'content-type': 'text/xml' };
  const first = request(`${bureau.url}/ispws/submit`, {
    method: 'POST',
    headers: { ...headers, 'content-length': String(large) },
  });
  first.on('error', () => undefined);
  first.write(' '.repeat(1000));
  await new Promise((resolve) => setTimeout(resolve, 100));
  const second = await call(bureau, {
    path: '/ispws/submit',
    ...headersOf(headers),
    body: ' '.repeat(large),
  });
  assert.equal(second.status, 503);
  assert.equal((await harbour.submit(reportXml())).code, 0);
  first.destroy();
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const again = await call(bureau, {
      path: '/ispws/submit',
      ...headersOf(headers),
      body: ' '.repeat(large),
    });
    if (again.status !== 503) return assert.equal(again.status, 400);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail('the memory of a sender that left never came back');
});

function headersOf({ authorization, ...headers }: { authorization: string; 'content-type': string }) {
  return { authorization, headers };
}

test('however many are turned away, their audit is a row a minute for each sender and action', async () => {
  await bureau.stop();
  const { rows } = await sql<{ action: string; actor_id: string; count: number }>`
    select action, actor_id, (details ->> 'count')::int as count from access.audit
    where code = 'http.overloaded' order by action`.execute(db);
  assert.equal(new Set(rows.map((row) => row.action)).size, rows.length, JSON.stringify(rows));
  assert.ok(rows.every((row) => row.actor_id === service.id));
  const turnedAway = new Map(rows.map((row) => [row.action, row.count]));
  assert.ok((turnedAway.get('file-report') ?? 0) >= 8 && (turnedAway.get('open-report') ?? 0) >= 8);
});
