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
    if (expired > 0) ctx.log.info({ expired }, 'reports expired');
    return done;
  },
};

const forgetAnswersJob: JobDefinition = {
  name: 'forget-answers',
  schedule: '17 * * * *',
  run: async (ctx) => {
    await deleteAnswersBefore(ctx.tx.db, new Date(ctx.now.getTime() - answersKeptMs));
    return done;
  },
};

export const intakeJobs: readonly JobDefinition[] = [expireReportsJob, forgetAnswersJob];
