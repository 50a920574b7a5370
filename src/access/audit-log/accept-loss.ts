import { type Kysely, sql } from 'kysely';
import type { AcceptLossReply } from '#contract/audit-log';
import type { DB } from '#platform/database-types';
import type { Checkpoint } from '#proof/checkpoint';
import { accessRefusal } from '../codes.ts';
import type { Ctx } from '../ctx.ts';
import { type Anchor, standingOf } from './anchor.ts';

export const acceptLossAction = 'accept-audit-loss';
export const historySubject = 'audit-log:history';

/**
 * Says that what the database no longer holds is lost for good, so that sealing goes on from what there is. Its audit
 * row names the checkpoint that is given up; the sealing of every machine that saw just that one reads it.
 */
export async function acceptLoss(
  ctx: Ctx,
  anchor: Anchor,
): Promise<{ readonly reply: AcceptLossReply; readonly root: string }> {
  const seen = await anchor.read();
  const standing = await standingOf(ctx.tx.db, seen);
  if (standing.kind === 'continues' || seen === undefined) throw accessRefusal('access.nothing-lost');
  return { reply: { size: standing.size, seen: standing.seen }, root: seen.root.toString('hex') };
}

/** Whether somebody accepted that this checkpoint is given up. */
export async function isGivenUp(db: Kysely<DB>, seen: Checkpoint): Promise<boolean> {
  const { rows } = await sql`
    select from access.audit
    where subject = ${historySubject} and action = ${acceptLossAction} and outcome = 'done'
      and details ->> 'root' = ${seen.root.toString('hex')} limit 1`.execute(db);
  return rows.length > 0;
}
