import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { commands, groups } from './commands.ts';
import { helpText } from './help.ts';
import { editSteps, nearest } from './nearest.ts';
import { Page } from './page.ts';
import { cutText, jsonText, plainText, textColumns } from './plain-text.ts';
import { globalOptions } from './read-arguments.ts';

const anyText = fc.string({ unit: 'binary' });

test('plain text has nothing that could steer a terminal, and leaves ordinary text alone', () => {
  fc.assert(
    fc.property(anyText, (text) => assert.doesNotMatch(plainText(text), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)),
  );
  assert.equal(plainText('Zoë 東京 😀'), 'Zoë 東京 😀');
  assert.equal(plainText('a\u202eb\u0007'), 'a\\u{202E}b\\u{07}');
});

test('json text gives back the same value and is one line-clean document', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = jsonText(value);
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
      assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
    }),
  );
  assert.equal(JSON.parse(jsonText('\u{e0041}\u202e')), '\u{e0041}\u202e');
});

test('cut text fits, and is whole where it fitted before', () => {
  fc.assert(
    fc.property(anyText, fc.nat(40), (raw, most) => {
      const text = plainText(raw);
      const cut = cutText(text, most);
      assert.ok(textColumns(cut) <= most);
      assert.equal(cut === text, textColumns(text) <= most);
    }),
  );
  assert.equal(textColumns('東京'), 4);
  assert.equal(cutText('東京都', 4), '東…');
});

test('the nearest word is a prefix or a slip away, or nothing', () => {
  assert.equal(nearest('provdier', ['provider', 'report']), 'provider');
  assert.equal(nearest('rep', ['provider', 'report']), 'report');
  assert.equal(nearest('xyz', ['provider', 'report']), undefined);
  fc.assert(fc.property(anyText, anyText, (a, b) => assert.equal(editSteps(a, b), editSteps(b, a))));
  fc.assert(fc.property(anyText, (a) => assert.equal(editSteps(a, a), 0)));
});

test('columns of a table stay aligned whatever the cells hold', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anyText, fc.nat()), { minLength: 1, maxLength: 5 }), (items) => {
      const page = new Page({ columns: 40, isColourful: false, timeZone: 'UTC' });
      page.table(
        [
          { title: 'Text', cell: (item: (typeof items)[number]) => item[0], isFlexible: true },
          { title: 'Number', cell: (item) => item[1], isNumber: true },
        ],
        items,
        'none',
      );
      const widths = page.text().trimEnd().split('\n').map(textColumns);
      assert.equal(new Set(widths).size, 1);
      assert.ok((widths[0] ?? 0) <= 40);
    }),
  );
});

test('sizes and times as people say them', () => {
  const page = new Page({ columns: undefined, isColourful: false, timeZone: 'Asia/Tokyo' });
  assert.deepEqual(
    [0, 999, 1000, 999_950, 1_234_567].map((size) => page.size(size)),
    ['0 B', '999 B', '1.0 kB', '1.0 MB', '1.2 MB'],
  );
  assert.equal(page.time('2026-11-24T20:56:00.000Z'), '2026-11-25 05:56');
  assert.equal(page.time(undefined), undefined);
});

test('help stands for every command and group, fits 80 columns, and shows only what exists', () => {
  const known = new Set(
    [...globalOptions, ...commands.flatMap((command) => command.options ?? [])].map(({ name }) => name),
  );
  for (const topic of [undefined, ...groups, ...commands]) {
    const text = helpText(topic, 80);
    for (const line of text.split('\n')) {
      assert.ok(line.startsWith('  firstlight ') || line.length <= 80, line);
    }
    for (const [, name = ''] of text.matchAll(/--([a-z]+)/g)) assert.ok(known.has(name), name);
  }
  for (const { name, examples } of commands) {
    assert.ok(examples.length > 0, name);
    for (const { line } of examples) assert.ok(line.startsWith(`firstlight ${name}`), line);
  }
});

test('an option means the same kind of thing in every command', () => {
  const takesValue = new Map<string, boolean>();
  for (const option of [...globalOptions, ...commands.flatMap((command) => command.options ?? [])]) {
    const isValued = option.value !== undefined;
    assert.equal(takesValue.get(option.name) ?? isValued, isValued, option.name);
    takesValue.set(option.name, isValued);
  }
});
