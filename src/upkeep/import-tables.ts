import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type pg from 'pg';
import { extract, type Header } from 'tar-stream';
import { IntegrityFault } from '#base/errors';
import { copyIn } from './copy-stream.ts';
import type { TablesHead, TablesTail } from './export-tables.ts';
import type { Report } from './progress.ts';
import { nameOf, quoted, quotedName, readTables, type TableFacts } from './table-catalogue.ts';

/** One file of the archive, to be read to its end before the next. */
type Entry = AsyncIterable<Uint8Array> & { readonly header: Header };

/**
 * Loads an archive of tables into a database that has its schema and nothing else, all of it or nothing.
 *
 * In this order: read the head; let the caller bring the schema to where it was then; switch off what reacts to rows;
 * load every table, those first that others point to, so that each reference is checked anew; compare the counts;
 * set the sequences; switch everything on again as it was; commit.
 * @param migrateTo brings the schema to exactly these migrations
 */
export async function importTables(
  client: pg.ClientBase,
  archive: AsyncIterable<Uint8Array>,
  migrateTo: (migrations: readonly string[]) => Promise<void>,
  report: Report,
): Promise<TablesTail> {
  const entries = entriesOf(archive);
  const first = await entries.next();
  if (first.done === true || first.value.header.name !== 'head.json') throw notAnArchive();
  const head = JSON.parse(await textOf(first.value)) as TablesHead;
  await migrateTo(head.migrations);

  await client.query('begin');
  try {
    await client.query('set local row_security = off');
    const tables = await readTables(client);
    refuseOtherTables(head.tables, tables);
    const switchOn = await switchOffTriggers(client, tables);
    await client.query(`truncate ${tables.map(quoted).join(', ')}`);
    const tail = await loadEntries(client, head, entries, report);
    for (const { name, last } of tail.sequences) {
      if (last !== null) await client.query('select setval($1::regclass, $2::bigint)', [name, last]);
    }
    await switchOn();
    await client.query('commit');
    return tail;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function loadEntries(
  client: pg.ClientBase,
  head: TablesHead,
  entries: AsyncGenerator<Entry>,
  report: Report,
): Promise<TablesTail> {
  const byName = new Map(head.tables.map((table) => [nameOf(table), table]));
  const loaded: Record<string, number> = Object.fromEntries([...byName.keys()].map((name) => [name, 0]));
  let waiting: Entry | undefined;
  let done = 0;
  for (;;) {
    const next: Entry | undefined = waiting ?? (await entries.next()).value;
    waiting = undefined;
    if (next === undefined) throw notAnArchive();
    if (next.header.name === 'tail.json') {
      const tail = JSON.parse(await textOf(next)) as TablesTail;
      refuseOtherCounts(tail.rows, loaded);
      return tail;
    }
    const name = next.header.name.slice(0, -'/000001'.length);
    const table = byName.get(name);
    if (table === undefined) throw notAnArchive();
    // A row may go over from one entry to the next: they are one stream for PostgreSQL.
    const rows = async function* (): AsyncGenerator<Uint8Array> {
      let entry: Entry | undefined = next;
      while (entry?.header.name.startsWith(`${name}/`) === true) {
        yield* entry;
        entry = (await entries.next()).value;
      }
      waiting = entry;
    };
    const columns = table.columns.map(quotedName).join(', ');
    const copied = await copyIn(client, `copy ${quoted(table)} (${columns}) from stdin`, rows());
    loaded[name] = copied;
    done += copied;
    report({ phase: 'database', done, unit: 'rows' });
  }
}

async function* entriesOf(archive: AsyncIterable<Uint8Array>): AsyncGenerator<Entry> {
  const unpacked = extract();
  pipeline(Readable.from(archive, { objectMode: false }), createGunzip(), unpacked, () => undefined);
  for await (const entry of unpacked) yield entry as Entry;
}

async function textOf(entry: Entry): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function notAnArchive(): Error {
  return new IntegrityFault('backup:tables', 'The archive of tables does not have the expected form.');
}

/** What the release at hand made of the same migrations must be what the backup has. */
function refuseOtherTables(there: readonly TableFacts[], here: readonly TableFacts[]): void {
  const shape = (tables: readonly TableFacts[]) =>
    tables.map((table) => `${nameOf(table)}(${[...table.columns].sort().join()})`).sort();
  const [one, other] = [shape(there), shape(here)];
  const odd = [
    ...one.filter((text) => !other.includes(text)),
    ...other.filter((text) => !one.includes(text)),
  ];
  if (odd.length > 0) {
    throw new Error(
      `The tables of the backup are not those of this release: ${odd.slice(0, 3).join('; ')}. ` +
        'Restore with the release that made the backup, then upgrade.',
    );
  }
}

function refuseOtherCounts(
  expected: Readonly<Record<string, number>>,
  loaded: Readonly<Record<string, number>>,
): void {
  const odd = Object.entries(expected).filter(([name, count]) => loaded[name] !== count);
  if (odd.length > 0) {
    const named = odd.map(([name, count]) => `${name} has ${loaded[name] ?? 0} of ${count} rows`);
    throw new IntegrityFault('backup:tables', `Rows are missing from the backup: ${named.join('; ')}.`);
  }
}

interface TriggerRow {
  readonly relation: string;
  readonly trigger: string;
  /** Of `pg_trigger.tgenabled`: O, A, R. */
  readonly enabled: 'O' | 'A' | 'R';
}

/** Our own triggers only; PostgreSQL's checks of references stay on. Gives what puts each back as it was. */
async function switchOffTriggers(
  client: pg.ClientBase,
  tables: readonly TableFacts[],
): Promise<() => Promise<void>> {
  const { rows } = await client.query<TriggerRow>(
    `select tgrelid::regclass::text as relation, quote_ident(tgname) as trigger, tgenabled as enabled
     from pg_trigger where not tgisinternal and tgenabled <> 'D' and tgrelid = any($1::regclass[])`,
    [tables.map(quoted)],
  );
  for (const { relation, trigger } of rows) {
    await client.query(`alter table ${relation} disable trigger ${trigger}`);
  }
  const how = { O: 'enable', A: 'enable always', R: 'enable replica' } as const;
  return async () => {
    for (const { relation, trigger, enabled } of rows) {
      await client.query(`alter table ${relation} ${how[enabled]} trigger ${trigger}`);
    }
  };
}
