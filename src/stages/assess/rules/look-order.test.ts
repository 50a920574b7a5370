import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { barOf, freshMs, isDeadlineTurn, isWorthALook, laneOf, rankOf, type Waiting } from './look-order.ts';

const urgencies = fc.constantFrom<Waiting['urgency']>(1, 2, 3, 4);
const now = Date.UTC(2026, 0, 8);

describe('the order of looks', () => {
  it('gives those who waited longest their share of any looks in a row, to within one look', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10_000_000 }),
        fc.integer({ min: 1, max: 400 }),
        fc.double({ min: 0.01, max: 0.9, noNaN: true }),
        (from, looks, share) => {
          let given = 0;
          for (let number = from + 1; number <= from + looks; number += 1) {
            if (laneOf(number, share) === 'by-waiting') given += 1;
          }
          assert.ok(Math.abs(given - looks * share) <= 1, `${given} of ${looks}`);
        },
      ),
    );
  });

  it('gives exactly three of twenty looks at fifteen per cent', () => {
    const lanes = Array.from({ length: 20 }, (_, index) => laneOf(index + 1, 0.15));
    assert.equal(lanes.filter((lane) => lane === 'by-waiting').length, 3);
  });

  it('gives one in four looks of that share to data about to be deleted', () => {
    const turns = Array.from({ length: 400 }, (_, index) => index + 1).filter(
      (number) => laneOf(number, 0.15) === 'by-waiting',
    );
    assert.equal(turns.length, 60);
    assert.equal(turns.filter((number) => isDeadlineTurn(number, 0.15)).length, 15);
  });

  it('never lets a score lift a report out of its class', () => {
    fc.assert(
      fc.property(urgencies, urgencies, fc.double(), fc.double(), (a, b, scoreA, scoreB) => {
        fc.pre(a < b);
        const [x, y] = [scoreA, scoreB].map((score) => (Number.isNaN(score) ? 0 : score));
        assert.ok(rankOf({ urgency: a, score: x ?? 0 }) > rankOf({ urgency: b, score: y ?? 0 }));
      }),
    );
  });

  it('has no bar where a week of looks reaches every arrival', () => {
    assert.equal(
      barOf({ arrivals: 80, looks: 100 }, 0.15, () => assert.fail('nothing to look up')),
      Number.NEGATIVE_INFINITY,
    );
  });

  it('sets the bar at the lowest rank that a week of looks can reach', () => {
    const ranks = Array.from({ length: 1000 }, (_, index) => 1 - index / 1000);
    // 500 looks, 15 % of them for the longest waiting, and 2 % more than can be reached.
    assert.equal(
      barOf({ arrivals: 1000, looks: 500 }, 0.15, (n) => ranks[n] ?? Number.NaN),
      ranks[432],
    );
  });

  it('always takes the two highest classes, and others only above the bar and on their day', () => {
    fc.assert(
      fc.property(
        urgencies,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.integer({ min: 0, max: 3 * freshMs }),
        fc.double({ min: 0, max: 4, noNaN: true }),
        (urgency, score, age, bar) => {
          const report: Waiting = { urgency, score, filedAt: now - age };
          const expected = urgency <= 2 || (age <= freshMs && rankOf(report) >= bar);
          assert.equal(isWorthALook(report, bar, now), expected);
        },
      ),
    );
  });
});
