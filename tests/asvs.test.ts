import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readRepositoryFile, root } from './house/source-files.ts';

/**
 * How many items of levels 1 and 2 each section of OWASP ASVS 5.0.0 (May 2025) has. They are numbered from 1: the
 * standard puts those of level 3 last.
 */
const sections: Readonly<Record<string, number>> = {
  '1.1': 2,
  '1.2': 9,
  '1.3': 11,
  '1.4': 3,
  '1.5': 2,
  '2.1': 3,
  '2.2': 3,
  '2.3': 4,
  '2.4': 1,
  '3.2': 2,
  '3.3': 4,
  '3.4': 6,
  '3.5': 5,
  '3.7': 2,
  '4.1': 3,
  '4.2': 1,
  '4.3': 2,
  '4.4': 4,
  '5.1': 1,
  '5.2': 3,
  '5.3': 2,
  '5.4': 3,
  '6.1': 3,
  '6.2': 12,
  '6.3': 4,
  '6.4': 4,
  '6.5': 5,
  '6.6': 3,
  '6.8': 4,
  '7.1': 3,
  '7.2': 4,
  '7.3': 2,
  '7.4': 5,
  '7.5': 2,
  '7.6': 2,
  '8.1': 2,
  '8.2': 3,
  '8.3': 1,
  '8.4': 1,
  '9.1': 3,
  '9.2': 4,
  '10.1': 2,
  '10.2': 2,
  '10.3': 4,
  '10.4': 11,
  '10.5': 5,
  '10.6': 2,
  '10.7': 3,
  '11.1': 2,
  '11.2': 3,
  '11.3': 3,
  '11.4': 4,
  '11.5': 1,
  '11.6': 1,
  '12.1': 3,
  '12.2': 2,
  '12.3': 4,
  '13.1': 1,
  '13.2': 5,
  '13.3': 2,
  '13.4': 5,
  '14.1': 2,
  '14.2': 4,
  '14.3': 3,
  '15.1': 3,
  '15.2': 3,
  '15.3': 7,
  '16.1': 1,
  '16.2': 5,
  '16.3': 4,
  '16.4': 3,
  '16.5': 3,
  '17.1': 1,
  '17.2': 4,
  '17.3': 2,
};

/** The standard's own count: 70 of level 1 and 183 of level 2. */
const itemCount = 253;

const answers = ['met', 'in part', 'not met', 'operator', 'n/a'] as const;
type AnswerWord = (typeof answers)[number];

interface Row {
  readonly items: readonly string[];
  readonly answer: AnswerWord;
  readonly says: string;
}

function expectedItems(): string[] {
  return Object.entries(sections).flatMap(([section, count]) =>
    Array.from({ length: count }, (_, at) => `${section}.${at + 1}`),
  );
}

/** The rows of the page; a first cell is one item or a range of one section. */
function rowsOf(markdown: string): Row[] {
  return [
    ...markdown.matchAll(/^\| (\d+\.\d+)\.(\d+)(?:–(\d+\.\d+)\.(\d+))? \| [^|]+ \| ([^|]+) \| (.+) \|$/gm),
  ].map(([line, section = '', from = '', lastSection, to, word = '', says = '']) => {
    const answer = answers.find((one) => one === word) ?? assert.fail(`no such answer: ${line}`);
    assert.equal(lastSection ?? section, section, `a range within one section: ${line}`);
    const items: string[] = [];
    for (let item = Number(from); item <= Number(to ?? from); item += 1) items.push(`${section}.${item}`);
    return { items, answer, says };
  });
}

/** One sentence for each file that a row names and that is not there, or that lacks the words quoted after it. */
function unfounded(
  { items, says }: Row,
  exists: (path: string) => boolean,
  read: (path: string) => string,
): string[] {
  return [...says.matchAll(/`([a-z][\w./-]*\.[a-z]+)`((?:(?:,| |and)*“[^”]+”)*)/g)].flatMap(
    ([, path = '', quotes = '']) => {
      if (!exists(path)) return [`${items.join(', ')} names ${path}, which is not there`];
      const text = quotes === '' ? '' : read(path);
      return [...quotes.matchAll(/“([^”]+)”/g)].flatMap(([, words = '']) =>
        text.includes(words) ? [] : [`${items.join(', ')}: ${path} has no “${words}”`],
      );
    },
  );
}

const page = readRepositoryFile('docs/asvs.md');

test('docs/asvs.md has every item of levels 1 and 2 once, and no other', () => {
  const expected = expectedItems();
  assert.equal(expected.length, itemCount);
  const found = rowsOf(page).flatMap(({ items }) => items);
  assert.deepEqual(
    expected.filter((item) => !found.includes(item)),
    [],
    'missing',
  );
  assert.deepEqual(
    found.filter((item, at) => !expected.includes(item) || found.indexOf(item) !== at),
    [],
    'unknown or twice',
  );
});

test('every file and test that the page names is there', () => {
  const rows = rowsOf(page);
  assert.deepEqual(
    rows.flatMap((row) => unfounded(row, (path) => existsSync(join(root, path)), readRepositoryFile)),
    [],
  );
  const row: Row = { items: ['1.1.1'], answer: 'met', says: 'x `src/a.ts` “one”, “two”; `docs/none.md`' };
  assert.deepEqual(
    unfounded(
      row,
      (path) => path === 'src/a.ts',
      () => "test('one')",
    ),
    ['1.1.1: src/a.ts has no “two”', '1.1.1 names docs/none.md, which is not there'],
  );
});

test('what is met says where, and what is not says why', () => {
  for (const { items, answer, says } of rowsOf(page)) {
    const what = items.join(', ');
    // A page of ours, a file, or the part of this page that writes it down.
    if (answer === 'met' || answer === 'in part')
      assert.match(says, /`[a-z][\w./-]*\.[a-z]+`|\]\([\w/#.-]+\)/, what);
    else assert.ok(says.split(' ').length >= 3, what);
  }
});

test('the counts of the page are those of its rows', () => {
  const rows = rowsOf(page);
  const counts = answers.map((answer) =>
    rows.filter((row) => row.answer === answer).reduce((sum, { items }) => sum + items.length, 0),
  );
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    itemCount,
  );
  assert.ok(
    page.includes(`| ${answers.join(' | ')} |\n|---|---|---|---|---|\n| ${counts.join(' | ')} |\n`),
    String(counts),
  );
});
