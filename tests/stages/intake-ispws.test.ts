import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { sql } from 'kysely';
import { startTestBureau } from '../harness/bureau.ts';
import { batchedXml, call, ispws, leftovers, multipart, reportXml } from './intake-build.ts';

const start = new Date('2026-11-24T12:00:00Z');
const bureau = await startTestBureau({ now: start, maxDocumentBytes: 256 * 1024 });
const service = await bureau.addService('Harbour Chat');
const harbour = ispws(bureau, service);
const other = ispws(bureau, await bureau.addService('Lantern Social'));

const hour = 3_600_000;
const bytes = 'invented bytes of a benign picture';
const md5 = createHash('md5').update(bytes).digest('hex');

test('a round of seven calls', async () => {
  const status = await harbour.status();
  assert.equal(status.status, 200);
  assert.equal(status.code, 0);
  assert.equal(status.of('responseDescription'), `Remote User : ${service.username}, Remote Ip : 127.0.0.1`);
  assert.match(String(status.headers['request-id']), /^[0-9a-f-]{36}$/);

  const schema = await harbour.ask('/xsd');
  assert.match(schema.text, /<xs:element name="report">/);

  const opened = await harbour.submit(reportXml());
  assert.equal(opened.status, 200);
  assert.equal(opened.headers['content-type'], 'text/xml;charset=UTF-8');
  assert.equal(opened.of('responseDescription'), 'Success');
  const id = opened.of('reportId') ?? '';
  assert.match(id, /^[1-9]\d*$/);

  const uploaded = await harbour.upload(id, bytes);
  assert.equal(uploaded.code, 0);
  assert.equal(uploaded.of('hash'), md5);
  const fileId = uploaded.of('fileId') ?? '';
  assert.match(fileId, /^(?=.*[a-f])[0-9a-f]{32}$/);

  const described = await harbour.fileinfo(id, fileId, '<originalFileName>harbour.png</originalFileName>');
  assert.equal(described.code, 0, described.text);
  const again = await harbour.fileinfo(id, fileId);
  assert.deepEqual([again.status, again.code], [400, 4000]);

  const filed = await harbour.finish(id);
  assert.equal(filed.status, 200);
  assert.equal(filed.of('responseCode'), '0');
  assert.equal(filed.of('reportId'), id);
  assert.ok(filed.text.includes(`<files><fileId>${fileId}</fileId></files>`));
  assert.ok(filed.text.includes(`Filed as FL-2026-${id}.`));
});

test('every shape of submit that clients send is taken', async () => {
  const xml = reportXml({ at: '2026-11-24T12:00:00.940334421Z' });
  for (const headers of [
    {},
    { 'content-type': 'application/xml' },
    { 'content-type': 'text/plain;charset=UTF-8' },
    { 'content-type': 'text/plain; charset=ISO-8859-1' },
    { 'content-type': 'application/x-www-form-urlencoded' },
  ]) {
    const reply = await harbour.submit(xml, headers as Record<string, string>);
    assert.deepEqual([reply.status, reply.code], [200, 0], reply.text);
  }
});

test('finish and retract take a urlencoded form, a multipart form, and one without a type', async () => {
  for (const path of ['/finish', '/retract']) {
    const root = path === '/finish' ? 'reportDoneResponse' : 'reportResponse';
    const forms = [
      (id: string) => ({
        body: `id=${id}`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      }),
      (id: string) => multipart([{ name: 'id', value: id }]),
      (id: string) => ({ body: `id=${id}`, headers: {} }),
    ];
    for (const form of forms) {
      const id = await harbour.open();
      const reply = await harbour.ask(path, form(id));
      assert.deepEqual([reply.status, reply.code, reply.of('reportId')], [200, 0, id], reply.text);
      assert.ok(reply.text.includes(`<${root}>`));
    }
  }
});

test('a reporting person without an e-mail address is taken and the receipt says so', async () => {
  const reply = await harbour.submit(reportXml({ email: '<firstName>Rowan</firstName>' }));
  assert.deepEqual([reply.status, reply.code], [200, 0]);
  assert.match(reply.of('responseDescription') ?? '', /^Success\. Note: .*e-mail/);
});

test('what is wrong with a document is named with element, line, rule and layer', async () => {
  const cases: readonly [
    name: string,
    body: string | Uint8Array,
    status: number,
    code: number,
    said: RegExp,
  ][] = [
    ['nothing', '', 400, 4110, /form: empty-document/],
    ['not XML', 'hello', 400, 4110, /form/],
    ['JSON', '{"report":1}', 400, 4110, /form/],
    ['a DTD', `<!DOCTYPE report [<!ENTITY a "b">]>${reportXml()}`, 400, 4110, /form/],
    ['deep', '<report>'.repeat(2000), 400, 4110, /form/],
    ['UTF-16', Buffer.from(`\ufeff${reportXml()}`, 'utf16le'), 400, 4110, /form/],
    [
      'Latin-1',
      Buffer.from(reportXml({ rest: '<additionalInfo>\u00e9</additionalInfo>' }), 'latin1'),
      400,
      4110,
      /form: not-utf-8/,
    ],
    [
      'the wrong root',
      '<fileDetails><reportId>1</reportId><fileId>a</fileId></fileDetails>',
      400,
      4100,
      /\/fileinfo/,
    ],
    [
      'unknown enumeration',
      reportXml({ incidentType: 'Spam' }),
      400,
      4100,
      /incidentType \(line 1\).*schema/,
    ],
    [
      'the future',
      reportXml({ at: '2026-11-24T13:00:00Z' }),
      400,
      4100,
      /incidentDateTime.*rule: time-in-future/,
    ],
    ['no zone', reportXml({ at: '2026-11-24T10:00:00' }), 400, 4100, /rule: time-without-zone/],
  ];
  for (const [name, body, status, code, said] of cases) {
    const reply = await harbour.submit(body);
    assert.deepEqual([reply.status, reply.code], [status, code], `${name}: ${reply.text}`);
    assert.match(reply.of('responseDescription') ?? '', said, name);
    assert.ok(!(reply.of('responseDescription') ?? '').includes('\n'), name);
  }
});

test('a document above the limit is refused without an end, with a sentence', async () => {
  const reply = await harbour.submit(
    reportXml({ rest: `<additionalInfo>${'x'.repeat(3_000_000)}</additionalInfo>` }),
  );
  assert.deepEqual([reply.status, reply.code], [413, 4000]);
  assert.match(reply.of('responseDescription') ?? '', /larger/);
  // Without a declared length, the limit is found while reading.
  const chunked = await fetch(`${bureau.url}/ispws/submit`, {
    method: 'POST',
    headers: { authorization: service.authorization },
    body: new Blob(['x'.repeat(1_000_000)]).stream(),
    duplex: 'half',
  } as RequestInit);
  assert.equal(chunked.status, 413);
  assert.match(await chunked.text(), /<responseCode>4000<\/responseCode>/);
});

test('missing and wrong credentials, unknown paths and methods are complete documents', async () => {
  const missing = await call(bureau, { path: '/ispws/submit', body: reportXml() });
  assert.deepEqual([missing.status, missing.code], [401, 2000]);
  assert.match(String(missing.headers['www-authenticate']), /^Basic realm=/);
  const wrong = await call(bureau, { path: '/ispws/finish', body: 'id=1', authorization: 'Basic eDp5' });
  assert.deepEqual([wrong.status, wrong.code], [401, 2000]);
  assert.match(wrong.text, /<reportDoneResponse>.*<reportId>0<\/reportId><files\/>/);
  const unknown = await harbour.ask('/elsewhere');
  assert.deepEqual([unknown.status, unknown.code], [404, 1210]);
  assert.match(String(unknown.headers['request-id']), /\S/);
});

test('a suspended service may not submit', async () => {
  const gone = await bureau.addService('Gone Dark');
  await sql`update access.provider set suspended_at = now() where id = ${gone.id}`.execute(bureau.db.kysely);
  const reply = await ispws(bureau, gone).submit(reportXml());
  assert.deepEqual([reply.status, reply.code], [403, 3100]);
  const update = await ispws(bureau, gone).finish('1000001');
  assert.deepEqual([update.status, update.code], [403, 3300]);
});

test('another service’s report is answered exactly like one that does not exist', async () => {
  const id = await harbour.open();
  const fileId = (await harbour.upload(id, bytes)).of('fileId') ?? '';
  const none = '900000000';
  const masked = (text: string) => text.replaceAll(id, 'N').replaceAll(none, 'N');
  for (const act of ['finish', 'retract'] as const) {
    const foreign = await other[act](id);
    assert.deepEqual([foreign.status, foreign.code], [404, 5001]);
    assert.equal(masked(foreign.text), masked((await other[act](none)).text));
  }
  const foreign = await other.upload(id, bytes);
  assert.deepEqual([foreign.status, foreign.code], [404, 5001]);
  assert.equal(masked(foreign.text), masked((await other.upload(none, bytes)).text));
  const info = await other.fileinfo(id, fileId);
  assert.deepEqual([info.status, info.code], [404, 5001]);
  assert.equal(masked(info.text), masked((await other.fileinfo(none, fileId)).text));
  // The report is untouched, and its files belong to it alone.
  assert.equal((await harbour.fileinfo(await harbour.open(), fileId)).code, 5002);
  assert.equal((await harbour.finish(id)).code, 0);
});

test('ids that are no numbers are refused as such', async () => {
  for (const id of ['', 'abc', '0', '-1', '01', '1e3', '1 or 1=1', '9'.repeat(30)]) {
    const reply = await harbour.ask('/finish', {
      body: `id=${encodeURIComponent(id)}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    assert.deepEqual([reply.status, reply.code], [400, 4000], id);
    assert.match(reply.text, /<reportDoneResponse>.*<files\/>/);
  }
});

test('after filing every call is answered 5102, after retracting 5101, with HTTP 200', async () => {
  for (const [act, code] of [
    ['finish', 5102],
    ['retract', 5101],
  ] as const) {
    const id = await harbour.open();
    const fileId = (await harbour.upload(id, bytes)).of('fileId') ?? '';
    assert.equal((await harbour[act](id)).code, 0);
    const before = await leftovers(bureau);
    for (const reply of [
      await harbour.upload(id, 'late'),
      await harbour.fileinfo(id, fileId),
      await harbour.finish(id),
      await harbour.retract(id),
    ]) {
      assert.deepEqual([reply.status, reply.code], [200, code], reply.text);
    }
    assert.deepEqual(await leftovers(bureau), before);
  }
});

test('a client that lost its receipt and files again is told the files once more', async () => {
  const id = await harbour.open();
  const fileId = (await harbour.upload(id, bytes)).of('fileId') ?? '';
  assert.equal((await harbour.finish(id)).code, 0);
  const again = await harbour.finish(id);
  assert.equal(again.code, 5102);
  assert.match(again.text, new RegExp(`<files><fileId>${fileId}</fileId></files>`));
});

test('of two finishes at once one files and the other finds it filed', async () => {
  const id = await harbour.open();
  const codes = (await Promise.all([1, 2, 3, 4].map(() => harbour.finish(id)))).map((reply) => reply.code);
  assert.deepEqual(codes.sort(), [0, 5102, 5102, 5102]);
  const { rows } = await sql<{ count: string }>`
    select count(*) from access.audit where action = 'file-report' and subject = ${`report:${id}`} and outcome = 'done'
  `.execute(bureau.db.kysely);
  assert.equal(rows[0]?.count, '1');
});

test('five submits within a moment open five reports; two filed alike are marked, never merged', async () => {
  const xml = reportXml({ rest: '<additionalInfo>sent five times</additionalInfo>' });
  const replies = await Promise.all([1, 2, 3, 4, 5].map(() => harbour.submit(xml)));
  const ids = replies.map((reply) => reply.of('reportId') ?? '');
  assert.equal(new Set(ids).size, 5);
  const [first = '', second = '', third = ''] = ids;
  for (const id of [first, second, third]) await harbour.upload(id, 'the same bytes');
  await harbour.upload(third, 'one more');
  const files = await Promise.all([first, second, third].map((id) => harbour.finish(id)));
  assert.deepEqual(
    files.map((reply) => reply.code),
    [0, 0, 0],
  );
  const { rows } = await sql<{ id: string; duplicate_of: string | null }>`
    select id, duplicate_of from intake.report where id = any(${[first, second, third]}::bigint[])`.execute(
    bureau.db.kysely,
  );
  const marked = rows.filter((row) => row.duplicate_of !== null);
  assert.equal(marked.length, 1);
  assert.ok(
    [first, second].includes(marked[0]?.id ?? '') && [first, second].includes(marked[0]?.duplicate_of ?? ''),
  );
});

test('a report lives a day, or an hour after its last change; then it never was', async () => {
  try {
    const id = await harbour.open();
    bureau.clock.set(new Date(start.getTime() + 23.5 * hour));
    assert.equal((await harbour.upload(id, bytes)).code, 0);
    bureau.clock.set(new Date(start.getTime() + 24.25 * hour));
    assert.equal((await harbour.upload(id, bytes)).code, 0);
    bureau.clock.set(new Date(start.getTime() + 25.25 * hour));
    for (const reply of [
      await harbour.finish(id),
      await harbour.retract(id),
      await harbour.upload(id, bytes),
    ]) {
      assert.deepEqual([reply.status, reply.code], [404, 5001]);
    }
  } finally {
    bureau.clock.set(start);
  }
});

test('invented reports go to the sandbox', async () => {
  const xml = reportXml({ rest: '<additionalInfo>synthetic:true</additionalInfo>' });
  const refused = await harbour.submit(xml);
  assert.deepEqual([refused.status, refused.code], [403, 3100]);
  assert.match(refused.of('responseDescription') ?? '', /sandbox/);
  const trial = ispws(bureau, await bureau.addService('Harbour Chat', 'sandbox'));
  assert.equal((await trial.submit(xml)).code, 0);
});

test('a batched report is judged as a whole at finish and may be retracted', async () => {
  const id = await harbour.open(batchedXml);
  const { rows } = await sql<{ incident_count: number }>`
    select incident_count from intake.report where id = ${id}`.execute(bureau.db.kysely);
  assert.equal(rows[0]?.incident_count, 2);
  const early = await harbour.finish(id);
  assert.deepEqual([early.status, early.code, early.of('reportId')], [400, 4100, id]);
  assert.match(early.text, /filing: batched-one-file/);
  const fileId = (await harbour.upload(id, bytes)).of('fileId') ?? '';
  await harbour.fileinfo(id, fileId, '<fileAnnotations><viral/></fileAnnotations>');
  assert.equal((await harbour.finish(id)).code, 0);
  const second = await harbour.open(batchedXml);
  assert.equal((await harbour.finish(second)).code, 4100);
  assert.equal((await harbour.retract(second)).code, 0);
});
