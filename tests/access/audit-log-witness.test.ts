import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { AuditLogReply } from '#contract/audit-log';
import { formatVerifierKey } from '#proof/note';
import { findings, firstlight, meddle, startBureau, write } from '../harness/audit-log.ts';
import { startWitness } from '../harness/witness.ts';

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
