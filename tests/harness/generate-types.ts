/**
 * Writes src/platform/database-types.ts from the migrated schema: `node tests/harness/generate-types.ts`.
 * With `--check` it only says whether the file is up to date.
 */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openDatabase } from '#platform/postgres';
import { databaseUrl, startTestCluster, templateName } from './cluster.ts';

const run = promisify(execFile);
const outFile = fileURLToPath(new URL('../../src/platform/database-types.ts', import.meta.url));
const generator = fileURLToPath(import.meta.resolve('kysely-codegen/dist/cli/bin.js'));

const text = await generate();
if (process.argv.includes('--check')) {
  const isCurrent = text === (await readFile(outFile, 'utf8'));
  console.log(
    isCurrent ? 'database-types.ts is up to date' : 'database-types.ts is out of date: generate it again',
  );
  process.exitCode = isCurrent ? 0 : 1;
} else {
  await writeFile(outFile, text);
}

async function generate(): Promise<string> {
  const cluster = await startTestCluster();
  try {
    const copy = await copyTemplate(cluster.url);
    const { stdout } = await run(process.execPath, [
      generator,
      ...['--dialect', 'postgres', '--url', copy, '--numeric-parser', 'number'],
      ...['--print', '--log-level', 'error'],
      ...['--exclude-pattern', 'public.*'],
    ]);
    return stdout.trimStart();
  } finally {
    await cluster.stop();
  }
}

/** Nobody may connect to the template itself. */
async function copyTemplate(url: string): Promise<string> {
  const server = openDatabase(url, { max: 1 });
  await server.pool.query(`create database for_types template ${templateName}`).finally(() => server.close());
  return databaseUrl(url, 'for_types');
}
