import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import {
  brokenLinks,
  type CodeRow,
  codeDifferences,
  documentedCodes,
  glossaryTerms,
  headingAnchors,
  refusedWords,
} from './house/document-rules.ts';
import {
  isTest,
  listFiles,
  readRepositoryFile,
  readSources,
  readText,
  root,
  type SourceFile,
  type TextFile,
} from './house/source-files.ts';

let documents: readonly TextFile[];
let sources: readonly SourceFile[];

before(async () => {
  documents = await Promise.all((await listFiles()).filter((path) => path.endsWith('.md')).map(readText));
  sources = await readSources();
});

/** Every table of refusal codes that some `codes.ts` exports. */
async function codesInCode(): Promise<CodeRow[]> {
  const paths = sources
    .map(({ path }) => path)
    .filter((path) => path.startsWith('src/') && path.endsWith('/codes.ts'));
  assert.ok(paths.length > 0, 'the tables were found');
  const modules = await Promise.all(
    paths.map(
      async (path) => (await import(pathToFileURL(join(root, path)).href)) as Record<string, unknown>,
    ),
  );
  return modules.flatMap((module) => Object.values(module).flatMap(rowsOf));
}

function rowsOf(table: unknown): CodeRow[] {
  if (typeof table !== 'object' || table === null) return [];
  return Object.entries(table).flatMap(([code, entry]: [string, Partial<CodeRow> | undefined]) =>
    typeof entry?.status === 'number' && typeof entry.sentence === 'string'
      ? [{ code, status: entry.status, sentence: entry.sentence }]
      : [],
  );
}

test('docs/errors.md has every refusal code as the code has it, and no other', async () => {
  assert.deepEqual(
    codeDifferences(await codesInCode(), documentedCodes(readRepositoryFile('docs/errors.md'))),
    [],
  );
});

test('a code that is missing, left over, doubled or changed is noticed', () => {
  const row = { code: 'a.b', status: 404, sentence: 'There is none. Look again.' };
  const page = '| code | status | sentence |\n|---|---|---|\n| `a.b` | 404 | There is none. Look again. |\n';
  assert.deepEqual(documentedCodes(page), [row]);
  assert.deepEqual(codeDifferences([row], documentedCodes(page)), []);
  assert.equal(codeDifferences([row], []).length, 1);
  assert.equal(codeDifferences([], [row]).length, 1);
  assert.equal(codeDifferences([row], [row, row]).length, 1);
  assert.equal(codeDifferences([{ ...row, status: 410 }], [row]).length, 1);
  assert.equal(codeDifferences([{ ...row, sentence: 'Other.' }], [row]).length, 1);
});

test('links between documents lead somewhere', () => {
  const exists = (path: string) => existsSync(join(root, path));
  const headings = (path: string) => headingAnchors(readRepositoryFile(path));
  assert.deepEqual(
    documents.flatMap((file) => brokenLinks(file, exists, headings)),
    [],
  );
  const page = {
    path: 'docs/x.md',
    text: '[a](../README.md) [b](none.md) [c](#here) [d](#there) `[e](no.md)`\n# Here\n',
  };
  const found = brokenLinks(
    page,
    (path) => path === 'README.md' || path === 'docs/x.md',
    () => headingAnchors(page.text),
  );
  assert.deepEqual(found, [
    'docs/x.md links to none.md, which is not there',
    'docs/x.md links to #there, and there is no such heading',
  ]);
});

test('README names the two commands, and each script that documents name exists', () => {
  const readme = readRepositoryFile('README.md');
  assert.match(readme, /npm ci && npm run demo/);
  assert.match(readme, /npm ci && npm test/);
  const { scripts } = JSON.parse(readRepositoryFile('package.json')) as { scripts: Record<string, string> };
  const named = documents.flatMap(({ text }) =>
    [...text.matchAll(/\bnpm (?:run (?:-s )?)([a-z:-]+)/g)].map(([, name]) => name ?? ''),
  );
  assert.deepEqual(
    [...new Set(named)].filter((name) => scripts[name] === undefined),
    [],
  );
});

test('CHANGELOG begins with what is not released yet, with upgrade notes', () => {
  const [unreleased = ''] = readRepositoryFile('CHANGELOG.md').split(/^## /m).slice(1);
  assert.match(unreleased, /^Unreleased\n/);
  assert.match(unreleased, /### Upgrade notes\n\n\S/);
});

test('the glossary is in use, and the words it refuses are not', () => {
  const glossary = readRepositoryFile('docs/glossary.md');
  const terms = glossaryTerms(glossary);
  assert.ok(terms.length >= 20, 'the terms were found');
  assert.equal(new Set(terms).size, terms.length);
  const inUse = [...sources, ...documents.filter(({ path }) => path !== 'docs/glossary.md')]
    .map(({ text }) => text)
    .join('\n')
    .toLowerCase();
  assert.deepEqual(
    terms.filter((term) => !inUse.includes(term.toLowerCase())),
    [],
  );
  assert.deepEqual(wrongWords(sources, glossary), []);
  const wrong = { path: 'src/x.ts', text: '', code: 'interface ComplaintRow {}', imports: [] };
  const page = '| **report** | what one service sent | "complaint" |\n';
  assert.deepEqual(wrongWords([wrong], page), ['src/x.ts: "complaint" is called report here']);
});

/** Names in code that use a word the glossary has another for. */
function wrongWords(files: readonly SourceFile[], glossary: string): string[] {
  return refusedWords(glossary).flatMap(({ word, term }) => {
    // A member of a library keeps the name that its maker gave it; one of ours is found where it is defined.
    const form = new RegExp(
      `(?<!\\.)\\b${word}(?=[A-Z]|s?\\b)|${word[0]?.toUpperCase()}${word.slice(1)}(?=[A-Z]|s?\\b)`,
    );
    return files
      .filter(({ path, code }) => path.startsWith('src/') && !isTest(path) && form.test(code))
      .map(({ path }) => `${path}: "${word}" is called ${term} here`);
  });
}

test('every dependency has a line with its licence in the record of dependencies', () => {
  const record = readRepositoryFile('docs/decisions/dependencies.md');
  const facts = JSON.parse(readRepositoryFile('package.json')) as Record<string, Record<string, string>>;
  const names = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((group) =>
    Object.keys(facts[group] ?? {}),
  );
  const rows = [...record.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name ?? '');
  assert.deepEqual(
    names.filter((name) => !rows.includes(name)),
    [],
    'without a line',
  );
  assert.deepEqual(
    rows.filter((name) => !names.includes(name)),
    [],
    'no longer used',
  );
});

test('no document names a place on somebody’s machine', () => {
  const form = /(?<![\w.])\/(home|Users|work|tmp|root|private)\//;
  assert.deepEqual(
    documents.filter(({ text }) => form.test(text)).map(({ path }) => path),
    [],
  );
  assert.ok(form.test('see /home/someone/x') && !form.test('src/other/x'));
});
