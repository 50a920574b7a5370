import assert from 'node:assert/strict';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { recordAudit } from '#access';
import type { AuditLogReply } from '#contract/audit-log';
import { formatVerifierKey } from '#proof/note';
import { formatBundle, parseBundle } from '#proof/tiles';
import { run } from '../../cli/run.ts';
import { startTestBureau, type TestBureau } from '../harness/bureau.ts';
import { testCtx } from '../harness/database.ts';
import { startWitness } from '../harness/witness.ts';

/** The command line in this process against a bureau in this process; gives its one document. */
async function firstlight(of: TestBureau, ...args: readonly string[]) {
  let [stdout, stderr] = ['', ''];
  const status = await run(
    [...args, '--json'],
    {
      dataFolder: of.folder,
      columns: undefined,
      isColourful: false,
      isProgressShown: false,
      timeZone: 'UTC',
    } as Parameters<typeof run>[1],
    {
      stdout: (text) => {
        stdout += text;
      },
      stderr: (text) => {
        stderr += text;
      },
    },
  );
  return { status, stderr, document: (stdout === '' ? {} : JSON.parse(stdout)) as Record<string, unknown> };
}

async function startBureau(options: Parameters<typeof startTestBureau>[0] = {}): Promise<TestBureau> {
  const bureau = await startTestBureau(options);
  await writeFile(join(bureau.folder, 'bureau.json'), JSON.stringify({ url: bureau.url, pid: 1 }), {
    mode: 0o600,
  });
  await writeFile(join(bureau.folder, 'admin-token'), bureau.machineToken, { mode: 0o600 });
  return bureau;
}

async function write(bureau: TestBureau, count: number, subject = 'report:1000001'): Promise<void> {
  const actor = { kind: 'system', id: 'test', name: 'test' } as const;
  await testCtx(bureau.db).run(async ({ tx }) => {
    for (let index = 0; index < count; index += 1)
      await recordAudit(tx, { at: new Date(0), actor, action: 'read-brief', outcome: 'done', subject });
    await tx.db
      .insertInto('vault.custody')
      .values({
        at: new Date(0),
        sha256: 'ab'.repeat(32),
        act: 'verified',
        actor_kind: 'system',
        actor_id: 'test',
        report_id: subject.split(':')[1] ?? '',
      })
      .execute();
  });
}

/** What a superuser does behind everybody's back: triggers off. */
async function meddle(bureau: TestBureau, ...statements: readonly string[]): Promise<void> {
  await bureau.db.pool.query(
    `begin; set local session_replication_role = replica; ${statements.join(';')}; commit`,
  );
}

interface Found {
  readonly kind: string;
  readonly position?: number;
  readonly source?: string;
  readonly id?: string;
  readonly message: string;
}

async function findings(bureau: TestBureau, ...args: readonly string[]): Promise<readonly Found[]> {
  const { status, document, stderr } = await firstlight(bureau, 'audit', 'verify', ...args);
  assert.equal(stderr.includes('CannotDo'), false);
  const found = document.findings as readonly Found[];
  assert.ok(Array.isArray(found), stderr);
  assert.equal(status, found.length === 0 ? 0 : 1);
  return found;
}

const brief = ({ kind, source, id }: Found) => [kind, source, id];

describe('the audit log of a bureau', () => {
  let bureau: TestBureau;
  let sound: string;

  before(async () => {
    bureau = await startBureau();
    await write(bureau, 600);
    await write(bureau, 30, 'report:1000002');
    await bureau.app.sealer.sealAll();
    sound = join(bureau.folder, 'sound');
  });

  it('verifies while the bureau runs, and from an export without it', async () => {
    assert.deepEqual(await findings(bureau), []);
    const key = bureau.signingKey.published[0]?.verifierKey ?? '';
    const exported = await firstlight(bureau, 'audit', 'export', '--out', sound);
    assert.equal(exported.status, 0, exported.stderr);
    const elsewhere = { ...bureau, folder: '/nonexistent' };
    const { document, status } = await firstlight(elsewhere, 'audit', 'verify', sound, '--key', key);
    assert.equal(status, 0);
    assert.deepEqual(
      [document.isSound, document.keysFrom, document.origin],
      [true, 'given', bureau.signingKey.name],
    );
    assert.ok(Number(document.checked) >= 632);
    const foreign = 'other+5d4c3b2a+AAAA';
    assert.equal((await firstlight(elsewhere, 'audit', 'verify', sound, '--key', foreign)).status, 2);
  });

  it('goes on with an export, and the log must continue the one before', async () => {
    const folder = join(bureau.folder, 'growing');
    await firstlight(bureau, 'audit', 'export', '--out', folder);
    await write(bureau, 300);
    await bureau.app.sealer.sealAll();
    const again = await firstlight(bureau, 'audit', 'export', '--out', folder);
    assert.equal(again.status, 0, again.stderr);
    const { document, status } = await firstlight(bureau, 'audit', 'verify', folder);
    assert.equal(status, 0, JSON.stringify(document.findings));
    assert.equal((document.continued as number[]).length, 1);
    // An interrupted export leaves no half file, and the next one makes it whole.
    await rm(join(folder, 'tile/0/001'));
    assert.notDeepEqual(await findings(bureau, folder), []);
    await firstlight(bureau, 'audit', 'export', '--out', folder);
    assert.deepEqual(await findings(bureau, folder), []);
  });

  it('names a row that a superuser changed', async () => {
    await meddle(bureau, `update access.audit set actor_name = 'somebody else' where id = 300`);
    assert.deepEqual((await findings(bureau)).map(brief), [['changed', 'audit', '300']]);
    await meddle(bureau, `update access.audit set actor_name = 'test' where id = 300`);
    assert.deepEqual(await findings(bureau), []);
    await meddle(bureau, `update access.audit set at = at + interval '1 microsecond' where id = 300`);
    assert.deepEqual((await findings(bureau)).map(brief), [['changed', 'audit', '300']]);
    await meddle(bureau, `update access.audit set at = at - interval '1 microsecond' where id = 300`);
  });

  it('names rows that a superuser removed, put in and moved, custody included', async () => {
    await meddle(
      bureau,
      'create table public.kept as select * from access.audit where id = 20',
      'delete from access.audit where id = 20',
      'create table public.kept_custody as select * from vault.custody where id = 1',
      'delete from vault.custody where id = 1',
    );
    const removed = (await findings(bureau)).map(brief).toSorted();
    assert.deepEqual(removed, [
      ['removed', 'audit', '20'],
      ['removed', 'custody', '1'],
    ]);
    await meddle(
      bureau,
      'insert into access.audit overriding system value select * from public.kept',
      'insert into vault.custody overriding system value select * from public.kept_custody',
    );
    assert.deepEqual(await findings(bureau), []);

    await meddle(
      bureau,
      `insert into access.audit (id, at, actor_kind, actor_id, actor_name, action, outcome)
       overriding system value values (99000, now(), 'staff', 'x', 'x', 'read-brief', 'done')`,
    );
    assert.deepEqual((await findings(bureau)).map(brief), [['inserted', 'audit', '99000']]);
    await meddle(bureau, 'delete from access.audit where id = 99000');

    const swap = `update access.log_entry mine set row_id = other.row_id, salt = other.salt, source = other.source
      from access.log_entry other where mine.position + other.position = 410 and mine.position in (5, 405)`;
    await meddle(bureau, 'alter table access.log_entry drop constraint log_entry_source_row_id_key', swap);
    const moved = await findings(bureau);
    assert.deepEqual(new Set(moved.map(({ kind }) => kind)), new Set(['moved']));
    await meddle(bureau, swap);
    assert.deepEqual(await findings(bureau), []);
  });

  it('names a position that lost its row, and an end that was cut off', async () => {
    await meddle(
      bureau,
      'create table public.kept_entry as select * from access.log_entry where position = 77',
      'delete from access.log_entry where position = 77',
    );
    const found = await findings(bureau);
    assert.ok(found.some(({ kind, position }) => kind === 'removed' && position === 77));
    await meddle(bureau, 'insert into access.log_entry select * from public.kept_entry');
    assert.deepEqual(await findings(bureau), []);

    await meddle(
      bureau,
      'create table public.kept_tail as select * from access.log_checkpoint where size = (select max(size) from access.log_checkpoint)',
      'delete from access.log_checkpoint where size = (select max(size) from access.log_checkpoint)',
    );
    const cut = await findings(bureau);
    assert.deepEqual(
      cut.map(({ kind, message }) => [kind, /was set back/.test(message)]),
      [['history', true]],
    );
    await meddle(bureau, 'insert into access.log_checkpoint select * from public.kept_tail');
  });

  it('names what was done to the files of an export', async () => {
    const folder = join(bureau.folder, 'edited');
    const edit = async (change: (folder: string) => Promise<void>): Promise<readonly Found[]> => {
      await rm(folder, { recursive: true, force: true });
      await cp(sound, folder, { recursive: true });
      await change(folder);
      return await findings(bureau, folder);
    };
    const bundle = async (change: (entries: Buffer[]) => Buffer[]) =>
      await edit(async (where) => {
        const path = join(where, 'tile/entries/001');
        const parsed = parseBundle(await readFile(path));
        assert.equal(parsed.kind, 'ok');
        if (parsed.kind === 'ok') await writeFile(path, formatBundle(change([...parsed.value])));
      });
    const kinds = (found: readonly Found[]) => [...new Set(found.map(({ kind }) => kind))];
    assert.deepEqual(await edit(async () => {}), []);
    const changed = await bundle((entries) =>
      entries.with(3, Buffer.from(entries[3]?.toString().replace('done', 'gone') ?? '')),
    );
    assert.deepEqual(
      changed.map(({ kind, position, source }) => [kind, position, source]),
      [['changed', 259, 'audit']],
    );
    assert.deepEqual(kinds(await bundle((entries) => entries.toSpliced(3, 1))), ['removed']);
    assert.deepEqual(kinds(await bundle((entries) => entries.toSpliced(3, 0, Buffer.from('{}')))), [
      'inserted',
    ]);
    assert.deepEqual(kinds(await bundle((entries) => entries.toReversed())), ['moved']);
    const cut = await edit(async (where) => {
      for (const name of await readdir(join(where, 'tile/0')))
        if (name.endsWith('.p')) await rm(join(where, 'tile/0', name), { recursive: true });
      for (const name of await readdir(join(where, 'tile/entries')))
        if (name.endsWith('.p')) await rm(join(where, 'tile/entries', name), { recursive: true });
    });
    assert.deepEqual(kinds(cut), ['truncated']);
    const resized = await firstlight(bureau, 'audit', 'verify', folder);
    assert.equal(resized.status, 1);
    await edit(async () => {});
    const checkpoint = await readFile(join(folder, 'checkpoint'), 'utf8');
    await writeFile(join(folder, 'checkpoint'), checkpoint.replace(/\n(\d+)\n/, '\n512\n'));
    const forged = await firstlight(bureau, 'audit', 'verify', folder);
    assert.equal(forged.status, 1);
    assert.match(forged.stderr, /does not belong to this text/);
  });

  it('proves the rows about one report, and nothing about others', async () => {
    const file = join(bureau.folder, 'report.proof.json');
    const made = await firstlight(bureau, 'audit', 'prove', '1000002', '--out', file);
    assert.equal(made.status, 0, made.stderr);
    assert.equal(made.document.rows, 31);
    const key = bureau.signingKey.published[0]?.verifierKey ?? '';
    const elsewhere = { ...bureau, folder: '/nonexistent' };
    const checked = await firstlight(elsewhere, 'audit', 'check', file, '--key', key);
    assert.equal(checked.status, 0, JSON.stringify(checked.document));
    assert.equal((checked.document.rows as unknown[]).length, 31);
    const text = await readFile(file, 'utf8');
    assert.equal(text.includes('report:1000001'), false);
    const old = join(bureau.folder, 'old.proof.json');
    await writeFile(old, text);
    await write(bureau, 3, 'report:1000002');
    await bureau.app.sealer.sealAll();
    const later = await firstlight(bureau, 'audit', 'prove', '1000002', '--out', file, '--from', old);
    assert.equal(later.status, 0, later.stderr);
    const continued = await firstlight(elsewhere, 'audit', 'check', file, '--key', key);
    assert.equal(continued.document.continues, made.document.size);
    // Whoever changes a word of an entry breaks its proof.
    const document = JSON.parse(await readFile(file, 'utf8')) as { proofs: string[] };
    const extra = /^extra (\S+)$/m.exec(document.proofs[0] ?? '')?.[1] ?? '';
    const forgedEntry = Buffer.from(extra, 'base64').toString().replace('test', 'tset');
    document.proofs[0] = (document.proofs[0] ?? '').replace(
      extra,
      Buffer.from(forgedEntry).toString('base64'),
    );
    await writeFile(file, JSON.stringify(document));
    const forged = await firstlight(elsewhere, 'audit', 'check', file, '--key', key);
    assert.equal(forged.status, 1);
    assert.match(String(forged.document.reason), /does not stand at index/);
  });
});

describe('a witness outside', () => {
  it('cosigns, may be down without anything stopping, and does not take a database that was set back', async () => {
    const witnesses: { url: string; key: Awaited<ReturnType<typeof startWitness>>['key'] }[] = [];
    const bureau = await startBureau({ witnesses });
    const witness = await startWitness(bureau.signingKey.published.map((key) => key.verifierKey));
    witnesses.push(witness);
    const state = async () =>
      (await (
        await fetch(`${bureau.url}/v1/desk/audit-log`, {
          headers: { authorization: `Bearer ${bureau.machineToken}` },
        })
      ).json()) as AuditLogReply;

    await write(bureau, 10);
    await bureau.app.sealer.sealAll();
    assert.equal(witness.seen().size, (await state()).size);
    const vkey = formatVerifierKey(witness.key);
    const found = await firstlight(bureau, 'audit', 'verify', '--witness', vkey);
    assert.equal(found.status, 0, JSON.stringify(found.document.findings));
    assert.equal((found.document.cosigned as { name: string }[])[0]?.name, witness.key.name);

    witness.isUp = false;
    bureau.clock.advance(2000);
    await write(bureau, 10);
    assert.ok((await bureau.app.sealer.sealAll()) > 10);
    const down = await state();
    assert.match(down.witnesses[0]?.trouble ?? '', /does not answer/);
    assert.ok((down.witnesses[0]?.size ?? 0) < down.size);
    const unseen = await findings(bureau, '--witness', vkey);
    assert.match(unseen[0]?.message ?? '', /did not cosign/);

    witness.isUp = true;
    bureau.clock.advance(2000);
    await bureau.app.sealer.sealAll();
    const up = await state();
    assert.equal(up.witnesses[0]?.trouble, undefined);
    assert.equal(witness.seen().size, up.size);

    // Not asked again at once, however much is sealed.
    const asked = witness.answers.length;
    await write(bureau, 1);
    await bureau.app.sealer.sealAll();
    assert.equal(witness.answers.length, asked);

    await meddle(
      bureau,
      'delete from access.log_cosignature',
      'delete from access.log_checkpoint where size > 12',
      'delete from access.log_tile',
      'delete from access.log_entry',
      'delete from access.log_checkpoint',
      'update access.log_witness set size = 0',
    );
    await rm(join(bureau.folder, 'audit-anchor'));
    bureau.clock.advance(2000);
    await write(bureau, 5);
    await bureau.app.sealer.sealAll();
    const back = await state();
    assert.match(back.witnesses[0]?.trouble ?? '', /the database was set back/);
    const items = await bureau.db.kysely.selectFrom('platform.attention').select(['job', 'reason']).execute();
    assert.ok(items.some(({ job, reason }) => job === 'witness-audit-log' && /set back/.test(reason)));
    // Grown beyond what the witness saw, the history is still another one.
    bureau.clock.advance(2000);
    await write(bureau, 100);
    await bureau.app.sealer.sealAll();
    assert.match((await state()).witnesses[0]?.trouble ?? '', /does not continue what it cosigned/);
  });
});

describe('a database that was set back', () => {
  it('is not sealed over until somebody accepts the loss by name', async () => {
    const bureau = await startBureau();
    await write(bureau, 20);
    await bureau.app.sealer.sealAll();
    const anchor = join(bureau.folder, 'audit-anchor');
    const older = await readFile(anchor, 'utf8');
    await write(bureau, 20);
    await bureau.app.sealer.sealAll();
    const [, size] = (await readFile(anchor, 'utf8')).split('\n');
    const refused = await firstlight(bureau, 'audit', 'accept-loss', '--why', 'nothing happened at all');
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /no loss to accept/);
    // The state of the first sealing, as a backup of that moment would bring it back.
    const oldSize = Number(older.split('\n')[1]);
    await meddle(
      bureau,
      `delete from access.audit where id in (select row_id from access.log_entry where source = 'audit' and position >= ${oldSize})`,
      `delete from vault.custody where id in (select row_id from access.log_entry where source = 'custody' and position >= ${oldSize})`,
      "delete from access.audit where id in (select row_id from access.log_pending where source = 'audit')",
      'delete from access.log_pending',
      `delete from access.log_entry where position >= ${oldSize}`,
      `delete from access.log_checkpoint where size > ${oldSize}`,
      `update access.log_tile set hashes = substring(hashes from 1 for ${oldSize * 32})`,
    );
    await write(bureau, 3);
    await assert.rejects(bureau.app.sealer.sealAll(), /was set back: its audit log holds \d+ entries/);
    const found = await findings(bureau);
    assert.match(
      found[0]?.message ?? '',
      new RegExp(`holds ${oldSize} entries, and this bureau had signed ${size}`),
    );

    const accepted = await firstlight(
      bureau,
      'audit',
      'accept-loss',
      '--why',
      'the disk failed, backup of noon',
    );
    assert.equal(accepted.status, 0, accepted.stderr);
    assert.ok((await bureau.app.sealer.sealAll()) > 3);
    assert.deepEqual(await findings(bureau), []);
    const row = await bureau.db.kysely
      .selectFrom('access.audit')
      .select(['why', 'details'])
      .where('action', '=', 'accept-audit-loss')
      .where('outcome', '=', 'done')
      .executeTakeFirstOrThrow();
    assert.equal(row.why, 'the disk failed, backup of noon');
    assert.equal((row.details as { seen: number }).seen, Number(size));
  });
});
