import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileIdFrom, type ReportId } from '#base/ids';
import type { VerificationLine } from '#contract/administration';
import type { EvidenceKeyListReply, ResealRunItem, VaultReply } from '#contract/vault';
import { createLog } from '#platform/log';
import { openDatabase } from '#platform/postgres';
import { inTransaction } from '#platform/unit-of-work';
import { openVault, sealFile, stageBytes } from '#vault';
import { provideConsole } from '../harness/console.ts';
import { firstlight, type RunningBureau, startProcess } from '../harness/process.ts';
import { descendantsOf } from '../harness/process-list.ts';
import { startS3Server } from '../harness/s3-server.ts';
import { filesBelow } from '../stages/vault-build.ts';

/** Real processes, killed in the middle of a rotation and of a move. Nothing is lost and both come to their end. */
const folder = await mkdtemp(join(tmpdir(), 'firstlight-rotate-'));
const data = join(folder, 'data');
const server = await startS3Server();
after(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const files = 70;
const environment = { FIRSTLIGHT_DATA: data, PORT: '0', FIRSTLIGHT_LOG: 'silent' };
const toBucket = {
  FIRSTLIGHT_STORE: 's3://evidence/moved',
  FIRSTLIGHT_S3_ENDPOINT: server.url,
  FIRSTLIGHT_S3_KEY_ID: 'test',
  FIRSTLIGHT_S3_SECRET: 'test',
};

async function fill(): Promise<void> {
  const { databaseUrl } = JSON.parse(await readFile(join(data, 'bureau.json'), 'utf8')) as {
    databaseUrl: string;
  };
  const evidence = join(data, 'evidence');
  const vault = await openVault({
    folder: evidence,
    keyFile: join(data, 'keys', 'evidence.key'),
    create: false,
  });
  const db = openDatabase(databaseUrl, { max: 2 });
  const now = new Date();
  const rest = {
    actor: { kind: 'system', id: 'test', name: 'test' } as const,
    now,
    log: createLog('silent', 'test'),
  };
  for (let n = 0; n < files; n += 1) {
    const staged = await stageBytes(
      vault,
      db.kysely,
      Readable.from([randomBytes(n % 5 === 0 ? 3_000_000 : 100_000)]),
      now,
    );
    const fileId = fileIdFrom(n.toString(16).padStart(32, '0'));
    await inTransaction(
      db.kysely,
      async () => undefined,
      async (tx) => await sealFile({ tx, ...rest }, vault, { staged, reportId: '1' as ReportId, fileId }),
    );
  }
  await db.close();
}

async function killWorker(bureau: RunningBureau): Promise<void> {
  const worker = (await descendantsOf(bureau.pid)).find(({ command }) => command.includes('worker.ts'));
  if (worker !== undefined) process.kill(worker.pid, 'SIGKILL');
}

async function runOf(id: string): Promise<ResealRunItem> {
  const { runs } = (await firstlight(data, 'vault', 'status')) as VaultReply;
  const run = runs.find((each) => each.id === id);
  assert.ok(run);
  return run;
}

/** Kills the worker three times while the run goes on, then waits for its end. */
async function killedToTheEnd(bureau: RunningBureau, run: ResealRunItem): Promise<ResealRunItem> {
  for (let kill = 0; kill < 3; kill += 1) {
    await sleep(400 + kill * 300);
    await killWorker(bureau);
  }
  const deadline = Date.now() + 120_000;
  for (;;) {
    const now = await runOf(run.id);
    if (now.doneAt !== undefined) return now;
    assert.ok(Date.now() < deadline, `the run did not end: ${JSON.stringify(now)}`);
    await sleep(500);
  }
}

async function stop(bureau: RunningBureau): Promise<void> {
  bureau.signal('SIGTERM');
  assert.equal(await bureau.exited, 0);
}

test('a rotation and a move whose worker is killed end with every file under the new key and in the new store', async () => {
  await provideConsole(data);
  const first = await startProcess(environment);
  await fill();
  const before = (await firstlight(data, 'keys', 'list')) as EvidenceKeyListReply;
  const asked = (await firstlight(data, 'keys', 'rotate')) as ResealRunItem;
  const rotated = await killedToTheEnd(first, asked);
  assert.deepEqual([rotated.files, rotated.leftFiles, rotated.problem], [files, 0, undefined]);
  const keys = (await firstlight(data, 'keys', 'list')) as EvidenceKeyListReply;
  assert.deepEqual(
    keys.items.map(({ files: count }) => count),
    [0, files],
  );
  assert.equal(keys.items.find(({ isCurrent }) => isCurrent)?.id, asked.target);
  const verified = (await firstlight(data, 'verify')) as VerificationLine;
  assert.deepEqual([verified.checked, verified.damaged], [files, []]);
  await firstlight(data, 'keys', 'retire', before.items[0]?.id ?? '');
  await stop(first);

  const second = await startProcess({ ...environment, ...toBucket });
  const move = (await firstlight(data, 'vault', 'move', '--to', 's3', '--background')) as ResealRunItem;
  const moved = await killedToTheEnd(second, move);
  assert.deepEqual([moved.files, moved.leftFiles], [files, 0]);
  const status = (await firstlight(data, 'vault', 'status')) as VaultReply;
  assert.deepEqual(
    status.stores.map(({ id, files: count }) => [id, count]),
    [['s3://evidence/moved', files]],
  );
  const again = (await firstlight(data, 'verify')) as VerificationLine;
  assert.deepEqual([again.checked, again.damaged], [files, []]);
  await stop(second);
  assert.ok(
    (await readdir(join(data, 'keys'))).every((name) => !/\.[0-9a-f]{32}$/.test(name)),
    'no half-written key file',
  );
  // The former copies stand for their ten minutes; nothing but copies is there.
  assert.ok((await filesBelow(join(data, 'evidence'))).size > 0);
});
