import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Lane, Lanes, type Leave } from '#platform/lanes';

const sizes = { ordinary: 2, urgent: 1, waiting: 2, waitMs: 50 };

test('ordinary ones wait in a bounded queue for a bounded time', async () => {
  const lanes = new Lanes(sizes);
  assert.ok(lanes.tryEnter('ordinary') && lanes.tryEnter('ordinary'));
  assert.equal(lanes.tryEnter('ordinary'), undefined);
  const waiting = [lanes.enter('ordinary'), lanes.enter('ordinary')];
  assert.equal(await lanes.enter('ordinary'), undefined, 'the queue is full');
  assert.deepEqual(await Promise.all(waiting), [undefined, undefined], 'it took too long');
  assert.equal(lanes.waitingIn('ordinary'), 0);
});

test('urgent ones have their own room, then any room, and are called first', async () => {
  const lanes = new Lanes({ ...sizes, waitMs: 5000 });
  const first = lanes.tryEnter('ordinary');
  lanes.tryEnter('ordinary');
  const reserved = lanes.tryEnter('urgent');
  assert.ok(first && reserved);
  const order: string[] = [];
  const enter = async (lane: Lane) => {
    const leave = await lanes.enter(lane);
    order.push(lane);
    leave?.();
  };
  const all = [enter('ordinary'), enter('ordinary'), enter('urgent')];
  first();
  await Promise.all(all);
  assert.deepEqual(order, ['urgent', 'ordinary', 'ordinary']);
  reserved();
  reserved();
  assert.equal(lanes.taken, 1, 'giving room back twice gives it back once');
});

test('never more than there is room for, and all room comes back', async () => {
  const steps = fc.array(fc.oneof(fc.constantFrom('ordinary', 'urgent'), fc.nat({ max: 9 })), {
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const lanes = new Lanes({ ordinary: 3, urgent: 2, waiting: 4, waitMs: 10_000 });
      const held: Leave[] = [];
      let open = 0;
      const pending: Promise<void>[] = [];
      for (const step of script) {
        if (typeof step === 'number') {
          const [leave] = held.splice(step % Math.max(1, held.length), 1);
          leave?.();
        } else {
          open += 1;
          pending.push(
            lanes.enter(step as Lane).then((leave) => {
              open -= 1;
              if (leave !== undefined) held.push(leave);
            }),
          );
        }
        await Promise.resolve();
        assert.ok(lanes.taken <= 5);
        assert.ok(lanes.waitingIn('ordinary') <= 4 && lanes.waitingIn('urgent') <= 4);
      }
      while (open > 0 || held.length > 0) {
        held.shift()?.();
        await new Promise(setImmediate);
      }
      await Promise.all(pending);
      assert.equal(lanes.taken, 0);
      assert.equal(lanes.tryEnter('ordinary') !== undefined, true);
    }),
    { numRuns: 100 },
  );
});
