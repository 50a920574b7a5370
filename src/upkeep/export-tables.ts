import type { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type pg from 'pg';
import { pack } from 'tar-stream';
import { copyOut } from './copy-stream.ts';
import type { Report } from './progress.ts';
import {
  nameOf,
  quoted,
  quotedName,
  readMigrationNames,
  readSequences,
  readTables,
  type SequenceFacts,
  type TableFacts,
} from './table-catalogue.ts';

/** First entry of the archive. */
export interface TablesHead {
  readonly version: 1;
  readonly migrations: readonly string[];
  readonly tables: readonly TableFacts[];
}

/** Last entry: what is known once everything was read. */
export interface TablesTail {
  readonly rows: Readonly<Record<string, number>>;
  readonly sequences: readonly SequenceFacts[];
  readonly jobs: readonly UnfinishedJob[];
}

export interface UnfinishedJob {
  readonly name: string;
  readonly subject: string;
}

/** A table goes into the archive in entries of this size, because tar wants to know the size of each before. */
const entryBytes = 4 * 1024 * 1024;

/**
 * Every table as text, read in the snapshot of the open transaction, as a gzipped tar: `head.json`, then
 * `<schema>.<table>/000001` and on with rows as COPY writes them, then `tail.json`. It can be opened with nothing but
 * common tools, and loads into any PostgreSQL that the schema runs on.
 */
export function exportTables(
  client: pg.ClientBase,
  report: Report,
): { readonly archive: Readable; readonly tail: () => TablesTail } {
  const archive = pack();
  const zipped = createGzip({ level: 1 });
  let tail: TablesTail | undefined;
  const fill = async (): Promise<void> => {
    const tables = await readTables(client);
    const head: TablesHead = { version: 1, migrations: await readMigrationNames(client), tables };
    await addEntry(archive, 'head.json', Buffer.from(JSON.stringify(head)));
    const rows: Record<string, number> = {};
    let done = 0;
    for (const table of tables) {
      const copied = await addTable(archive, client, table);
      rows[nameOf(table)] = copied;
      done += copied;
      report({ phase: 'tables', done, unit: 'rows' });
    }
    tail = { rows, sequences: await readSequences(client), jobs: await readUnfinishedJobs(client) };
    await addEntry(archive, 'tail.json', Buffer.from(JSON.stringify(tail)));
    archive.finalize();
  };
  fill().catch((error: unknown) =>
    archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  archive.on('error', (error: Error) => zipped.destroy(error));
  archive.pipe(zipped);
  return {
    archive: zipped,
    tail: () => {
      if (tail === undefined) throw new Error('the tail is known when the archive has ended');
      return tail;
    },
  };
}

async function addTable(
  archive: ReturnType<typeof pack>,
  client: pg.ClientBase,
  table: TableFacts,
): Promise<number> {
  const columns = table.columns.map(quotedName).join(', ');
  const { lines, rows } = copyOut(client, `copy ${quoted(table)} (${columns}) to stdout`);
  let entry = 0;
  const add = async (chunks: readonly Uint8Array[]): Promise<void> => {
    entry += 1;
    await addEntry(archive, `${nameOf(table)}/${String(entry).padStart(6, '0')}`, Buffer.concat(chunks));
  };
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  for await (const chunk of lines as AsyncIterable<Uint8Array>) {
    waiting.push(chunk);
    waitingBytes += chunk.byteLength;
    if (waitingBytes < entryBytes) continue;
    await add(waiting);
    waiting = [];
    waitingBytes = 0;
  }
  if (waitingBytes > 0) await add(waiting);
  return rows();
}

async function addEntry(archive: ReturnType<typeof pack>, name: string, bytes: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    archive.entry({ name, size: bytes.byteLength, mtime: new Date(0), mode: 0o600 }, bytes, (error) => {
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}

/** Jobs that nobody has finished: their tables belong to the queue and differ from version to version. */
async function readUnfinishedJobs(client: pg.ClientBase): Promise<readonly UnfinishedJob[]> {
  const { rows: found } = await client.query(`select to_regclass('pgboss.job') is not null as there`);
  if (found[0]?.there !== true) return [];
  const { rows } = await client.query<UnfinishedJob>(
    `select distinct name, data->>'subject' as subject from pgboss.job
     where state in ('created', 'retry', 'active') and data->>'subject' is not null and data->>'subject' <> 'clock'
     order by 1, 2`,
  );
  return rows;
}
