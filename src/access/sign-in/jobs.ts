import { done, type JobDefinition } from '../job.ts';
import { sumUpRefusals } from './refusal-count.ts';
import { sweepExpired } from './store.ts';

/** Clearing up behind those who knocked and did not come in. */
export const signInJobs: readonly JobDefinition[] = [
  {
    name: 'sum-up-refusals',
    schedule: '* * * * *',
    isPatient: true,
    run: async (ctx) => {
      const closed = await sumUpRefusals(ctx);
      return closed === 0 ? { kind: 'skipped', reason: 'no window of refusals is over' } : done;
    },
  },
  {
    name: 'sweep-sign-in',
    schedule: '*/10 * * * *',
    isPatient: true,
    run: async (ctx) => {
      const swept = await sweepExpired(ctx.tx.db, ctx.now);
      return swept === 0 ? { kind: 'skipped', reason: 'nothing is out of date' } : done;
    },
  },
];
