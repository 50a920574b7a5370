import { done, type JobDefinition } from '#access';
import { expireReports } from './expire-reports.ts';
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

export const intakeJobs: readonly JobDefinition[] = [expireReportsJob, forgetAnswersJob];
