import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { functionLengths } from './house/function-lengths.ts';
import { readSources, type SourceFile, sourceFile } from './house/source-files.ts';
import { mostWaivers, type Waiver, waivers } from './house/waivers.ts';

const mostLines = 400;
const mostFunctionLines = 80;
/** Generated from the migrated schema. */
const generated = new Set(['src/platform/database-types.ts']);

let files: readonly SourceFile[];

before(async () => {
  files = (await readSources()).filter(({ path }) => !generated.has(path));
});

function linesOf(file: SourceFile): number {
  return file.text.trimEnd().split('\n').length;
}

function overBudget(sources: readonly SourceFile[], waived: readonly Waiver[]): string[] {
  return sources.flatMap((file) => {
    const waiver = waived.find(({ path }) => path === file.path);
    const lines = linesOf(file);
    const long = functionLengths(file).filter(
      (one) => one.lines > (waiver?.longestFunction ?? mostFunctionLines),
    );
    return [
      ...(lines > (waiver?.lines ?? mostLines)
        ? [`${file.path} has ${lines} lines: split it by subject`]
        : []),
      ...long.map(
        (one) => `${file.path}:${one.line} is a function of ${one.lines} lines: give its steps names`,
      ),
    ];
  });
}

/** Waivers that are no longer needed, or that allow more than the file takes. */
function loose(sources: readonly SourceFile[], waived: readonly Waiver[]): string[] {
  return waived.flatMap((waiver) => {
    const file = sources.find(({ path }) => path === waiver.path);
    if (file === undefined) return [`${waiver.path} is gone: remove its waiver`];
    const lines = linesOf(file);
    const longest = Math.max(0, ...functionLengths(file).map((one) => one.lines));
    const isLoose =
      (waiver.lines !== undefined && (waiver.lines > lines || lines <= mostLines)) ||
      (waiver.longestFunction !== undefined &&
        (waiver.longestFunction > longest || longest <= mostFunctionLines));
    return isLoose
      ? [
          `${waiver.path} needs less now (${lines} lines, longest function ${longest}): lower or remove its waiver`,
        ]
      : [];
  });
}

test('files and functions keep to their length', () => {
  assert.ok(files.length > 50, 'the sources were found');
  assert.deepEqual(overBudget(files, waivers), []);
});

test('waivers only shrink', () => {
  assert.deepEqual(loose(files, waivers), []);
  assert.ok(waivers.length <= mostWaivers, `at most ${mostWaivers} waivers`);
});

test('the budget notices a long file, a long function of any kind, and a loose waiver', () => {
  const filler = (count: number) => '  call();\n'.repeat(count);
  const longFile = sourceFile('src/x.ts', `${'\n'.repeat(mostLines)}const end = 1;`);
  assert.equal(overBudget([longFile], []).length, 1);
  const forms = [
    `function a(b: { c: string }): { d: string } | undefined {\n${filler(80)}}`,
    `const a = async (b = {}): Promise<{ c: string }> => {\n${filler(80)}};`,
    `const a = b => {\n${filler(80)}};`,
    `class A {\n  async b(): Promise<void> {\n${filler(80)}  }\n}`,
    `test('x', () => {\n${filler(80)}});`,
    `const a = () => (\n${'  b,\n'.repeat(80)});`,
    `const a = { b(c: (d: string) => void): () => void {\n${filler(80)}} };`,
  ];
  for (const text of forms)
    assert.equal(overBudget([sourceFile('src/x.ts', text)], []).length, 1, text.slice(0, 60));
  const short = [
    `function a(): void {\n${filler(70)}}`,
    `if (a()) {\n${filler(90)}}`,
    `const text = \`function a() {\n${filler(90)}}\`;`,
    `const a = {\n${'  b: 1,\n'.repeat(90)}};`,
  ];
  for (const text of short) assert.deepEqual(overBudget([sourceFile('src/x.ts', text)], []), []);
  const suite = `describe('a (b)', () => {\n  test('b', () => {\n${filler(70)}  });\n${filler(70)}});`;
  assert.deepEqual(overBudget([sourceFile('tests/x.test.ts', suite)], []), []);
  const waived = [{ path: 'src/x.ts', lines: mostLines + 1 }];
  assert.deepEqual(overBudget([longFile], waived), []);
  assert.deepEqual(loose([longFile], waived), []);
  assert.equal(loose([longFile], [{ path: 'src/x.ts', lines: mostLines + 2 }]).length, 1);
  assert.equal(loose([sourceFile('src/x.ts', '')], waived).length, 1);
  assert.equal(loose([], waived).length, 1);
});
