import { type Kysely, sql } from 'kysely';
import type { DB } from '#platform/database-types';

/**
 * Sweeps removed rows out of the pages of these tables, outside any transaction. False, and nothing is done, where
 * the connection's role may not: PostgreSQL would only warn.
 */
export async function vacuumTables(db: Kysely<DB>, tables: readonly string[]): Promise<boolean> {
  const { rows } = await sql<{ may: boolean }>`
    select bool_and(has_table_privilege(name::regclass, 'MAINTAIN')) as may
    from unnest(${[...tables]}::text[]) as name`.execute(db);
  if (rows[0]?.may !== true) return false;
  for (const table of tables) await sql`vacuum ${sql.table(table)}`.execute(db);
  return true;
}
