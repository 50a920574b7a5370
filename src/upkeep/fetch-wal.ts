import { runFetchWal } from './wal-archive.ts';

/**
 * Called by the built-in PostgreSQL while it replays its log: FOLDER KEY-FILE ARCHIVE NAME PATH. Status 1 means that
 * there is no such piece; above 125 PostgreSQL stops instead of taking damage for the end.
 */
try {
  process.exitCode = (await runFetchWal(process.argv.slice(2))) ? 0 : 1;
} catch (error) {
  process.stderr.write(`fetching failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 126;
}
