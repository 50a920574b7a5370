import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lengthFinding, valueRules } from './value-rules.ts';
import type { ValueRule } from './vocabulary/model.ts';

const now = new Date('2026-11-24T12:00:00Z');

/** Rule broken, with `?` behind it for a warning; nothing for a good value. */
function broken(rule: ValueRule, value: string): string | undefined {
  const finding = valueRules[rule](value, now);
  return finding === undefined ? undefined : finding.rule + (finding.isWarning === true ? '?' : '');
}

test('values by rule', () => {
  const cases: readonly (readonly [ValueRule, string, string?])[] = [
    ['past-time', '2026-11-24T12:00:00Z'],
    ['past-time', '2026-11-24T12:05:00Z'],
    ['past-time', '2026-11-24T12:05:01Z', 'time-in-future'],
    ['past-time', '2026-11-24T14:05:00+02:00'],
    ['past-time', '2026-11-24T07:05:01-05:00', 'time-in-future'],
    ['past-time', ' 2026-11-24T12:00:00.940334421Z\n'],
    ['past-time', '2026-11-24T12:00:00', 'time-without-zone'],
    ['past-time', '0001-01-01T00:00:00Z'],
    ['past-time', '-0044-03-15T00:00:00Z', 'time-out-of-range'],
    ['past-time', '12026-01-01T00:00:00Z', 'time-out-of-range'],
    ['past-date', '2026-11-24'],
    ['past-date', '2026-11-25'],
    ['past-date', '2026-11-26', 'time-in-future'],
    ['past-date', '-2026-11-26', 'time-out-of-range'],
    ['url', 'https://quay.example/a?b#c'],
    ['url', 'http://[2001:db8::1]:8080/'],
    ['url', 'ftp://quay.example/a b'],
    ['url', 'quay.example/page', 'url-without-scheme?'],
    ['url', '//quay.example', 'url-without-scheme?'],
    ['url', '', 'blank-value?'],
    ['url', 'not a url', 'url-malformed'],
    ['url', 'http://', 'url-malformed'],
    ['url', 'page', 'url-malformed'],
    ['email-address', 'a@mail.example'],
    ['email-address', ' a@mail.example '],
    ['email-address', '"a b"@mail.example'],
    ['email-address', 'grå@røyk.example'],
    ['email-address', `${'a'.repeat(64)}@mail.example`],
    ['email-address', `${'a'.repeat(65)}@mail.example`, 'email-local-part'],
    ['email-address', '', 'blank-value?'],
    ['email-address', 'mail.example', 'email-malformed'],
    ['email-address', '@mail.example', 'email-malformed'],
    ['email-address', 'a@', 'email-malformed'],
    ['email-address', 'a@b@c.example', 'email-malformed'],
    ['email-address', 'a b@mail.example', 'email-malformed'],
    ['ip-address', '203.0.113.7'],
    ['ip-address', '::ffff:203.0.113.7'],
    ['ip-address', '203.0.113.7:443', 'ip-malformed'],
    ['ip-address', '', 'ip-malformed'],
    ['port', '1'],
    ['port', '65535'],
    ['port', '0', 'port-range'],
    ['port', '65536', 'port-range'],
    ['age', '0'],
    ['age', ' +150 '],
    ['age', '151', 'age-range'],
    ['age', '-1', 'age-range'],
    ['not-blank', 'now'],
    ['not-blank', ' \n', 'blank'],
    ['report-number', '1000001'],
    ['report-number', '0', 'report-number?'],
    ['report-number', '-5', 'report-number?'],
  ];
  for (const [rule, value, expected] of cases)
    assert.equal(broken(rule, value), expected, `${rule} ${value}`);
});

test('length counts characters as people do', () => {
  assert.equal(lengthFinding('🌊'.repeat(100), 100), undefined);
  assert.equal(lengthFinding('🌊'.repeat(101), 100)?.rule, 'too-long');
  assert.equal(lengthFinding('a'.repeat(100), 100), undefined);
});

test('no rule throws, and no message repeats the value', () => {
  const names = Object.keys(valueRules) as ValueRule[];
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.string({ unit: 'binary' }), (rule, value) => {
      const finding = valueRules[rule](`Zq7${value}`, now);
      assert.ok(finding === undefined || !finding.message.includes('Zq7'));
    }),
  );
});

test('every moment up to now passes and every one beyond the skew does not', () => {
  fc.assert(
    fc.property(fc.integer({ min: -6e13, max: 1e12 }), (offset) => {
      const time = new Date(now.getTime() + offset).toISOString();
      if (time.length !== 24) return;
      assert.equal(broken('past-time', time), offset <= 5 * 60_000 ? undefined : 'time-in-future');
    }),
  );
});
