import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { sql } from 'kysely';
import { listCustody } from '#vault';
import { startTestBureau } from '../harness/bureau.ts';
import { testCtx } from '../harness/database.ts';
import { call, ispws, leftovers, reportXml } from './intake-build.ts';

/** What is left of what was sent and not kept: that it was there, and nothing of what it was. */
const bureau = await startTestBureau({ now: new Date('2026-11-24T12:00:00Z') });
const service = await bureau.addService('Harbour Chat');
const harbour = ispws(bureau, service);
const db = bureau.db.kysely;
const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const custodyOf = async (reportId: string) =>
  await testCtx(bureau.db).run(async (ctx) => await listCustody(ctx, { reportId: reportId as never }));

/** Files that came in whole and were refused, at both doors. */
async function refusedUploads(): Promise<
  readonly { reportId: string; bytes: Buffer; code: string; send: () => Promise<unknown> }[]
> {
  const bytes = Array.from({ length: 2 }, () => randomBytes(50_000));
  const [late, json] = [await harbour.open(), await harbour.open()];
  return [
    {
      reportId: late,
      bytes: bytes[0] ?? Buffer.of(),
      code: 'intake.report-filed',
      // Filed between the bytes and the transaction that would add them.
      send: async () => {
        await fileInBetween(late);
        return await harbour.upload(late, bytes[0] ?? '');
      },
    },
    {
      reportId: json,
      bytes: bytes[1] ?? Buffer.of(),
      code: 'intake.key-malformed',
      send: async () =>
        await call(bureau, {
          path: `/v1/reports/${json}/files`,
          authorization: service.authorization,
          headers: { 'content-type': 'application/octet-stream', 'idempotency-key': 'not one' },
          body: bytes[1] ?? '',
        }),
    },
  ];
}

async function fileInBetween(reportId: string): Promise<void> {
  // Its note in vault.incoming moves to the final place after the last byte, and before the transaction.
  await sql`
    create or replace function intake.file_in_between() returns trigger language plpgsql security definer as $$
    begin
      update intake.report set state = 'filed', filed_at = now(), expires_at = null, reference = 'FL-TEST-' || id
        where id = ${sql.raw(reportId)} and state = 'open';
      return new;
    end $$`.execute(db);
  await sql`
    create or replace trigger file_in_between after update on vault.incoming
      for each row execute function intake.file_in_between()`.execute(db);
}

test('refused bytes vanish; a tombstone and a custody entry say what they were and why', async () => {
  for (const { reportId, bytes, code, send } of await refusedUploads()) {
    const before = await leftovers(bureau);
    await send();
    await sql`drop trigger if exists file_in_between on vault.incoming`.execute(db);
    assert.deepEqual(await leftovers(bureau), before, code);
    const { rows } = await sql`
      select reason, note, sha256, sha1, md5, size_bytes, actor_kind, actor_id from vault.tombstone
      where report_id = ${reportId}`.execute(db);
    assert.deepEqual(rows, [
      {
        reason: 'refused',
        note: code,
        sha256: sha256Of(bytes),
        sha1: createHash('sha1').update(bytes).digest('hex'),
        md5: createHash('md5').update(bytes).digest('hex'),
        size_bytes: String(bytes.length),
        actor_kind: 'provider',
        actor_id: service.id,
      },
    ]);
    const [entry, ...others] = await custodyOf(reportId);
    assert.deepEqual(others, []);
    assert.deepEqual(
      [entry?.act, entry?.sha256, entry?.actor.id],
      ['destroyed', sha256Of(bytes), service.id],
    );
    assert.match(entry?.note ?? '', new RegExp(code));
  }
});

test('of a report that is taken back or expires its number, times and digests stay, and nothing that was said', async () => {
  const secret = 'invented-and-secret';
  const xml = reportXml({
    rest: `<personOrUserReported><screenName>${secret}</screenName></personOrUserReported>`,
    summary: `<platform>${secret}</platform><escalateToHighPriority>${secret}</escalateToHighPriority>`,
  });
  const ids = { retracted: await harbour.open(xml), expired: await harbour.open(xml) };
  const bytes = { retracted: randomBytes(70_000), expired: randomBytes(80_000) };
  const before = await leftovers(bureau);
  for (const state of ['retracted', 'expired'] as const) {
    const fileId = (await harbour.upload(ids[state], bytes[state], `${secret}.png`)).of('fileId') ?? '';
    const said = `<originalFileName>${secret}.png</originalFileName><fileAnnotations><viral/></fileAnnotations>`;
    const info = await harbour.fileinfo(ids[state], fileId, said);
    assert.equal(info.code, 0, info.text);
  }
  await harbour.retract(ids.retracted);
  bureau.clock.advance(25 * 3_600_000);
  const job = { subject: 'clock', attempt: 1, isLast: false, isDead: false };
  await bureau.app.runDelivery({ ...job, name: 'expire-reports' });
  await bureau.drain();
  const after = await leftovers(bureau);
  assert.ok(after.onDisk <= before.onDisk && after.incoming === 0, JSON.stringify({ before, after }));
  for (const state of ['retracted', 'expired'] as const) {
    const { rows } = await sql<{ all: string; state: string; sha256: string; size: string; place: null }>`
      select report.state, file.sha256, file.size_bytes as size, seal.location as place,
        (select jsonb_agg(to_jsonb(one)) from intake.report one where one.id = report.id)::text
          || (select jsonb_agg(to_jsonb(one)) from intake.report_file one where one.report_id = report.id)::text as all
      from intake.report report join intake.report_file file on file.report_id = report.id
        join vault.seal seal using (sha256)
      where report.id = ${ids[state]}`.execute(db);
    const [row] = rows;
    assert.deepEqual(
      [row?.state, row?.sha256, row?.size, row?.place],
      [state, sha256Of(bytes[state]), String(bytes[state].length), null],
    );
    assert.ok(!row?.all.includes(secret) && !row?.all.includes('viral'), row?.all);
    const acts = (await custodyOf(ids[state])).map((entry) => entry.act);
    assert.deepEqual(
      acts.filter((act) => act !== 'verified'),
      ['received', 'released', 'destroyed'],
    );
    for (const table of ['document', 'party', 'identifier']) {
      const { rows: left } =
        await sql`select from ${sql.table(`intake.${table}`)} where report_id = ${ids[state]}`.execute(db);
      assert.equal(left.length, 0, table);
    }
  }
});

test('a tombstone is never changed', async () => {
  await assert.rejects(sql`update vault.tombstone set note = ''`.execute(db), /append-only/);
  await assert.rejects(sql`delete from vault.tombstone`.execute(db), /append-only/);
});
