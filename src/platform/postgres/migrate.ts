import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { sha256Hex } from '#platform/random';
import type { Database } from './database.ts';

const defaultFolder = fileURLToPath(new URL('../../../migrations/', import.meta.url));

/** Any constant will do, as long as no other program on the same database uses it: the letters 'firs' as a number. */
const advisoryLock = 0x66697273;

const fileNamePattern = /^\d{4}-[a-z0-9-]+\.sql$/;

interface MigrationFile {
  readonly name: string;
  readonly sha256: string;
  readonly sql: string;
}

/**
 * Brings the database forward to the newest file of `migrations/`, one transaction per file. Several processes may
 * call it at once: one works, the others wait and then find nothing to do.
 * @throws Error naming the file when an applied file was edited or removed, when a file was slipped in before an
 * applied one, or when a file's SQL fails (then that file left no trace).
 * @param options.upTo the last file to apply, for loading data that is as old as that; every one if absent
 */
export async function migrate(
  db: Database,
  options: { readonly folder?: string; readonly upTo?: string } = {},
): Promise<{ applied: string[] }> {
  const { upTo } = options;
  const all = await readMigrations(options.folder ?? defaultFolder);
  const files = upTo === undefined ? all : all.filter((file) => file.name <= upTo);
  const client = await db.pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [advisoryLock]);
    try {
      return { applied: await applyPending(client, files) };
    } finally {
      await client.query('select pg_advisory_unlock($1)', [advisoryLock]);
    }
  } finally {
    client.release();
  }
}

let newest: Promise<string> | undefined;

/** The name of the last file of this release. */
export async function newestMigration(): Promise<string> {
  newest ??= readdir(defaultFolder).then(
    (names) =>
      names
        .filter((name) => fileNamePattern.test(name))
        .sort()
        .at(-1) ?? '',
  );
  return await newest;
}

interface PendingMigration {
  readonly name: string;
  /** Its first comment: what it does. */
  readonly what: string;
  /** Whether a process of the release before cannot go on beside it. */
  readonly isBreaking: boolean;
}

/** How a database stands to the files of this release. */
export interface MigrationStanding {
  readonly applied: number;
  readonly pending: readonly PendingMigration[];
  /** Applied to the database and not of this release. */
  readonly unknown: readonly string[];
  /** Of this release, but with another text than the one that was applied. */
  readonly edited: readonly string[];
}

/** Compares a database with the files of this release and changes nothing. */
export async function compareMigrations(
  db: Database,
  options: { readonly folder?: string } = {},
): Promise<MigrationStanding> {
  const files = await readMigrations(options.folder ?? defaultFolder);
  const { rows: found } = await db.pool.query<{ there: boolean }>(
    `select to_regclass('public.platform_migration') is not null as there`,
  );
  const { rows } =
    found[0]?.there === true
      ? await db.pool.query<{ name: string; sha256: string }>(
          'select name, sha256 from public.platform_migration order by name',
        )
      : { rows: [] };
  const byName = new Map(rows.map((row) => [row.name, row.sha256]));
  return {
    applied: rows.length,
    pending: files.filter((file) => !byName.has(file.name)).map(headOf),
    unknown: rows.map(({ name }) => name).filter((name) => !files.some((file) => file.name === name)),
    edited: files
      .filter(({ name, sha256 }) => (byName.get(name) ?? sha256) !== sha256)
      .map(({ name }) => name),
  };
}

function headOf({ name, sql }: MigrationFile): PendingMigration {
  const comments = sql.split('\n').filter((line) => line.startsWith('--'));
  const isBreaking = comments.slice(0, 5).some((line) => /^-- breaking: yes\b/.test(line));
  return { name, what: (comments[0] ?? '').replace(/^--\s*/, ''), isBreaking };
}

async function readMigrations(folder: string): Promise<MigrationFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const numbers = new Set<string>();
  for (const name of names) {
    const number = name.slice(0, 4);
    if (!fileNamePattern.test(name)) {
      throw new Error(`migrations/${name}: the name must look like 0001-what-it-does.sql. Rename it.`);
    }
    if (numbers.has(number))
      throw new Error(`migrations/${name}: the number ${number} is taken. Give it the next one.`);
    numbers.add(number);
  }
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(folder, name), 'utf8');
      return { name, sql, sha256: sha256Hex(sql) };
    }),
  );
}

async function applyPending(client: pg.PoolClient, files: readonly MigrationFile[]): Promise<string[]> {
  await client.query(`create table if not exists public.platform_migration (
    name text primary key,
    sha256 text not null,
    applied_at timestamptz not null default now()
  )`);
  const { rows } = await client.query<{ name: string; sha256: string }>(
    'select name, sha256 from public.platform_migration order by name',
  );
  refuseRewrittenHistory(files, rows);
  const done = new Set(rows.map((row) => row.name));
  const pending = files.filter((file) => !done.has(file.name));
  for (const file of pending) await applyOne(client, file);
  return pending.map((file) => file.name);
}

function refuseRewrittenHistory(
  files: readonly MigrationFile[],
  applied: readonly { name: string; sha256: string }[],
): void {
  const byName = new Map(files.map((file) => [file.name, file]));
  for (const row of applied) {
    const file = byName.get(row.name);
    if (file === undefined) {
      throw new Error(
        `migrations/${row.name} was applied to this database but is not in this release. ` +
          'Run the release that made the database, or a newer one.',
      );
    }
    if (file.sha256 !== row.sha256) {
      throw new Error(
        `migrations/${row.name} was edited after it was applied to this database. ` +
          'Restore the file and put the change into a new one with the next number.',
      );
    }
  }
  const newest = applied.at(-1)?.name ?? '';
  const names = new Set(applied.map((row) => row.name));
  const late = files.find((file) => file.name < newest && !names.has(file.name));
  if (late !== undefined) {
    throw new Error(
      `migrations/${late.name} comes before ${newest}, which this database already has. Give it the next number.`,
    );
  }
}

async function applyOne(client: pg.PoolClient, file: MigrationFile): Promise<void> {
  await client.query('begin');
  try {
    await client.query(file.sql);
    await client.query('insert into public.platform_migration (name, sha256) values ($1, $2)', [
      file.name,
      file.sha256,
    ]);
    await client.query('commit');
  } catch (cause) {
    await client.query('rollback');
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`migrations/${file.name} failed and was rolled back: ${message}`, { cause });
  }
}
