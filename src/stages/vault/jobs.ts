import { done, type JobDefinition } from '#access';
import { parseReportId, parseSha256 } from '#base/ids';
import type { Vault } from './open-vault.ts';
import { releaseFiles } from './release-files.ts';
import { sweepIncoming } from './sweep-incoming.ts';
import { sweepSeals } from './sweep-seals.ts';
import { verifySeal } from './verify-seal.ts';

/** The vault's jobs. Each may run twice, out of order, or be killed half way. */
export function vaultJobs(vault: Vault): readonly JobDefinition[] {
  return [
    {
      // After `file.sealed`: what was acknowledged reads back. After `file.damaged`: brings it to a person.
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
          reason: `${damage ?? ''} Restore the file from backup, then run this again.`,
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
    {
      name: 'sweep-incoming',
      schedule: '*/5 * * * *',
      run: async (ctx) => {
        const { removed } = await sweepIncoming(ctx, vault);
        return removed > 0 ? done : { kind: 'skipped', reason: 'Nothing was left behind.' };
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
