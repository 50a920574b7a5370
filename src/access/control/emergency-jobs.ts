import type { Ctx } from '../ctx.ts';
import { done, type JobDefinition } from '../job.ts';
import { isUuid } from './cursor.ts';
import { findEmergency, newlyOverdue, unsettledEmergencies } from './emergency-store.ts';
import type { AccessEvent } from './events.ts';

const overdueWord = 'overdue';

/**
 * Keeps the list of what needs attention in step with emergency access: an item from the first minute until a
 * supervisor has reviewed it, and a sharper one once 24 hours are over.
 */
export const emergencyJobs: readonly JobDefinition[] = [
  {
    // After `emergency.waits` and `emergency.reviewed`. It fails on purpose until somebody has reviewed.
    name: 'review-emergency',
    subjectKind: 'emergency',
    run: async (ctx, subject) => {
      const row = isUuid(subject) ? await findEmergency(ctx.tx.db, subject) : undefined;
      if (row === undefined) return { kind: 'skipped', reason: 'There is no such emergency access.' };
      if (row.reviewedAt !== null) return done;
      const what = row.kind === 'report' ? `to report ${row.reportId}` : 'by a printed code';
      const isOverdue = row.reviewBy <= ctx.now;
      const when = isOverdue
        ? `The review is ${overdueWord} since ${row.reviewBy.toISOString()}.`
        : `Due by ${row.reviewBy.toISOString()}.`;
      return {
        kind: 'failed',
        reason: `${row.staffName} took emergency access ${what} at ${row.openedAt.toISOString()}. A supervisor who is not ${row.staffName} reviews it under Approvals. ${when}`,
      };
    },
  },
  {
    // Also finds what a sign-in by a printed code left: nothing is enqueued at the door.
    name: 'watch-emergencies',
    schedule: '* * * * *',
    run: async (ctx: Ctx) => {
      const { db } = ctx.tx;
      const ids = new Set([
        ...(await unsettledEmergencies(db)),
        ...(await newlyOverdue(db, ctx.now, overdueWord)),
      ]);
      for (const id of ids) ctx.tx.record({ name: 'emergency.waits', subject: id } satisfies AccessEvent);
      return ids.size > 0
        ? done
        : { kind: 'skipped', reason: 'Every emergency access stands where it should.' };
    },
  },
];
