import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashesPath, hashFaults, hashOf, headerFaults, readMigrations } from './house/migration-files.ts';
import { readRepositoryFile } from './house/source-files.ts';

const sound = {
  path: 'migrations/0001-subject.sql',
  text: '-- What it is for.\n-- breaking: no\n\ncreate schema example;\n',
};

test('every migration has its number, its name and its header', async () => {
  const files = await readMigrations();
  assert.ok(files.length > 0);
  assert.deepEqual(headerFaults(files), []);
});

test('no merged migration was edited or removed', async () => {
  const recorded = JSON.parse(readRepositoryFile(hashesPath)) as Record<string, string>;
  assert.deepEqual(hashFaults(await readMigrations(), recorded), []);
});

test('these rules notice a violation', () => {
  assert.deepEqual(headerFaults([sound]), []);
  const wrong = [
    { ...sound, path: 'migrations/0002-subject.sql' },
    { ...sound, path: 'migrations/0001-Subject.sql' },
    { ...sound, text: `\n${sound.text}` },
    { ...sound, text: sound.text.replace('breaking: no', 'breaking: perhaps') },
    { ...sound, text: `${sound.text}commit;\n` },
  ];
  for (const file of wrong) assert.ok(headerFaults([file]).length > 0, file.path);
  assert.equal(headerFaults([sound, { ...sound, path: 'migrations/0001-twin.sql' }]).length, 1);

  const recorded = { [sound.path]: hashOf(sound) };
  assert.deepEqual(hashFaults([sound], recorded), []);
  assert.match(
    hashFaults([{ ...sound, text: `${sound.text} ` }], recorded)[0] ?? '',
    /edited after it was merged/,
  );
  assert.match(hashFaults([], recorded)[0] ?? '', /removed after it was merged/);
  assert.match(hashFaults([sound], {})[0] ?? '', /not recorded yet/);
});
