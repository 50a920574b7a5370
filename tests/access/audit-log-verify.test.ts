import assert from 'node:assert/strict';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { formatBundle, parseBundle } from '#proof/tiles';
import { brief, type Found, findings, firstlight, meddle, startBureau, write } from '../harness/audit-log.ts';
import type { TestBureau } from '../harness/bureau.ts';

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
