import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { systemClock } from '#platform/clock';
import { readConfig } from '#platform/config';
import { createLog } from '#platform/log';
import { openDatabase, startEmbedded } from '#platform/postgres';
import {
  type BackupParts,
  backUp,
  evidenceOf,
  makeBackupFolder,
  openOrMakeBackupKeys,
  verifyBackup,
} from '#upkeep';
import { restoreBureau } from '../../src/restore-command.ts';
import { type Service, startTestBureau, type TestBureau } from '../harness/bureau.ts';
import {
  approve,
  decide,
  filedOn,
  fileReport,
  propose,
  secrets,
  someone,
  whenDue,
} from '../stages/retention-build.ts';

const log = createLog('silent', 'test');
const quiet = () => undefined;
let bureau: TestBureau;
let service: Service;

before(async () => {
  bureau = await startTestBureau({ now: filedOn });
  service = await bureau.addService('Harbour Chat');
});

async function destroy(reportId: string): Promise<void> {
  bureau.clock.set(whenDue);
  const [asker, second] = [await someone(bureau, 'supervisor'), await someone(bureau, 'supervisor')];
  const proposal = await propose(asker, 'destroy-evidence', { ground: 'schedule', reportIds: [reportId] });
  assert.equal((await approve(second, proposal)).status, 200);
  await bureau.drain();
}

test('what was erased after a backup does not come back with it, neither rows nor bytes', async () => {
  const folder = await makeBackupFolder(join(bureau.folder, 'backups'));
  const keyFile = join(bureau.folder, 'backup.key');
  const { keys } = await openOrMakeBackupKeys(keyFile);
  const own = (name: string) => join(bureau.folder, 'keys', name);
  const parts: BackupParts = {
    db: bureau.db,
    databaseKind: 'server',
    evidence: evidenceOf(bureau.vault),
    keys,
    clock: systemClock,
    report: quiet,
    version: '0.0.0-test',
    bureau: { name: 'Test bureau', isDemonstration: false },
    keyFiles: {
      'evidence.key': own('evidence.key'),
      'signing.key': own('signing.key'),
      'digest.key': own('digest.key'),
    },
    audit: async () => undefined,
  };
  const erased = await fileReport(bureau, service, randomBytes(9_000));
  const kept = await fileReport(bureau, service, randomBytes(9_100));
  await decide(await someone(bureau, 'triage-officer'), erased.reportId);
  await bureau.drain();
  const earlier = await backUp(parts, folder);
  assert.equal(earlier.evidence.files, 2);
  await destroy(erased.reportId);
  const later = await backUp(parts, folder);
  assert.equal(later.evidence.files, 1);

  // The older backup has lost just the erased bytes, and says so.
  const verified = await verifyBackup(folder, keys, earlier.id, quiet, false);
  assert.deepEqual([verified.erasedFiles, verified.damaged], [1, []]);

  const target = join(bureau.folder, 'restored');
  const reading = readConfig({ FIRSTLIGHT_DATA: target, FIRSTLIGHT_BACKUP_KEY_FILE: keyFile });
  assert.ok(reading.kind === 'ok');
  const { config } = reading;
  const reply = await restoreBureau({
    ...{ config, log, report: quiet, folder, keys, backupId: earlier.id, at: undefined },
  });
  assert.equal(reply.erasedAgain, 1);
  assert.deepEqual(reply.audit.faults, []);
  assert.deepEqual(reply.damaged, [], 'the erased file is not taken for a damaged one');
  assert.match(await readFile(config.erasuresFile, 'utf8'), new RegExp(`"reportId":"${erased.reportId}"`));

  const embedded = await startEmbedded(target, log);
  const db = openDatabase(embedded.url, { max: 1 });
  try {
    const { rows } = await db.pool.query<{ id: string; sent: unknown; erased: boolean }>(
      'select id, sent, erased_at is not null as erased from intake.report order by id',
    );
    const byId = new Map(rows.map((row) => [row.id, row]));
    assert.deepEqual(byId.get(erased.reportId), { id: erased.reportId, sent: null, erased: true });
    assert.equal(byId.get(kept.reportId)?.erased, false);
    assert.ok(byId.get(kept.reportId)?.sent !== null);
    const { rows: texts } = await db.pool.query(
      'select from intake.identifier where report_id = $1 and value = any($2)',
      [erased.reportId, Object.values(secrets)],
    );
    assert.equal(texts.length, 0);
  } finally {
    await db.close();
    await embedded.stop();
  }
});
