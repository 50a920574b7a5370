import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dueAt, standingOf } from './due-date.ts';

const at = (text: string) => new Date(text);

test('a term is counted in calendar months, and a day that the month lacks is its last', () => {
  assert.deepEqual(dueAt(at('2025-11-24T10:11:12.345Z'), 12), at('2026-11-24T10:11:12.345Z'));
  assert.deepEqual(dueAt(at('2024-02-29T23:59:59Z'), 12), at('2025-02-28T23:59:59Z'));
  assert.deepEqual(dueAt(at('2025-12-31T00:00:00Z'), 2), at('2026-02-28T00:00:00Z'));
  assert.deepEqual(dueAt(at('2025-11-24T00:00:00Z'), 60), at('2030-11-24T00:00:00Z'));
});

test('a longer term is never due earlier, and an earlier filing never later', () => {
  const moment = fc.date({
    min: at('2020-01-01T00:00:00Z'),
    max: at('2040-01-01T00:00:00Z'),
    noInvalidDate: true,
  });
  const months = fc.integer({ min: 1, max: 600 });
  fc.assert(
    fc.property(moment, moment, months, months, (one, other, few, more) => {
      const [early, late] = one <= other ? [one, other] : [other, one];
      assert.ok(dueAt(early, few) <= dueAt(late, few) || early.getUTCDate() > late.getUTCDate());
      assert.ok(dueAt(one, Math.min(few, more)) <= dueAt(one, Math.max(few, more)));
      assert.ok(dueAt(one, few) > one);
    }),
  );
});

test('a hold beats a schedule that is due, and nothing undecided is ready', () => {
  const facts = fc.record({
    dueAt: fc.constantFrom(at('2025-01-01T00:00:00Z'), at('2027-01-01T00:00:00Z')),
    isErased: fc.boolean(),
    isApproved: fc.boolean(),
    isHeld: fc.boolean(),
    isDecided: fc.boolean(),
  });
  const now = at('2026-11-24T12:00:00Z');
  fc.assert(
    fc.property(facts, (each) => {
      const standing = standingOf(each, now);
      if (standing === 'ready')
        assert.ok(!each.isHeld && !each.isErased && !each.isApproved && each.isDecided && each.dueAt <= now);
      if (each.isHeld) assert.ok(['held', 'erased', 'approved'].includes(standing));
    }),
  );
});
