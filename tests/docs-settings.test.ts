import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '#platform/config';
import { listFiles, readRepositoryFile, readText } from './house/source-files.ts';

interface SettingRow {
  readonly name: string;
  /** As the table shows it, without its backticks; a dash for none. */
  readonly fallback: string;
}

/** Rows of the tables of docs/settings.md: setting, default, meaning. */
function settingRows(markdown: string): SettingRow[] {
  return [...markdown.matchAll(/^\| `([A-Z][A-Z0-9_]+)` \| (?:`([^`]+)`|(–)) \| \S.* \|$/gm)].map(
    ([, name = '', value, dash]) => ({ name, fallback: value ?? dash ?? '' }),
  );
}

/** Every name that the configuration asks for, with what is in effect where nothing is set. */
function settingsInCode(): SettingRow[] {
  const reading = readConfig({});
  assert.ok(reading.kind === 'ok', 'a bureau needs nothing to be set');
  return Object.entries(reading.config.shown).map(([name, value]) => ({
    name,
    fallback: value === null || value === '' ? '–' : String(value),
  }));
}

/** One sentence for every setting that code and page do not have alike. */
function settingDifferences(inCode: readonly SettingRow[], inPage: readonly SettingRow[]): string[] {
  const byName = new Map(inPage.map((row) => [row.name, row]));
  const known = new Set(inCode.map(({ name }) => name));
  return [
    ...inCode.flatMap(({ name, fallback }) => {
      const row = byName.get(name);
      if (row === undefined) return [`docs/settings.md lacks ${name}, by default ${fallback}`];
      return row.fallback === fallback
        ? []
        : [`docs/settings.md says ${row.fallback} for ${name}, and the default is ${fallback}`];
    }),
    ...inPage.filter(({ name }) => !known.has(name)).map(({ name }) => `nothing reads ${name}`),
    ...inPage
      .filter(({ name }, index) => inPage.findIndex((row) => row.name === name) !== index)
      .map(({ name }) => `docs/settings.md has ${name} twice`),
  ];
}

test('docs/settings.md has every setting with its default, and no other', () => {
  const inCode = settingsInCode();
  assert.ok(inCode.length > 40, 'the settings were found');
  assert.deepEqual(settingDifferences(inCode, settingRows(readRepositoryFile('docs/settings.md'))), []);
});

test('a setting that is missing, left over, doubled or has another default is noticed', () => {
  const page = settingRows('| `PORT` | `8080` | where |\n| `FIRSTLIGHT_X` | – | what |\n');
  const code = [
    { name: 'PORT', fallback: '8080' },
    { name: 'FIRSTLIGHT_X', fallback: '–' },
  ];
  assert.deepEqual(settingDifferences(code, page), []);
  assert.equal(settingDifferences(code, page.slice(1)).length, 1);
  assert.equal(settingDifferences(code.slice(1), page).length, 1);
  assert.equal(settingDifferences(code, [...page, ...page.slice(0, 1)]).length, 1);
  assert.equal(settingDifferences([{ name: 'PORT', fallback: '80' }, ...code.slice(1)], page).length, 1);
});

test('no document names a setting that nothing reads', async () => {
  const known = new Set(settingsInCode().map(({ name }) => name));
  const documents = await Promise.all(
    (await listFiles()).filter((path) => path.endsWith('.md')).map(readText),
  );
  const named = documents.flatMap(({ path, text }) =>
    [...text.matchAll(/\bFIRSTLIGHT_[A-Z0-9_]*[A-Z0-9]\b(?!_)/g)].map(([name]) => ({ path, name })),
  );
  assert.ok(named.length > 20);
  assert.deepEqual(
    named.filter(({ name }) => !known.has(name)),
    [],
  );
});
