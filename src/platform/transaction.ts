import type { Kysely } from 'kysely';
import type { DB } from '#platform/database-types';

/** Something that happened, named in the past tense by the stage that owns it; carries ids only. */
export interface RecordedEvent {
  readonly name: string;
  /** Id of what it happened to: a report id, a SHA-256. Never content, never personal data. */
  readonly subject: string;
}

/**
 * One open transaction. Deeds read and write through `db` and record what happened; the jobs that follow are
 * enqueued by whoever opened the transaction, in the same commit. Deeds never begin or commit.
 */
export interface Tx {
  readonly db: Kysely<DB>;
  readonly record: (event: RecordedEvent) => void;
}
