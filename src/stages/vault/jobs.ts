import type { Kysely } from 'kysely';
import { done, type JobDefinition } from '#access';
import { parseReportId, parseSha256 } from '#base/ids';
import type { DB } from '#platform/database-types';
import { continueReseal, resumeReseal } from './continue-reseal.ts';
import type { Vault } from './open-vault.ts';
import { releaseFiles } from './release-files.ts';
import { removeRetiredKey } from './retire-key.ts';
import { sweepHalfWritten } from './sweep-half-written.ts';
import { sweepIncoming } from './sweep-incoming.ts';
import { sweepSeals } from './sweep-seals.ts';
import { verifyDue } from './verify-due.ts';
import { verifySeal } from './verify-seal.ts';

/**
 * The vault's jobs. Each may run twice, out of order, or be killed half way.
 * @param db for what must be committed bit by bit while a job runs
 */
export function vaultJobs(vault: Vault, db: Kysely<DB>): readonly JobDefinition[] {
  return [...fileJobs(vault), ...keyJobs(vault, db), ...clockJobs(vault)];
}

function fileJobs(vault: Vault): readonly JobDefinition[] {
  return [
    {
      // After `file.damaged`: brings it to a person. After `file.restored`: closes that item.
      name: 'verify-file',
      subjectKind: 'file',
      isPatient: true,
      run: async (ctx, subject) => {
        const sha256 = parseSha256(subject);
        if (sha256 === undefined) return { kind: 'failed', reason: 'The subject is not a SHA-256.' };
        const { verdict, damage } = await verifySeal(ctx, vault, sha256);
        if (verdict === 'gone')
          return { kind: 'skipped', reason: 'The file was destroyed or stands elsewhere now.' };
        if (verdict === 'verified') return done;
        return {
          kind: 'failed',
          reason: `${damage ?? ''} Restore it from backup with "firstlight vault restore-file ${sha256} FILE".`,
        };
      },
    },
    {
      // After `report.retracted`, `report.expired` and `files.released`; subject is the report.
      name: 'sweep-released-files',
      subjectKind: 'report',
      run: async (ctx, subject) => {
        const reportId = parseReportId(subject);
        if (reportId === undefined) return { kind: 'failed', reason: 'The subject is not a report id.' };
        // What this transaction releases is destroyed after its commit, by the run that `files.released` starts.
        if ((await releaseFiles(ctx, { reportId })) > 0) return done;
        const { destroyed, isComplete } = await sweepSeals(ctx, vault, { reportId });
        if (!isComplete) ctx.tx.record({ name: 'files.released', subject: reportId });
        return destroyed > 0
          ? done
          : { kind: 'skipped', reason: 'Other reports hold these bytes, or there are none.' };
      },
    },
  ];
}

const runForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function keyJobs(vault: Vault, db: Kysely<DB>): readonly JobDefinition[] {
  return [
    {
      // After `reseal.due`; subject is the run.
      name: 'reseal-files',
      subjectKind: 'run',
      run: async (ctx, subject) => {
        if (!runForm.test(subject)) return { kind: 'failed', reason: 'The subject is not a run.' };
        return await continueReseal(ctx, vault, db, { runId: subject });
      },
    },
    {
      // After `key.retired`; subject is the key's id.
      name: 'remove-retired-key',
      subjectKind: 'key',
      isPatient: true,
      run: async (ctx, subject) => await removeRetiredKey(ctx, vault, db, { keyId: subject }),
    },
    {
      name: 'resume-reseal',
      schedule: '*/5 * * * *',
      run: async (ctx) => await resumeReseal(ctx, vault),
    },
  ];
}

function clockJobs(vault: Vault): readonly JobDefinition[] {
  return [
    {
      // By the clock, and after `verification.due` while more is due. Patient, so that a backlog leaves room for the rest.
      name: 'verify-due',
      schedule: '*/5 * * * *',
      isPatient: true,
      run: async (ctx) => {
        const { files, isComplete } = await verifyDue(ctx, vault);
        if (!isComplete) ctx.tx.record({ name: 'verification.due', subject: 'clock' });
        return files > 0 ? done : { kind: 'skipped', reason: 'Every file was read lately.' };
      },
    },
    {
      name: 'sweep-incoming',
      schedule: '*/5 * * * *',
      run: async (ctx) => {
        const { removed } = await sweepIncoming(ctx, vault);
        return removed > 0 ? done : { kind: 'skipped', reason: 'Nothing was left behind.' };
      },
    },
    {
      name: 'sweep-half-written',
      schedule: '20 4 * * *',
      run: async (ctx) => {
        const removed = await sweepHalfWritten(ctx, vault);
        return removed > 0 ? done : { kind: 'skipped', reason: 'Nothing was left half written.' };
      },
    },
    {
      // Finds what no other job was told of, for example after a database was restored from backup.
      name: 'sweep-seals',
      schedule: '40 3 * * *',
      run: async (ctx) => {
        const { destroyed } = await sweepSeals(ctx, vault, {});
        return destroyed > 0 ? done : { kind: 'skipped', reason: 'Every seal has a holder.' };
      },
    },
  ];
}
