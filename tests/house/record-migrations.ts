/** Records the hash of every new migration. What is recorded already stays: a merged file is never edited. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashesPath, hashOf, readMigrations } from './migration-files.ts';
import { readRepositoryFile, root } from './source-files.ts';

const recorded = JSON.parse(readRepositoryFile(hashesPath)) as Record<string, string>;
const files = await readMigrations();
const added = files.filter(({ path }) => recorded[path] === undefined);
for (const file of added) recorded[file.path] = hashOf(file);
await writeFile(join(root, hashesPath), `${JSON.stringify(recorded, null, 2)}\n`);
console.log(
  added.length === 0
    ? 'Every migration is recorded already.'
    : `Recorded: ${added.map(({ path }) => path).join(', ')}`,
);
