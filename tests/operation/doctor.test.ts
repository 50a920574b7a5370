import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import type { DoctorReply } from '#contract/upkeep';
import { checkBackup, checkTransport } from '../../src/upkeep/doctor/surroundings.ts';
import { newFolder } from '../faults/faults-build.ts';
import { provideConsole } from '../harness/console.ts';
import { startProcess } from '../harness/process.ts';

const run = promisify(execFile);

async function doctor(
  data: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<{ reply: DoctorReply; status: number }> {
  const env = {
    PATH: process.env.PATH ?? '',
    TMPDIR: process.env.TMPDIR ?? '/tmp',
    FIRSTLIGHT_DATA: data,
    ...environment,
  };
  return await run(process.execPath, ['cli/firstlight.ts', 'doctor', '--json'], { env }).then(
    ({ stdout }) => ({ reply: JSON.parse(stdout) as DoctorReply, status: 0 }),
    (error: { stdout: string; stderr: string; code: number }) => {
      assert.notEqual(error.stdout, '', error.stderr);
      return { reply: JSON.parse(error.stdout) as DoctorReply, status: error.code };
    },
  );
}

function verdicts(reply: DoctorReply): Record<string, string> {
  return Object.fromEntries(reply.items.map(({ name, verdict }) => [name, verdict]));
}

describe('doctor', () => {
  test('looks at a bureau that runs and at the same one stopped, and sees what is wrong with it', async () => {
    const data = join(await newFolder('doctor'), 'data');
    await provideConsole(data);
    const bureau = await startProcess({ FIRSTLIGHT_DATA: data, PORT: '0', FIRSTLIGHT_LOG: 'silent' });
    const running = verdicts((await doctor(data)).reply);
    assert.deepEqual(
      [
        running.durability,
        running.checksums,
        running['database-roles'],
        running['file-modes'],
        running.passkeys,
      ],
      // The first administrator has a link only.
      ['ok', 'ok', 'ok', 'ok', 'warn'],
    );
    assert.equal(running['audit-witness'], 'warn');
    assert.equal(running.backup, 'ask');
    bureau.signal('SIGTERM');
    await bureau.exited;

    await chmod(join(data, 'keys', 'evidence.key'), 0o644);
    const backups = join(await newFolder('no-backups'), 'backups');
    await mkdir(backups);
    const { reply, status } = await doctor(data, {
      HOST: '0.0.0.0',
      FIRSTLIGHT_BACKUP_FOLDER: backups,
      FIRSTLIGHT_ONE_DATABASE_ROLE: 'yes',
    });
    const stopped = verdicts(reply);
    assert.equal(status, 1);
    assert.equal(stopped['file-modes'], 'bad');
    assert.match(reply.items.find(({ name }) => name === 'file-modes')?.says ?? '', /evidence\.key/);
    assert.equal(stopped.transport, 'bad');
    assert.equal(stopped.backup, 'bad');
    assert.equal(stopped['database-roles'], 'warn');
    assert.equal(stopped.durability, 'ok');
    for (const { verdict, says, todo } of reply.items) {
      assert.match(says, /\.$/);
      if (verdict !== 'ok') assert.match(todo ?? '', /\.$/, says);
    }
    const counted = Object.values(reply.counts).reduce((sum, count) => sum + count, 0);
    assert.equal(counted, reply.items.length);
  });

  test('tells the databases apart that answer from those that do not', async () => {
    const data = join(await newFolder('doctor-empty'), 'data');
    await mkdir(data, { mode: 0o700 });
    await writeFile(join(data, 'x'), '');
    const { reply, status } = await doctor(data, { DATABASE_URL: 'postgresql://nobody:x@127.0.0.1:1/none' });
    assert.equal(status, 1);
    assert.equal(verdicts(reply).database, 'bad');
    assert.ok(!JSON.stringify(reply).includes('nobody:x'), 'a password is told');
  });

  test('judges age of backups and the way to people', () => {
    const now = new Date('2026-11-24T12:00:00Z');
    const before = (hours: number) => ({ at: new Date(now.getTime() - hours * 3_600_000), holdsKeys: true });
    const verdictOf = (newest: Parameters<typeof checkBackup>[0]) => checkBackup(newest, now)[0]?.verdict;
    assert.deepEqual([before(20), before(40), before(200), undefined, null].map(verdictOf), [
      'ok',
      'warn',
      'bad',
      'bad',
      'ask',
    ]);
    const of = (host: string, publicUrl?: string) => checkTransport({ host, publicUrl }).verdict;
    assert.equal(of('127.0.0.1', 'https://bureau.example'), 'ok');
    assert.equal(of('127.0.0.1'), 'warn');
    assert.equal(of('0.0.0.0', 'https://bureau.example'), 'warn');
    assert.equal(of('0.0.0.0', 'http://bureau.example'), 'bad');
  });
});
