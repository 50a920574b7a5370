import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { recordAudit } from '#access';
import { run } from '../../cli/run.ts';
import { startTestBureau, type TestBureau } from './bureau.ts';
import { testCtx } from './database.ts';

/** The command line in this process against a bureau in this process; gives its one document. */
export async function firstlight(of: TestBureau, ...args: readonly string[]) {
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

export async function startBureau(options: Parameters<typeof startTestBureau>[0] = {}): Promise<TestBureau> {
  const bureau = await startTestBureau(options);
  await writeFile(join(bureau.folder, 'bureau.json'), JSON.stringify({ url: bureau.url, pid: 1 }), {
    mode: 0o600,
  });
  await writeFile(join(bureau.folder, 'admin-token'), bureau.machineToken, { mode: 0o600 });
  return bureau;
}

export async function write(bureau: TestBureau, count: number, subject = 'report:1000001'): Promise<void> {
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
export async function meddle(bureau: TestBureau, ...statements: readonly string[]): Promise<void> {
  await bureau.db.pool.query(
    `begin; set local session_replication_role = replica; ${statements.join(';')}; commit`,
  );
}

export interface Found {
  readonly kind: string;
  readonly position?: number;
  readonly source?: string;
  readonly id?: string;
  readonly message: string;
}

export async function findings(bureau: TestBureau, ...args: readonly string[]): Promise<readonly Found[]> {
  const { status, document, stderr } = await firstlight(bureau, 'audit', 'verify', ...args);
  assert.equal(stderr.includes('CannotDo'), false);
  const found = document.findings as readonly Found[];
  assert.ok(Array.isArray(found), stderr);
  assert.equal(status, found.length === 0 ? 0 : 1);
  return found;
}

export const brief = ({ kind, source, id }: Found) => [kind, source, id];
