import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { collapsed, dayOf, isOfType, isTrue, momentOf, wholeNumber } from './simple-values.ts';

test('the form of each built-in type', () => {
  const good = {
    'xs:boolean': ['true', 'false', '1', '0', ' true\n'],
    'xs:int': ['2147483647', '-2147483648', '+7', '007', '-0'],
    'xs:long': ['9223372036854775807', '-9223372036854775808'],
    'xs:double': ['1', '1.', '.5', '-1e3', '+1E-3', 'INF', '-INF', 'NaN'],
    'xs:date': ['2026-02-28', '2024-02-29', '2000-02-29', '2026-01-01Z', '2026-01-01+14:00', '-0044-03-15'],
    'xs:dateTime': ['2026-03-01T10:00:00', '2026-03-01T24:00:00Z', '2026-03-01T10:00:00.123456789-14:00'],
    'xs:string': ['', 'anything'],
    'xs:token': ['', 'a'],
  } as const;
  const bad = {
    'xs:boolean': ['TRUE', 'yes', ''],
    'xs:int': ['2147483648', '-2147483649', '1.0', '', '--1', '9'.repeat(60)],
    'xs:long': ['9223372036854775808', '0x1', '1 2'],
    'xs:double': ['1,5', '.', 'e5', '+INF', ''],
    'xs:date': ['2026-02-29', '2100-02-29', '0000-01-01', '2026-1-1', '2026-01-01+14:01', '02026-01-01'],
    'xs:dateTime': ['2026-03-01T24:00:01Z', '2026-03-01T23:59:60Z', '2026-03-01', '2026-04-31T10:00:00Z', ''],
  } as const;
  for (const [base, texts] of Object.entries(good)) {
    for (const text of texts) assert.ok(isOfType(base as keyof typeof good, text), `${base} ${text}`);
  }
  for (const [base, texts] of Object.entries(bad)) {
    for (const text of texts) assert.ok(!isOfType(base as keyof typeof bad, text), `${base} ${text}`);
  }
});

test('a moment is what the runtime says it is', () => {
  fc.assert(
    fc.property(
      fc.date({
        min: new Date('0001-01-02T00:00:00Z'),
        max: new Date('9999-12-30T00:00:00Z'),
        noInvalidDate: true,
      }),
      (date) => {
        assert.equal(momentOf(date.toISOString()), date.getTime());
        assert.equal(
          dayOf(date.toISOString().slice(0, 10)),
          Math.floor(date.getTime() / 86_400_000) * 86_400_000,
        );
      },
    ),
  );
  assert.equal(momentOf('2026-03-01T10:00:00+02:30'), Date.parse('2026-03-01T07:30:00Z'));
  assert.equal(momentOf('2026-03-01T24:00:00Z'), Date.parse('2026-03-02T00:00:00Z'));
  assert.equal(momentOf('2026-03-01T10:00:00'), 'no-zone');
  assert.equal(momentOf('12026-03-01T10:00:00Z'), 'out-of-range');
  assert.equal(momentOf('soon'), 'no-time');
});

test('numbers and flags are read as the schema means them', () => {
  assert.equal(wholeNumber(' +00042 '), '42');
  assert.equal(wholeNumber('-05'), '-5');
  assert.equal(wholeNumber('-0'), '0');
  assert.equal(wholeNumber('9223372036854775807'), '9223372036854775807');
  assert.ok(isTrue(' true ') && isTrue('1') && !isTrue('0') && !isTrue(undefined) && !isTrue('TRUE'));
  assert.equal(collapsed('\t a \n b '), 'a b');
});
