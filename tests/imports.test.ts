import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  cycles,
  type Doors,
  tableViolations,
  wordRules,
  wordViolations,
  zoneOf,
} from './house/import-rules.ts';
import { tableText, zones, zoneTitles } from './house/import-table.ts';
import { maskCode } from './house/mask-code.ts';
import { readRepositoryFile, readSources, type SourceFile, sourceFile } from './house/source-files.ts';

let files: readonly SourceFile[];
const { imports: doors } = JSON.parse(readRepositoryFile('package.json')) as { imports: Doors };

before(async () => {
  files = await readSources();
});

function planted(path: string, text: string): string[] {
  return tableViolations([sourceFile(path, text)], doors);
}

test('every file imports only what the table allows', () => {
  assert.ok(files.length > 50, 'the sources were found');
  assert.deepEqual(tableViolations(files, doors), []);
});

test('the table refuses what it must', () => {
  const wrong: readonly (readonly [path: string, text: string])[] = [
    ['src/base/x.ts', "import { readFile } from 'node:fs';"],
    ['src/base/x.ts', "import { Type } from 'typebox';"],
    ['src/base/x.ts', "export { systemClock } from '#platform/clock';"],
    ['src/contract/x.ts', "import type { Ctx } from '#access';"],
    ['src/contract/x.ts', "import { join } from 'node:path';"],
    ['src/platform/x.ts', "import type { Environment } from '#contract/shapes';"],
    ['src/platform/x.ts', "import { permissions } from '#access';"],
    ['src/access/x.ts', "import { openVault } from '#vault';"],
    ['src/stages/vault/x.ts', "import { filedReport } from '#intake';"],
    ['src/stages/vault/x.ts', "const late = await import('#assess');"],
    ['src/stages/intake/x.ts', "import { sealFile } from '../vault/seal-file.ts';"],
    ['src/stages/intake/x.ts', "import { guard } from '../../access/guard.ts';"],
    ['src/stages/intake/x.ts', "import { newUuid } from '../../platform/random.ts';"],
    ['src/stages/intake/x.ts', "import 'react';"],
    ['src/stages/intake/rules/x.ts', "import { newUuid } from '#platform/random';"],
    ['src/stages/intake/rules/x.ts', "import { saveReport } from '../store.ts';"],
    ['src/stages/intake/rules/x.ts', "import { openVault } from '#vault';"],
    ['src/stages/intake/formats/x.ts', "import { createHash } from 'node:crypto';"],
    ['src/stages/assess/rules/x.ts', "import { x } from '../../intake/rules/x.ts';"],
    ['src/screens/x.ts', "import { takeReport } from '#assess';"],
    ['src/screens/x.ts', "import { type A, takeReport } from '#assess';"],
    ['src/pipeline.ts', "import { takeReport } from './stages/assess/take-report.ts';"],
    ['src/app.ts', "import { x } from '../tests/harness/database.ts';"],
    ['cli/x.ts', "import { sql } from 'kysely';"],
    ['cli/x.ts', "import { systemClock } from '#platform/clock';"],
    ['console/x.tsx', "import { permissions } from '#access';"],
    ['console/x.tsx', "import { permissions } from '../src/access/permissions.ts';"],
    ['src/app.ts', "import { x } from '#nothing';"],
  ];
  for (const [path, text] of wrong) assert.equal(planted(path, text).length, 1, `${path}: ${text}`);
});

test('the table allows what it must', () => {
  const right: readonly (readonly [path: string, text: string])[] = [
    ['src/stages/intake/x.ts', "import { sealFile } from '#vault';"],
    ['src/stages/intake/x.ts', "import { batchedDefects } from './rules/batched-report.ts';"],
    ['src/stages/assess/rules/x.ts', "import type { FiledReport } from '#intake';"],
    ['src/stages/assess/rules/x.ts', "import { type FiledReport, type Other } from '#intake';"],
    ['src/screens/x.ts', "import type { Line } from '#assess';"],
    ['src/app.ts', "import { assessRoutes } from '#assess';"],
    ['src/base/x.ts', "// import { readFile } from 'node:fs';\nconst text = \"import 'react'\";"],
    ['src/stages/intake/x.test.ts', "import fc from 'fast-check';"],
    ['cli/x.ts', "import { roles } from '#contract/administration';"],
  ];
  for (const [path, text] of right) assert.deepEqual(planted(path, text), []);
});

test('every source file belongs to a row of the table', () => {
  const outside = files.filter(({ path }) => path.startsWith('src/') && zoneOf(path) === undefined);
  assert.deepEqual(
    outside.map(({ path }) => path),
    [],
  );
  for (const zone of zones) assert.ok(zoneTitles[zone.name] !== undefined, zone.name);
});

test('ARCHITECTURE.md shows the same table', () => {
  assert.ok(
    readRepositoryFile('ARCHITECTURE.md').includes(tableText()),
    `ARCHITECTURE.md lacks:\n${tableText()}`,
  );
});

test('no files import each other in a circle', () => {
  assert.deepEqual(cycles(files, doors), []);
  const circle = [
    sourceFile('src/base/a.ts', "import { b } from './b.ts';"),
    sourceFile('src/base/b.ts', "export * from './c.ts';"),
    sourceFile('src/base/c.ts', "import type { A } from '#base/a';"),
  ];
  assert.deepEqual(cycles(circle, doors), [
    'src/base/a.ts -> src/base/b.ts -> src/base/c.ts -> src/base/a.ts',
  ]);
  assert.deepEqual(cycles(circle.slice(0, 2), doors), []);
});

for (const rule of wordRules) {
  test(rule.name, () => {
    assert.deepEqual(wordViolations(files, rule), []);
  });
}

test('each of these rules notices a violation, and not one in a comment or a string', () => {
  const examples: readonly (readonly [rule: number, path: string, text: string])[] = [
    [0, 'src/access/x.ts', 'const a = process.env.HOME;'],
    [1, 'cli/x.ts', 'const a = process.env;'],
    [2, 'src/stages/intake/rules/x.ts', 'const a = new Date();'],
    [2, 'src/app.ts', 'const a = Date.now();'],
    [2, 'src/access/x.ts', 'const a = Math.random();'],
    [2, 'src/access/x.ts', 'const a = randomUUID();'],
    [3, 'cli/x.ts', 'export default 1;'],
    [4, 'src/access/x.ts', "console.log('x');"],
  ];
  for (const [index, path, text] of examples) {
    const rule = wordRules[index]!;
    assert.equal(wordViolations([sourceFile(path, text)], rule).length, 1, text);
    const hidden = `// ${text}\n/* ${text} */\nconst b = ${JSON.stringify(text)};\nconst c = \`${text}\`;`;
    assert.deepEqual(wordViolations([sourceFile(path, hidden)], rule), []);
  }
  assert.deepEqual(wordViolations([sourceFile('src/access/x.ts', 'new Date(row.at)')], wordRules[2]!), []);
});

test('masking blanks exactly what is not code', () => {
  const cases: readonly (readonly [text: string, code: string])[] = [
    ["a('b') // c", "a(' ')     "],
    ['a /* b\nc */ d', 'a     \n     d'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text
    ['`a${b + `c${d}`}e`', '` ${b + ` ${d}`} `'],
    ['x = /[/\'"]/.test(y)', 'x = /     /.test(y)'],
    ['a / b / c', 'a / b / c'],
    ["<p>don't</p>\n{x}", "<p>don't</p>\n{x}"],
    ["'a\\'b' + c", "'    ' + c"],
    ['return /"/g', 'return / /g'],
  ];
  for (const [text, code] of cases) assert.equal(maskCode(text).code, code, text);
});
