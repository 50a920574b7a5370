import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { test } from 'node:test';
import { sql } from 'kysely';
import { startTestBureau } from '../harness/bureau.ts';
import { ispws, leftovers, multipart, reportXml } from './intake-build.ts';

const start = new Date('2026-11-24T12:00:00Z');
const bureau = await startTestBureau({ now: start });
const service = await bureau.addService('Harbour Chat');
const harbour = ispws(bureau, service);
const db = bureau.db.kysely;

test('a refused upload says why and leaves no bytes', async () => {
  const id = await harbour.open();
  const file = { name: 'file', value: randomBytes(300_000), fileName: 'a.png' };
  const number = { name: 'id', value: id };
  const many = Array.from({ length: 30 }, (_, index) => ({ name: `field${index}`, value: 'x' }));
  const cases: readonly [
    name: string,
    asked: Parameters<typeof harbour.ask>[1],
    code: number,
    said: RegExp,
  ][] = [
    ['no id', multipart([file]), 4000, /id before the file/],
    ['the id after the file', multipart([file, number]), 4000, /id before the file/],
    ['two different ids', multipart([number, { name: 'id', value: '1' }, file]), 4000, /not a report number/],
    ['a long id', multipart([{ name: 'id', value: '1'.repeat(100_000) }, file]), 4000, /not a report number/],
    ['no file', multipart([number]), 4200, /no file/],
    ['nothing', multipart([]), 4000, /./],
    ['two files', multipart([number, file, file]), 4200, /more than one file/],
    ['three files', multipart([number, file, file, file]), 4200, /more than one file/],
    ['too many fields', multipart([...many, number, file]), 4000, /too many/],
    ['an empty file', multipart([number, { ...file, value: '' }]), 4200, /zero bytes/],
    ['a file under another name', multipart([number, { ...file, name: 'picture' }]), 4200, /no file/],
    ['no multipart', { body: 'id=1', headers: { 'content-type': 'text/plain' } }, 4000, /multipart/],
    ['no boundary', { body: 'id=1', headers: { 'content-type': 'multipart/form-data' } }, 4000, /form/],
  ];
  const before = await leftovers(bureau);
  for (const [name, asked, code, said] of cases) {
    const reply = await harbour.ask('/upload', asked);
    assert.deepEqual([reply.status, reply.code], [400, code], `${name}: ${reply.text}`);
    assert.match(reply.of('responseDescription') ?? '', said, name);
    assert.deepEqual(await leftovers(bureau), before, name);
  }
  assert.equal((await harbour.upload(id, 'then a good one')).code, 0);
  assert.match((await harbour.finish(id)).text, /<files><fileId>[0-9a-f]{32}<\/fileId><\/files>/);
});

test('a form that ends too early is refused and leaves nothing', async () => {
  const id = await harbour.open();
  const { body, headers } = multipart([
    { name: 'id', value: id },
    { name: 'file', value: randomBytes(200_000), fileName: 'a.png' },
  ]);
  const before = await leftovers(bureau);
  const reply = await harbour.ask('/upload', { body: body.subarray(0, 100_000), headers });
  assert.deepEqual([reply.status, reply.code], [400, 4000], reply.text);
  assert.deepEqual(await leftovers(bureau), before);
});

test('an upload that is cut off half way leaves nothing, and the report goes on', async () => {
  const id = await harbour.open();
  const before = await leftovers(bureau);
  const { body, headers } = multipart([
    { name: 'id', value: id },
    { name: 'file', value: randomBytes(3_000_000), fileName: 'a.png' },
  ]);
  await new Promise<void>((resolve) => {
    const sent = request(`${bureau.url}/ispws/upload`, {
      method: 'POST',
      headers: { ...headers, authorization: service.authorization, 'content-length': String(body.length) },
    });
    sent.on('error', () => resolve());
    sent.write(body.subarray(0, 1_500_000), () => sent.destroy());
  });
  await untilSame(before);
  assert.equal((await harbour.upload(id, 'whole')).code, 0);
  assert.equal((await harbour.finish(id)).code, 0);
});

async function untilSame(wanted: Awaited<ReturnType<typeof leftovers>>): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const now = await leftovers(bureau);
    if (now.onDisk === wanted.onDisk && now.incoming === wanted.incoming) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.deepEqual(await leftovers(bureau), wanted);
}

test('bytes for a report that is unknown are not taken in, and a slow reader still gets the answer', async () => {
  const before = await leftovers(bureau);
  const reply = await harbour.upload('900000000', randomBytes(8_000_000));
  assert.deepEqual([reply.status, reply.code, reply.of('reportId')], [404, 5001, '900000000']);
  assert.deepEqual(await leftovers(bureau), before);
});

test('names of files are data: kept whole, bounded, and never a path', async () => {
  const id = await harbour.open();
  const names: readonly [sent: string, kept: string][] = [
    ['../../../etc/passwd', '../../../etc/passwd'],
    ['..\\\\..\\\\boot.ini', '..\\..\\boot.ini'],
    ['/dev/null', '/dev/null'],
    ['a\u202egnp.exe', 'a\u202egnp.exe'],
    ['nul\u0000byte.png', 'nul\u2400byte.png'],
    [`${'n'.repeat(3000)}.png`, `${'n'.repeat(2055)}\u2026`],
  ];
  for (const [index, [sent]] of names.entries()) {
    const reply = await harbour.upload(id, `bytes ${index}`, sent);
    assert.equal(reply.code, 0, `${sent.slice(0, 30)}: ${reply.text}`);
  }
  const { rows } = await sql<{ upload_name: string }>`
    select upload_name from intake.report_file where report_id = ${id} order by position`.execute(db);
  assert.deepEqual(
    rows.map((row) => row.upload_name),
    names.map(([, kept]) => kept),
  );
});

test('the same bytes are stored once, every report has its own record', async () => {
  const bytes = randomBytes(5000);
  const ids = [await harbour.open(), await harbour.open()];
  const replies = [];
  for (const id of ids) replies.push(await harbour.upload(id, bytes));
  assert.equal(new Set(replies.map((reply) => reply.of('fileId'))).size, 2);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const { rows } = await sql<{ count: string }>`
    select count(*) from vault.holding where sha256 = ${sha256} and released_at is null`.execute(db);
  assert.equal(rows[0]?.count, '2');
});

test('uploads to one report at the same time get positions of their own', async () => {
  const id = await harbour.open();
  const replies = await Promise.all(
    Array.from({ length: 12 }, (_, index) => harbour.upload(id, `file ${index}`)),
  );
  assert.ok(replies.every((reply) => reply.code === 0));
  const { rows } = await sql<{ position: number }>`
    select position from intake.report_file where report_id = ${id} order by position`.execute(db);
  assert.deepEqual(
    rows.map((row) => row.position),
    Array.from({ length: 12 }, (_, index) => index + 1),
  );
});

test('ten thousand files in one report: the next one is as quick, and finish names them all', async () => {
  const id = await harbour.open();
  await harbour.upload(id, 'one');
  await sql`
    insert into intake.report_file (id, report_id, position, sha256, md5, size_bytes, received_at)
    select 'f' || substr(md5(n::text), 2), ${id}::bigint, n, sha256, md5, size_bytes, received_at
    from intake.report_file, generate_series(2, 9999) n where report_id = ${id}`.execute(db);
  await sql`update intake.report set file_count = 9999 where id = ${id}`.execute(db);
  const began = performance.now();
  assert.equal((await harbour.upload(id, 'the last')).code, 0);
  const filed = await harbour.finish(id);
  const elapsedMs = performance.now() - began;
  assert.equal(filed.code, 0);
  assert.equal(filed.text.split('<fileId>').length - 1, 10_000);
  assert.ok(elapsedMs < 5000, `${elapsedMs} ms`);
});

test('retraction removes what was sent and leaves the tombstone', async () => {
  const id = await harbour.open(
    reportXml({
      rest: '<personOrUserReported><screenName>invented-user</screenName></personOrUserReported>',
    }),
  );
  const bytes = randomBytes(4000);
  const fileId = (await harbour.upload(id, bytes)).of('fileId') ?? '';
  await harbour.fileinfo(id, fileId, '<originalFileName>secret-name.png</originalFileName>');
  assert.deepEqual(await kept(id), {
    documents: 2,
    identifiers: 3,
    parties: 3,
    state: 'open',
    sent: true,
    held: 1,
  });
  assert.equal((await harbour.retract(id)).code, 0);
  assert.deepEqual(await kept(id), {
    documents: 0,
    identifiers: 0,
    parties: 0,
    state: 'retracted',
    sent: false,
    held: 0,
  });
  await bureau.drain();
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const { rows } = await sql<{ location: string | null }>`
    select location from vault.seal where sha256 = ${sha256}`.execute(db);
  assert.equal(rows[0]?.location, null, 'nobody holds the bytes, so they are destroyed');
});

test('the sweep ends what is over, releases its bytes, and leaves the rest', async () => {
  const id = await harbour.open();
  const bytes = randomBytes(4000);
  await harbour.upload(id, bytes);
  const expire = bureau.app.jobs.find((job) => job.name === 'expire-reports');
  assert.equal(expire?.schedule, '* * * * *');
  try {
    bureau.clock.set(new Date(start.getTime() + 23 * 3_600_000));
    const young = await harbour.open();
    bureau.clock.set(new Date(start.getTime() + 25 * 3_600_000));
    await bureau.app.runDelivery({
      name: 'expire-reports',
      subject: 'clock',
      attempt: 1,
      isLast: false,
      isDead: false,
    });
    const swept = await kept(id);
    assert.deepEqual([swept.state, swept.sent, swept.held], ['expired', false, 0]);
    assert.equal((await kept(young)).state, 'open');
    assert.equal((await harbour.finish(young)).code, 0);
    const filedBefore = await sql<{ count: string }>`
      select count(*) from intake.report where state = 'filed' and sent is null`.execute(db);
    assert.equal(filedBefore.rows[0]?.count, '0', 'nothing that was filed is ever emptied');
  } finally {
    bureau.clock.set(start);
  }
});

async function kept(id: string) {
  const { rows } = await sql<{
    documents: number;
    identifiers: number;
    parties: number;
    state: string;
    sent: boolean;
    held: number;
  }>`
    select (select count(*)::int from intake.document where report_id = report.id) as documents,
      (select count(*)::int from intake.identifier where report_id = report.id) as identifiers,
      (select count(*)::int from intake.party where report_id = report.id) as parties,
      state, sent is not null as sent,
      (select count(*)::int from vault.holding where report_id = report.id and released_at is null) as held
    from intake.report where id = ${id}`.execute(db);
  const [row] = rows;
  assert.ok(row !== undefined);
  return row;
}
