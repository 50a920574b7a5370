import { createHash } from 'node:crypto';
import { listFiles, readText, type TextFile } from './source-files.ts';

export const hashesPath = 'tests/migration-hashes.json';

export async function readMigrations(): Promise<TextFile[]> {
  return Promise.all((await listFiles('migrations')).map(readText));
}

export function hashOf(file: TextFile): string {
  return createHash('sha256').update(file.text).digest('hex');
}

/** One sentence for every file whose name, number or header is not as CONTRIBUTING.md says. */
export function headerFaults(files: readonly TextFile[]): string[] {
  return files.flatMap((file, index) => {
    const name = file.path.slice('migrations/'.length);
    const number = String(index + 1).padStart(4, '0');
    const [reason = '', breaking = ''] = file.text.split('\n');
    return [
      ...(/^\d{4}-[a-z0-9]+(-[a-z0-9]+)*\.sql$/.test(name)
        ? []
        : [`${file.path}: is named as 0001-subject.sql`]),
      ...(name.startsWith(`${number}-`)
        ? []
        : [`${file.path}: has the number ${number}, without gap or twin`]),
      ...(/^-- \S.*\.$/.test(reason) ? [] : [`${file.path}: line 1 says in one sentence what it is for`]),
      ...(/^-- breaking: (yes|no)$/.test(breaking)
        ? []
        : [`${file.path}: line 2 is "-- breaking: yes" or "-- breaking: no"`]),
      ...(/^\s*(begin|commit|rollback)\s*;/im.test(file.text)
        ? [`${file.path}: its transaction is opened for it`]
        : []),
    ];
  });
}

/** One sentence for every file that differs from what was recorded when it was merged. */
export function hashFaults(files: readonly TextFile[], recorded: Readonly<Record<string, string>>): string[] {
  const present = new Map(files.map((file) => [file.path, hashOf(file)]));
  const changed = Object.entries(recorded).flatMap(([path, hash]) => {
    const now = present.get(path);
    if (now === hash) return [];
    return [
      `${path}: was ${now === undefined ? 'removed' : 'edited'} after it was merged; write the change as a new file`,
    ];
  });
  const unrecorded = files.filter((file) => recorded[file.path] === undefined);
  return [
    ...changed,
    ...unrecorded.map(
      ({ path }) => `${path}: is not recorded yet; run "node tests/house/record-migrations.ts"`,
    ),
  ];
}
