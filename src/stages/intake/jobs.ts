import { done, type JobDefinition } from '#access';
import { expireReports } from './expire-reports.ts';
import { type JoinParts, joinUpload } from './join-upload.ts';
import { deleteAnswersBefore } from './store-answers.ts';

/** How long an answer is kept for a repeated request: a day, as clients that retry give up much earlier. */
const answersKeptMs = 24 * 60 * 60 * 1000;

const expireReportsJob: JobDefinition = {
  name: 'expire-reports',
  schedule: '* * * * *',
  run: async (ctx) => {
    const expired = await expireReports(ctx);
    return expired > 0 ? done : { kind: 'skipped', reason: 'No open report is past its life.' };
  },
};

const forgetAnswersJob: JobDefinition = {
  name: 'forget-answers',
  schedule: '17 * * * *',
  run: async (ctx) => {
    const forgotten = await deleteAnswersBefore(ctx.tx.db, new Date(ctx.now.getTime() - answersKeptMs));
    return forgotten > 0 ? done : { kind: 'skipped', reason: 'No kept answer is old enough.' };
  },
};

/** The jobs of intake. */
export function intakeJobs(parts: JoinParts): readonly JobDefinition[] {
  return [
    expireReportsJob,
    forgetAnswersJob,
    {
      // After `upload.completed`: makes one sealed file of the parts.
      name: 'join-upload',
      subjectKind: 'upload',
      run: async (ctx, subject) => {
        if (!/^[0-9a-f]{32}$/.test(subject))
          return { kind: 'failed', reason: 'The subject is not the id of an upload.' };
        const isSealed = await joinUpload(ctx, parts, subject);
        return isSealed
          ? done
          : { kind: 'skipped', reason: 'The upload is sealed already, or was given up.' };
      },
    },
  ];
}
