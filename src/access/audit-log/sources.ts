import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { DB } from '#platform/database-types';
import type { Json } from '#proof/canonical-json';

/**
 * A table whose rows are entries of the audit log. It has a number `id`, and a trigger that calls
 * `access.note_for_log` with the source's name.
 */
export interface LogSource {
  /** In every entry of the source, for good. */
  readonly name: string;
  /** With its schema. */
  readonly table: string;
  /**
   * What of a row is sealed. A column that is added later is left out of an entry while it is null, so older entries
   * stay what they are; a column is never taken away.
   */
  readonly columns: Readonly<Record<string, ColumnKind>>;
  /** How a row names a report, for what is to be proved about one. */
  readonly ofReport: { readonly column: string; readonly valueOf: (reportId: string) => string };
}

/** How a column is written into an entry: `time` in UTC with six digits after the second, all others as text or JSON. */
type ColumnKind = 'text' | 'time' | 'address' | 'json';

export type SourceRow = Readonly<Record<string, Json | undefined>>;

export const auditSource: LogSource = {
  name: 'audit',
  table: 'access.audit',
  columns: {
    at: 'time',
    actor_kind: 'text',
    actor_id: 'text',
    actor_name: 'text',
    action: 'text',
    outcome: 'text',
    code: 'text',
    subject: 'text',
    why: 'text',
    request_id: 'text',
    remote_address: 'address',
    details: 'json',
  },
  ofReport: { column: 'subject', valueOf: (reportId) => `report:${reportId}` },
};

/** The rows as they stand in their table now; those that are gone are not among them. */
export async function readRows(
  db: Kysely<DB>,
  source: LogSource,
  ids: readonly string[],
): Promise<ReadonlyMap<string, SourceRow>> {
  if (ids.length === 0) return new Map();
  const names = Object.keys(source.columns);
  const { rows } = await sql<Record<string, string | Json | null>>`
    select id::text as "rowId", ${sql.join(names.map((name) => columnOf(source, name)))}
    from ${sql.table(source.table)} where id = any(${[...ids]}::bigint[])`.execute(db);
  return new Map(
    rows.map(({ rowId, ...columns }) => [
      String(rowId),
      Object.fromEntries(names.map((name) => [name, columns[name] ?? undefined])),
    ]),
  );
}

function columnOf(source: LogSource, name: string): RawBuilder<unknown> {
  const column = sql.ref(name);
  const kinds: Record<ColumnKind, RawBuilder<unknown>> = {
    text: sql`${column}::text`,
    time: sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
    address: sql`host(${column})`,
    json: sql`${column}`,
  };
  return sql`${kinds[source.columns[name] ?? 'text']} as ${sql.ref(name)}`;
}
