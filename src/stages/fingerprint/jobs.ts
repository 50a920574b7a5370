import { type Ctx, done, type JobDefinition, type JobResult } from '#access';
import { parseSha256 } from '#base/ids';
import { decoderVersion } from '#decoder';
import { continueRun } from './continue-run.ts';
import type { FingerprintParts } from './fingerprint-parts.ts';
import { fileJob, lookAtFiles, needOf } from './look-at-files.ts';
import { deleteLeftFacts, findState } from './store.ts';

const runForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** @param parts opened when the first job runs, because definitions are also made to create queues */
export function fingerprintJobs(parts: () => FingerprintParts): readonly JobDefinition[] {
  return [
    {
      // After `file.sealed`, and when a person asks again.
      name: fileJob,
      subjectKind: 'file',
      isPatient: true,
      run: async (ctx, subject) => await fingerprintFile(ctx, parts(), subject),
    },
    {
      // After `fingerprints.due`; subject is the run.
      name: 'fingerprint-files',
      subjectKind: 'run',
      run: async (ctx, subject) =>
        runForm.test(subject)
          ? await continueRun(ctx, parts(), { runId: subject })
          : { kind: 'failed', reason: 'The subject is not a run.' },
    },
    {
      // What a file says of itself goes with its bytes.
      name: 'drop-left-facts',
      schedule: '25 * * * *',
      run: async (ctx) =>
        (await deleteLeftFacts(ctx.tx.db)) > 0
          ? done
          : { kind: 'skipped', reason: 'Every fact is about bytes that stand.' },
    },
  ];
}

async function fingerprintFile(ctx: Ctx, parts: FingerprintParts, subject: string): Promise<JobResult> {
  const sha256 = parseSha256(subject);
  if (sha256 === undefined) return { kind: 'failed', reason: 'The subject is not a SHA-256.' };
  const known = await findState(ctx.tx.db, sha256);
  const isSettled = known?.version === decoderVersion && isFinal(known.state);
  if (isSettled) return { kind: 'skipped', reason: 'These bytes were looked at by this version.' };
  const [looked] = await lookAtFiles(ctx, parts, [sha256]);
  if (looked?.verdict === undefined)
    return { kind: 'skipped', reason: 'There are no sound bytes to look at.' };
  const reason = needOf(looked.verdict);
  return reason === undefined ? done : { kind: 'failed', reason };
}

/** A person may ask for the others again. */
function isFinal(state: string): boolean {
  return state !== 'unreadable' && state !== 'killed-decoder';
}
