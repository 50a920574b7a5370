import type { Ctx } from '#access';
import { recordEvent } from './events.ts';
import { clearReassessment } from './store-urgency.ts';

/** Of one run; what is left goes with the next, a minute later. */
const mostDue = 5000;

/** Has the rules look again at waiting reports for which time has changed a fact, or rules are newer. @returns how many */
export async function reassessDue(ctx: Ctx): Promise<number> {
  const due = await clearReassessment(ctx.tx.db, ctx.now, mostDue);
  for (const reportId of due) recordEvent(ctx.tx, { name: 'report.reassessment-due', subject: reportId });
  return due.length;
}
