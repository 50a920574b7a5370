import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { wilsonInterval } from './wilson.ts';

test('gives the textbook interval, and says something where nothing was found', () => {
  const { from, to } = wilsonInterval(10, 100);
  assert.ok(Math.abs(from - 0.0552) < 0.0001 && Math.abs(to - 0.1744) < 0.0001, `${from} ${to}`);
  const none = wilsonInterval(0, 100);
  assert.equal(none.from, 0);
  assert.ok(Math.abs(none.to - 0.037) < 0.0005, String(none.to));
  assert.deepEqual(wilsonInterval(0, 0), { from: 0, to: 1 });
});

test('holds the rate, and stays within 0 and 1', () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(1000), (a, b) => {
      const [found, of] = [Math.min(a, b), Math.max(a, b)];
      const { from, to } = wilsonInterval(found, of);
      assert.ok(from >= 0 && to <= 1 && from <= to);
      if (of > 0) assert.ok(from <= found / of + 1e-12 && to >= found / of - 1e-12);
    }),
  );
});
