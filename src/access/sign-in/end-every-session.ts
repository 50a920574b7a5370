import type { Ctx } from '../ctx.ts';

/**
 * Ends all sessions and spends all unused links of everybody: after a restore, when some of them may have been ended
 * or used since. Everybody signs in anew. Gives how many sessions ended.
 */
export async function endEverySession({ tx, now }: Ctx): Promise<number> {
  await tx.db
    .updateTable('access.sign_in_link')
    .set({ expires_at: now })
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .execute();
  const { numUpdatedRows } = await tx.db
    .updateTable('access.session')
    .set({ ended_at: now, ended_because: 'ended-by-administrator' })
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}
