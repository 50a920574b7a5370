import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { expiryOf, isExpired } from './report-lifetime.ts';

const at = (time: string) => new Date(`2026-11-${time}Z`);

test('a day after opening, or an hour after the last change if that is later', () => {
  assert.deepEqual(expiryOf(at('10T00:00:00'), at('10T00:00:00')), at('11T00:00:00'));
  assert.deepEqual(expiryOf(at('10T00:00:00'), at('10T23:00:00')), at('11T00:00:00'));
  assert.deepEqual(expiryOf(at('10T00:00:00'), at('10T23:30:00')), at('11T00:30:00'));
  assert.deepEqual(expiryOf(at('10T00:00:00'), at('12T05:00:00')), at('12T06:00:00'));
});

test('the last moment belongs to the end', () => {
  assert.equal(isExpired(at('11T00:00:00'), new Date(at('11T00:00:00').getTime() - 1)), false);
  assert.equal(isExpired(at('11T00:00:00'), at('11T00:00:00')), true);
});

test('a change never shortens a life', () => {
  fc.assert(
    fc.property(fc.nat(1e9), fc.nat(1e9), (first, more) => {
      const opened = at('10T00:00:00');
      const early = new Date(opened.getTime() + first);
      const late = new Date(early.getTime() + more);
      assert.ok(expiryOf(opened, late) >= expiryOf(opened, early));
    }),
  );
});
