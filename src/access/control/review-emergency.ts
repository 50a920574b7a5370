import type { Ctx, StaffActor } from '../ctx.ts';
import { controlRefusal } from './codes.ts';
import { type EmergencyRow, lockEmergency, saveReview } from './emergency-store.ts';
import type { AccessEvent } from './events.ts';

/** Records what a supervisor thinks of a use of emergency access. Never by its user, and once. */
export async function reviewEmergency(
  ctx: Ctx<StaffActor>,
  input: {
    readonly emergencyId: string;
    readonly verdict: 'justified' | 'not-justified';
    readonly note: string;
  },
): Promise<EmergencyRow> {
  const { db } = ctx.tx;
  const row = await lockEmergency(db, input.emergencyId);
  if (row === undefined) throw controlRefusal('control.unknown-emergency');
  const subject = `emergency:${row.id}`;
  if (row.staffId === ctx.actor.id) throw controlRefusal('control.own-emergency', { subject });
  if (row.reviewedAt !== null)
    throw controlRefusal('control.reviewed-already', { subject, reviewedBy: row.reviewerName ?? '' });
  const { verdict } = input;
  await saveReview(db, row.id, { by: ctx.actor.id, at: ctx.now, verdict, note: input.note.trim() });
  ctx.tx.record({ name: 'emergency.reviewed', subject: row.id } satisfies AccessEvent);
  return (await lockEmergency(db, row.id)) ?? row;
}
