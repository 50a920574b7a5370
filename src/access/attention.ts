import { newUuid } from '#platform/random';
import type { Tx } from '#platform/transaction';

/** The list of what could not be processed: kept with its reason, and can be run again. One open row per job and subject. */
interface AttentionNote {
  readonly job: string;
  readonly subject: string;
  readonly reason: string;
  readonly attempts: number;
  readonly now: Date;
}

export async function noteAttention(tx: Tx, note: AttentionNote): Promise<void> {
  await tx.db
    .insertInto('platform.attention')
    .values({
      id: newUuid(),
      job: note.job,
      subject: note.subject,
      reason: note.reason,
      attempts: note.attempts,
      since: note.now,
    })
    .onConflict((oc) =>
      oc
        .columns(['job', 'subject'])
        .where('resolved_at', 'is', null)
        .doUpdateSet((eb) => ({
          reason: note.reason,
          attempts: eb('platform.attention.attempts', '+', note.attempts),
          retried_at: null,
        })),
    )
    .execute();
}

export async function resolveAttention(
  tx: Tx,
  item: { readonly job: string; readonly subject: string; readonly now: Date },
): Promise<void> {
  await tx.db
    .updateTable('platform.attention')
    .set({ resolved_at: item.now })
    .where('job', '=', item.job)
    .where('subject', '=', item.subject)
    .where('resolved_at', 'is', null)
    .execute();
}

/** Marks an open item as being run again; undefined when it is not open. */
export async function markRetried(tx: Tx, id: string, now: Date) {
  return await tx.db
    .updateTable('platform.attention')
    .set({ retried_at: now })
    .where('id', '=', id)
    .where('resolved_at', 'is', null)
    .returning(['job', 'subject'])
    .executeTakeFirst();
}
