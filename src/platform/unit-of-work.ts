import type { Kysely } from 'kysely';
import type { DB } from '#platform/database-types';
import { isSqlState } from '#platform/postgres-errors';
import type { RecordedEvent, Tx } from '#platform/transaction';
import { type RowScope, withRowScope } from './postgres/row-scope.ts';

/** How often a transaction is tried when PostgreSQL says that it collided with another one. */
const maxAttempts = 3;

/**
 * Runs `work` in one transaction and, in the same transaction, hands everything it recorded to `onCommitting`,
 * which enqueues the jobs that follow. Whatever either throws rolls back both.
 * A deadlock or serialization failure runs both again from the start, so neither may touch anything but the database.
 * @param scope whose rows row-level security shows to a role that is bound to it; without, that role sees none
 */
export async function inTransaction<T>(
  db: Kysely<DB>,
  onCommitting: (tx: Tx, events: readonly RecordedEvent[]) => Promise<void>,
  work: (tx: Tx) => Promise<T>,
  scope?: RowScope,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const once = () => attemptOnce(db, onCommitting, work);
      return await (scope === undefined ? once() : withRowScope(scope, once));
    } catch (error) {
      const collided = isSqlState(error, 'serializationFailure', 'deadlockDetected');
      if (!collided || attempt >= maxAttempts) throw error;
    }
  }
}

function attemptOnce<T>(
  db: Kysely<DB>,
  onCommitting: (tx: Tx, events: readonly RecordedEvent[]) => Promise<void>,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  return db.transaction().execute(async (transaction) => {
    const events: RecordedEvent[] = [];
    const tx: Tx = { db: transaction, record: (event) => events.push(event) };
    const result = await work(tx);
    await onCommitting(tx, events);
    return result;
  });
}
