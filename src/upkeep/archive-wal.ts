import { runArchiveWal } from './wal-archive.ts';

/** Called by the built-in PostgreSQL for every finished piece of its log: FOLDER KEY-FILE ARCHIVE PATH NAME. */
try {
  await runArchiveWal(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`archiving failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
