import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { sql } from 'kysely';
import { incidentTypes } from '#base/incident-types';
import { startTestBureau } from '../harness/bureau.ts';
import { type Call, call, ispws, leftovers, multipart, type Reply } from './intake-build.ts';

const start = new Date('2026-11-24T12:00:00Z');
const bureau = await startTestBureau({ now: start });
const service = await bureau.addService('Harbour Chat');
const foreign = await bureau.addService('Lantern Social');
const db = bureau.db.kysely;

async function ask(path: string, more: Omit<Call, 'path'> = {}): Promise<Reply> {
  return await call(bureau, { path: `/v1/reports${path}`, authorization: service.authorization, ...more });
}

async function send(path: string, body: unknown, more: Omit<Call, 'path' | 'body'> = {}): Promise<Reply> {
  const headers = { 'content-type': 'application/json', ...more.headers };
  return await ask(path, { ...more, body: JSON.stringify(body), headers });
}

function aBody(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    profile: 'cybertip',
    incident: { type: incidentTypes[6], occurredAt: '2026-11-20T10:00:00Z' },
    reporter: { name: 'Rowan Example', email: 'trust@harbour-chat.example' },
    parties: [
      {
        role: 'reported-user',
        identifiers: [
          { kind: 'screen-name', value: 'invented-user' },
          { kind: 'ip', value: '203.0.113.7', event: 'Login', at: '2026-11-20T09:58:00Z', port: 4433 },
        ],
      },
      {
        role: 'associated-account',
        of: 0,
        identifiers: [{ kind: 'email', value: 'second@lantern.example' }],
      },
    ],
    ...more,
  };
}

async function open(more: Record<string, unknown> = {}): Promise<string> {
  const reply = await send('', aBody(more));
  assert.equal(reply.status, 201, reply.text);
  return String(reply.json().reportId);
}

function defectsOf(reply: Reply): string[] {
  const { defects } = reply.json() as { defects: { element: string; rule: string }[] };
  return defects.map((defect) => `${defect.element} ${defect.rule}`);
}

test('a report goes from opened to filed and its state can be read', async () => {
  const opened = await send('', aBody({ narrative: 'An invented account of what happened.' }));
  assert.equal(opened.status, 201);
  const {
    reportId: id,
    expiresAt,
    warnings,
  } = opened.json() as { reportId: string; expiresAt: string; warnings: [] };
  assert.equal(expiresAt, '2026-11-25T12:00:00.000Z');
  assert.deepEqual(warnings, []);

  const bytes = randomBytes(70_000);
  const raw = await ask(`/${id}/files`, {
    body: bytes,
    headers: { 'content-type': 'application/octet-stream' },
  });
  assert.equal(raw.status, 201, raw.text);
  const file = raw.json();
  assert.equal(file.sha256, createHash('sha256').update(bytes).digest('hex'));
  assert.equal(file.sha1, createHash('sha1').update(bytes).digest('hex'));
  assert.equal(file.sizeBytes, 70_000);
  const form = await ask(`/${id}/files`, multipart([{ name: 'file', value: 'second', fileName: 'b.png' }]));
  assert.equal(form.status, 201, form.text);

  const details = { originalFileName: 'a\u0000.png', viewedByProvider: true, annotations: ['viral'] };
  const described = await send(`/${id}/files/${file.fileId}/details`, details, { method: 'PUT' });
  assert.equal(described.status, 200, described.text);
  assert.deepEqual(
    (described.json().warnings as { rule: string }[]).map((each) => each.rule),
    ['text-replaced'],
  );
  const again = await send(`/${id}/files/${file.fileId}/details`, details, { method: 'PUT' });
  assert.deepEqual([again.status, again.json().code], [409, 'intake.file-described']);

  const filed = await ask(`/${id}/filing`, { method: 'POST' });
  assert.equal(filed.status, 200, filed.text);
  assert.equal(filed.json().reference, `FL-2026-${id}`);
  assert.equal((filed.json().files as unknown[]).length, 2);
  const shown = (await ask(`/${id}`)).json();
  assert.equal(shown.state, 'filed');
  assert.equal(shown.incidents, 1);
  assert.equal((shown.fileList as { isDescribed: boolean }[])[0]?.isDescribed, true);

  const late = await ask(`/${id}/filing`, { method: 'POST' });
  assert.deepEqual([late.status, late.json().code], [409, 'intake.report-filed']);
  assert.match(String(late.headers['content-type']), /^application\/problem\+json/);
});

test('what was sent is kept as the XML door keeps it, with the path of every identifier', async () => {
  const id = await open();
  const { rows } = await sql<{ kind: string; value: string; path: string; role: string; attributes: object }>`
    select kind, value, identifier.path, role, attributes from intake.identifier
    join intake.party on party.report_id = identifier.report_id and party.position = party_position
    where identifier.report_id = ${id} order by identifier.position`.execute(db);
  assert.deepEqual(
    rows.map((row) => `${row.role} ${row.kind} ${row.path}`),
    [
      'reporter name reporter.name',
      'reporter email reporter.email',
      'reported-user screen-name parties[0].identifiers[0].value',
      'reported-user ip parties[0].identifiers[1].value',
      'associated-account email parties[1].identifiers[0].value',
    ],
  );
  assert.deepEqual(rows[3]?.attributes, {
    eventName: 'Login',
    dateTime: '2026-11-20T09:58:00Z',
    port: '4433',
  });
});

test('everything wrong with a body is named at once, with its path', async () => {
  const reply = await send('', {
    profile: 'cybertip',
    incident: { type: 'Spam', ocurredAt: '2026-11-20T10:00:00Z' },
    reporter: { email: 7 },
    parties: [{ role: 'suspect', identifiers: [{ kind: 'email', value: '', colour: 'vermilion' }] }],
    extra: true,
  });
  assert.equal(reply.status, 400);
  assert.equal(reply.json().code, 'intake.report-invalid');
  assert.deepEqual(defectsOf(reply).sort(), [
    'extra unknown-field',
    'incident.occurredAt missing',
    'incident.ocurredAt unknown-field',
    'incident.type not-in-list',
    'parties[0].identifiers[0].colour unknown-field',
    'parties[0].identifiers[0].value too-short',
    'parties[0].role not-in-list',
    'reporter.email wrong-type',
  ]);
  assert.ok(!reply.text.includes('vermilion'), 'what was sent is never repeated');
});

test('the documented rules hold as in the XML door', async () => {
  const reply = await send('', {
    ...aBody(),
    incident: { type: incidentTypes[6], occurredAt: '2026-11-24T13:00:00Z', escalation: ' ' },
    parties: [
      {
        role: 'reported-user',
        of: 0,
        identifiers: [
          { kind: 'ip', value: '203.0.113.700' },
          { kind: 'email', value: 'nobody', port: 1 },
          { kind: 'phone', value: '0'.repeat(51) },
          { kind: 'screen-name', value: 'x', verifiedAt: '2026-11-20T10:00:00Z' },
          { kind: 'date-of-birth', value: 'soon' },
          { kind: 'ip', value: '203.0.113.7', at: 'yesterday' },
        ],
      },
      { role: 'associated-account', of: 1, identifiers: [] },
    ],
  });
  assert.equal(reply.status, 400);
  assert.deepEqual(defectsOf(reply).sort(), [
    'incident.escalation blank',
    'incident.occurredAt time-in-future',
    'parties[0].identifiers[0].value ip-malformed',
    'parties[0].identifiers[1].port only-for-ip',
    'parties[0].identifiers[1].value email-malformed',
    'parties[0].identifiers[2].value too-long',
    'parties[0].identifiers[3].verified verification-needs-verified',
    'parties[0].identifiers[4].value date-malformed',
    'parties[0].identifiers[5].at time-malformed',
    'parties[0].of owner-not-expected',
    'parties[1].of owner-unknown',
  ]);
});

test('bodies that are no JSON, too deep, or of another type are refused', async () => {
  const json = { 'content-type': 'application/json' };
  const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
  for (const [body, rule] of [
    ['{', 'body not-json'],
    ['', 'body not-json'],
    [Buffer.from([0x22, 0xe9, 0x22]), 'body not-json'],
    [deep, 'body too-deep'],
  ] as const) {
    const reply = await ask('', { body, headers: json });
    assert.equal(reply.status, 400);
    assert.deepEqual(defectsOf(reply), [rule]);
  }
  const xml = await ask('', { body: '<report/>', headers: { 'content-type': 'text/xml' } });
  assert.deepEqual([xml.status, xml.json().code], [415, 'http.unsupported-type']);
});

test('an Idempotency-Key makes a retry exact', async () => {
  const key = { 'idempotency-key': randomUUID() };
  const first = await send('', aBody(), { headers: key });
  const again = await send('', aBody(), { headers: key });
  assert.deepEqual([first.status, again.status], [201, 201]);
  assert.deepEqual(again.json(), first.json());
  assert.equal(again.headers['idempotent-replayed'], 'true');
  const different = await send('', aBody({ narrative: 'another' }), { headers: key });
  assert.deepEqual([different.status, different.json().code], [422, 'intake.key-reused']);
  const bad = await send('', aBody(), { headers: { 'idempotency-key': 'with space' } });
  assert.deepEqual([bad.status, bad.json().code], [400, 'intake.key-malformed']);
  const theirs = await call(bureau, {
    path: '/v1/reports',
    authorization: foreign.authorization,
    headers: { ...key, 'content-type': 'application/json' },
    body: JSON.stringify(aBody()),
  });
  assert.notEqual(theirs.json().reportId, first.json().reportId, 'keys belong to one service');
});

test('many requests with one key at once open one report', async () => {
  const key = { 'idempotency-key': randomUUID() };
  const replies = await Promise.all(Array.from({ length: 6 }, () => send('', aBody(), { headers: key })));
  const ids = new Set(replies.filter((reply) => reply.status === 201).map((reply) => reply.json().reportId));
  assert.equal(ids.size, 1);
  for (const reply of replies) {
    if (reply.status !== 201)
      assert.deepEqual([reply.status, reply.json().code], [409, 'intake.key-in-flight']);
  }
});

test('a file sent again with its key is one file, also after filing', async () => {
  const id = await open();
  const key = { 'idempotency-key': randomUUID(), 'content-type': 'application/octet-stream' };
  const first = await ask(`/${id}/files`, { body: 'the bytes', headers: key });
  const filingKey = { 'idempotency-key': randomUUID() };
  const filed = await ask(`/${id}/filing`, { method: 'POST', headers: filingKey });
  const before = await leftovers(bureau);
  const again = await ask(`/${id}/files`, { body: 'the bytes', headers: key });
  assert.deepEqual([again.status, again.json()], [201, first.json()]);
  assert.deepEqual((await ask(`/${id}/filing`, { method: 'POST', headers: filingKey })).json(), filed.json());
  const other = await ask(`/${id}/files`, { body: 'other bytes', headers: key });
  assert.deepEqual([other.status, other.json().code], [422, 'intake.key-reused']);
  assert.deepEqual(await leftovers(bureau), before);
  assert.equal((await ask(`/${id}`)).json().files, 1);
});

test('a refused request leaves its key free', async () => {
  const key = { 'idempotency-key': randomUUID() };
  assert.equal((await send('', { profile: 'cybertip' }, { headers: key })).status, 400);
  assert.equal((await send('', aBody(), { headers: key })).status, 201);
});

test('empty files and files for unknown reports are refused and leave nothing', async () => {
  const id = await open();
  const headers = { 'content-type': 'application/octet-stream' };
  const before = await leftovers(bureau);
  const empty = await ask(`/${id}/files`, { method: 'POST', body: '', headers });
  assert.deepEqual([empty.status, empty.json().code], [400, 'intake.file-empty']);
  for (const number of ['900000000', 'abc', '0', `${id}0000`]) {
    const reply = await ask(`/${number}/files`, { body: randomBytes(2_000_000), headers });
    assert.deepEqual([reply.status, reply.json().code], [404, 'intake.unknown-report']);
  }
  assert.deepEqual(await leftovers(bureau), before);
});

test('another service’s report is answered like none, on every route', async () => {
  const id = await open();
  const none = '900000000';
  const asForeign = { authorization: foreign.authorization };
  const acts: readonly ((number: string) => Promise<Reply>)[] = [
    (number) => ask(`/${number}`, asForeign),
    (number) => ask(`/${number}/filing`, { method: 'POST', ...asForeign }),
    (number) => ask(`/${number}/retraction`, { method: 'POST', ...asForeign }),
    (number) => ask(`/${number}/files`, { body: 'bytes', ...asForeign }),
    (number) => send(`/${number}/files/${'a'.repeat(32)}/details`, {}, { method: 'PUT', ...asForeign }),
  ];
  for (const act of acts) {
    const masked = (reply: Reply) => [
      reply.status,
      reply.text
        .replaceAll(id, 'N')
        .replaceAll(none, 'N')
        .replaceAll(/"requestId":"[^"]*"/g, ''),
    ];
    const theirs = await act(id);
    assert.equal(theirs.status, 404);
    assert.deepEqual(masked(theirs), masked(await act(none)));
  }
  assert.equal((await ask(`/${id}`)).json().state, 'open');
});

test('retraction, expiry and the list', async () => {
  const lantern = async (path: string, more: Omit<Call, 'path'> = {}) =>
    await ask(path, { authorization: foreign.authorization, ...more });
  const ids: string[] = [];
  for (let index = 0; index < 5; index += 1) {
    const reply = await send('', aBody(), { authorization: foreign.authorization });
    ids.push(String(reply.json().reportId));
  }
  const retracted = await lantern(`/${ids[0]}/retraction`, { method: 'POST' });
  assert.deepEqual([retracted.status, retracted.json().state], [200, 'retracted']);
  const listed: string[] = [];
  let cursor: string | undefined = '';
  while (cursor !== undefined) {
    const page: Reply = await lantern(`?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
    const { items, next } = page.json() as { items: { reportId: string }[]; next?: string };
    assert.ok(items.length <= 2);
    listed.push(...items.map((item) => item.reportId));
    cursor = next;
  }
  assert.deepEqual(listed.slice(0, 5), [...ids].reverse());
  assert.equal((await lantern('?cursor=nonsense')).json().code, 'intake.cursor-unknown');
  try {
    bureau.clock.set(new Date(start.getTime() + 25 * 3_600_000));
    assert.equal((await lantern(`/${ids[1]}`)).json().state, 'expired');
    assert.equal((await lantern(`/${ids[1]}/filing`, { method: 'POST' })).status, 404);
    assert.equal((await lantern(`/${ids[0]}`)).json().state, 'retracted');
  } finally {
    bureau.clock.set(start);
  }
});

test('both doors open onto the same reports', async () => {
  const id = await open();
  const xml = ispws(bureau, service);
  const fileId = (await xml.upload(id, 'bytes')).of('fileId');
  assert.ok(fileId !== undefined);
  assert.equal((await xml.fileinfo(id, fileId)).code, 0);
  assert.equal((await xml.finish(id)).code, 0);
  assert.equal((await ask(`/${id}`)).json().reference, `FL-2026-${id}`);
});

test('invented reports are refused in production and taken by the sandbox', async () => {
  const refused = await send('', aBody({ synthetic: true }));
  assert.deepEqual([refused.status, refused.json().code], [403, 'intake.synthetic-in-production']);
  assert.match(String(refused.json().title), /sandbox/);
  const trial = await bureau.addService('Harbour Chat', 'sandbox');
  const taken = await send('', aBody({ synthetic: true }), { authorization: trial.authorization });
  assert.equal(taken.status, 201);
});

test('the API describes itself', async () => {
  const reply = await call(bureau, { path: '/v1/openapi.json' });
  const document = reply.json() as {
    openapi: string;
    paths: Record<string, Record<string, { requestBody?: { content: object } }>>;
  };
  assert.equal(document.openapi, '3.1.0');
  const content = document.paths['/v1/reports']?.post?.requestBody?.content;
  assert.deepEqual(Object.keys(content ?? {}), ['application/json']);
  assert.ok(document.paths['/v1/reports/{reportId}/files/{fileId}/details']?.put !== undefined);
  const page = await call(bureau, { path: '/v1/docs' });
  assert.match(page.text, /id="post-v1-reports-reportId-filing"/);
  assert.doesNotMatch(page.text, /<script|https?:\/\/(?!127)|style="/);
  const style = /<style>([\s\S]*?)<\/style>/.exec(page.text)?.[1] ?? '';
  const digest = createHash('sha256').update(style).digest('base64');
  assert.ok(String(page.headers['content-security-policy']).includes(`'sha256-${digest}'`));
});
