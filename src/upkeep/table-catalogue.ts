import type pg from 'pg';

/** A table as a backup sees it. */
export interface TableFacts {
  readonly schema: string;
  readonly table: string;
  /** Those that hold something of their own; what PostgreSQL computes is left out. */
  readonly columns: readonly string[];
  /** Names of the tables whose rows must be there first. */
  readonly after: readonly string[];
}

/**
 * Schemas that are made anew instead of copied: the queue's, whose unfinished jobs are enqueued again. The list of
 * applied migrations is made by migrating.
 */
const otherSchemas = ['pgboss', 'information_schema'];
const migrationTable = 'platform_migration';

export function nameOf(table: Pick<TableFacts, 'schema' | 'table'>): string {
  return `${table.schema}.${table.table}`;
}

export function quoted(table: Pick<TableFacts, 'schema' | 'table'>): string {
  return `${quotedName(table.schema)}.${quotedName(table.table)}`;
}

export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Every table that holds rows of ours, those first that others point to. */
export async function readTables(client: pg.ClientBase): Promise<readonly TableFacts[]> {
  const { rows } = await client.query<TableFacts>(
    `select n.nspname as schema, c.relname as table,
       array(select a.attname::text from pg_attribute a
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum) as columns,
       array(select distinct tn.nspname || '.' || t.relname from pg_constraint k
         join pg_class t on t.oid = k.confrelid join pg_namespace tn on tn.oid = t.relnamespace
         where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid) as after
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and c.relpersistence = 'p' and n.nspname !~ '^pg_' and n.nspname <> all($1)
       and not (n.nspname = 'public' and c.relname = $2)
     order by 1, 2`,
    [otherSchemas, migrationTable],
  );
  return inOrder(rows);
}

function inOrder(tables: readonly TableFacts[]): readonly TableFacts[] {
  const byName = new Map(tables.map((table) => [nameOf(table), table]));
  const placed = new Set<TableFacts>();
  const place = (table: TableFacts, trail: readonly TableFacts[]): void => {
    if (placed.has(table)) return;
    if (trail.includes(table)) {
      throw new Error(
        `the tables ${[...trail, table].map(nameOf).join(', ')} point to each other in a circle`,
      );
    }
    for (const name of table.after) {
      const other = byName.get(name);
      if (other !== undefined) place(other, [...trail, table]);
    }
    placed.add(table);
  };
  for (const table of tables) place(table, []);
  return [...placed];
}

export interface SequenceFacts {
  readonly name: string;
  /** Text, because it may outgrow a double. Absent where nothing was drawn. */
  readonly last: string | null;
}

export async function readSequences(client: pg.ClientBase): Promise<readonly SequenceFacts[]> {
  const { rows } = await client.query<SequenceFacts>(
    `select quote_ident(schemaname) || '.' || quote_ident(sequencename) as name, last_value::text as last
     from pg_sequences where schemaname !~ '^pg_' and schemaname <> all($1) order by 1`,
    [otherSchemas],
  );
  return rows;
}

export async function readMigrationNames(client: pg.ClientBase): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select name from public.${migrationTable} order by name`,
  );
  return rows.map(({ name }) => name);
}
