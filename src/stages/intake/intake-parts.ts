import type { Kysely } from 'kysely';
import type { Clock } from '#platform/clock';
import type { DB } from '#platform/database-types';
import type { Vault } from '#vault';

/** What the doors of intake stand on. */
export interface IntakeParts {
  readonly vault: Vault;
  readonly db: Kysely<DB>;
  readonly clock: Clock;
  readonly bureau: { readonly isDemonstration: boolean };
  /** Largest report or file details document in bytes; files have no limit. */
  readonly maxDocumentBytes: number;
}
