import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { arrivalsOf, capacityOf, dayMinutes } from '../../simulate/arrivals.ts';
import { drawOf, separationOf } from '../../simulate/draw.ts';
import { mean, measure } from '../../simulate/measure.ts';
import { type Load, readOptions } from '../../simulate/options.ts';
import { planStaff } from '../../simulate/plan.ts';
import { play } from '../../simulate/play.ts';
import { plotOf } from '../../simulate/plot.ts';
import { type PolicyName, policyNames } from '../../simulate/policies.ts';
import { nthHighest } from '../../simulate/select.ts';

function loadOf(words = ''): Load {
  const reading = readOptions(words.split(' ').filter((word) => word !== ''));
  assert.equal(reading.kind, 'ok', reading.kind === 'faults' ? reading.faults.join('\n') : '');
  return (reading as { options: { load: Load } }).options.load;
}

function meanOf(name: PolicyName, load: Load, seeds = 5) {
  return mean(
    Array.from({ length: seeds }, (_, index) => {
      const seeded = { ...load, seed: load.seed + index };
      return measure(seeded, play(name, seeded, arrivalsOf(seeded)));
    }),
  );
}

describe('the simulator', () => {
  it('plays the same days for the same seed, and others for another', () => {
    const load = loadOf('--days 20');
    const measured = (seed: number) => measure(load, play('firstlight', load, arrivalsOf({ ...load, seed })));
    assert.deepEqual(measured(3), measured(3));
    assert.notDeepEqual(measured(3), measured(4));
  });

  it('lets nobody look at a report before it came, or at two at once, or twice', () => {
    const load = loadOf('--days 10 --officers 5');
    for (const name of policyNames) {
      const seen = play(name, load, arrivalsOf(load)).filter((item) => item.seenAt !== undefined);
      assert.ok(seen.every((item) => (item.seenAt ?? 0) >= item.at));
      const most = capacityOf(load) * load.days;
      assert.ok(seen.length <= most * 1.1, `${name}: ${seen.length} looks, ${most} can be`);
    }
  });

  it('keeps the promise at half again the capacity, where first in first out does not', () => {
    const load = loadOf('--days 90 --officers 20 --minutes 12 --load 1.5 --urgent 0.01 --auc 0.8');
    const ours = meanOf('firstlight', load);
    assert.ok(ours.urgentSeenIn24h >= 0.9, String(ours.urgentSeenIn24h));
    assert.ok(ours.oldestUnseenDays < 69, String(ours.oldestUnseenDays));
    assert.ok(meanOf('fifo', load).urgentSeenIn24h < 0.05);
    assert.equal(meanOf('oracle', load).urgentSeenIn24h, 1);
  });

  it('agrees with what first in, first out must do under overload: after D days at load L the wait is D(1 - 1/L)', () => {
    const load = loadOf('--days 60 --load 2');
    const { oldestUnseenDays } = meanOf('fifo', load, 3);
    assert.ok(Math.abs(oldestUnseenDays - 30) < 1.5, String(oldestUnseenDays));
  });

  it('leaves nobody waiting when there is time for all', () => {
    const load = loadOf('--days 30 --load 0.7');
    const ours = meanOf('firstlight', load, 2);
    assert.ok(ours.urgentSeen > 0.99);
    assert.ok(ours.oldestUnseenDays < 0.5, String(ours.oldestUnseenDays));
  });

  it('trades urgent reports for the oldest as the share asks, along the whole frontier', () => {
    const at = (reserve: number) => meanOf('firstlight', { ...loadOf('--days 60'), reserve }, 3);
    const [little, some, much] = [at(0.05), at(0.15), at(0.4)];
    assert.ok(little.urgentSeenIn24h > some.urgentSeenIn24h && some.urgentSeenIn24h > much.urgentSeenIn24h);
    assert.ok(
      little.oldestUnseenDays > some.oldestUnseenDays && some.oldestUnseenDays > much.oldestUnseenDays,
    );
  });

  it('is not buried by one viral item', () => {
    const calm = loadOf('--days 20 --load 0.9');
    const burst = { ...calm, burst: 20_000, burstDay: 5 };
    assert.ok(
      meanOf('firstlight', burst, 2).urgentSeenIn24h > meanOf('fifo', burst, 2).urgentSeenIn24h + 0.3,
    );
    assert.ok(
      meanOf('firstlight', burst, 2).urgentSeenIn24h > meanOf('firstlight', calm, 2).urgentSeenIn24h - 0.03,
    );
  });

  it('sends what a dark service held back in the hour after', () => {
    const load = loadOf('--days 20 --dark-day 5 --dark-days 3');
    const arrivals = arrivalsOf(load).filter((arrival) => arrival.service === 0);
    const between = (from: number, to: number) =>
      arrivals.filter((arrival) => arrival.at >= from && arrival.at < to).length;
    assert.equal(between(5 * dayMinutes, 8 * dayMinutes), 0);
    assert.ok(between(8 * dayMinutes, 8 * dayMinutes + 60) > between(9 * dayMinutes, 11 * dayMinutes));
  });

  it('finds the fewest officers for a wish', () => {
    const load = loadOf('--days 20');
    const plan = planStaff(load, { perDay: 300, withinMinutes: 60, share: 0.9 });
    assert.ok(plan !== undefined && plan.share >= 0.9);
    const few = planStaff(load, { perDay: 300, withinMinutes: 60, share: 0.5 });
    assert.ok((few?.officers ?? 0) <= plan.officers);
  });

  it('draws a curve for every order', () => {
    const load = loadOf('--days 10');
    const arrivals = arrivalsOf(load);
    const svg = plotOf(new Map(policyNames.map((name) => [name, play(name, load, arrivals)])), 'A & B');
    for (const name of policyNames) assert.match(svg, new RegExp(`>${name}</text>`));
    assert.match(svg, /A &#38; B/);
  });
});

describe('the laws behind it', () => {
  it('draws durations with the mean asked for and a coefficient of variation of 1', () => {
    const draw = drawOf('durations');
    const values = Array.from({ length: 200_000 }, () => draw.duration(12));
    const average = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length;
    assert.ok(Math.abs(average - 12) < 0.2, String(average));
    assert.ok(Math.abs(Math.sqrt(variance) / average - 1) < 0.05);
  });

  it('separates urgent scores from others with the AUC asked for', () => {
    const draw = drawOf('auc');
    const apart = separationOf(0.8);
    const pairs = 100_000;
    let won = 0;
    for (let pair = 0; pair < pairs; pair += 1) if (draw.normal() + apart > draw.normal()) won += 1;
    assert.ok(Math.abs(won / pairs - 0.8) < 0.01, String(won / pairs));
  });

  it('selects the n-th highest as sorting would', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1 }), fc.nat(), (values, n) => {
        const at = n % values.length;
        const sorted = Float64Array.from(values).sort().reverse();
        assert.equal(nthHighest(Float64Array.from(values), at) + 0, (sorted[at] ?? 0) + 0);
      }),
    );
  });
});

describe('the options', () => {
  it('gives every fault at once, and never throws', () => {
    assert.deepEqual(readOptions(['--days', 'x', '--load', '-1', '--foo', '--plot', 'a.png']), {
      kind: 'faults',
      faults: [
        '--days needs a whole number from 1 to 3650.',
        '--load needs a number from 0.01 to 20.',
        '--foo means nothing here. See --help.',
        '--plot needs a file name that ends with .svg.',
      ],
    });
    fc.assert(fc.property(fc.array(fc.string()), (words) => readOptions(words) !== undefined));
  });
});
