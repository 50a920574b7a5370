import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Finding, fuzzOne } from './fuzz-one.ts';
import { plantedFault } from './planted.ts';
import type { Target } from './target.ts';
import { targets } from './targets.ts';
import { watchTarget } from './watch-target.ts';

const seed = Number(process.env.TEST_SEED ?? Date.now() % 1_000_000_000);

async function findingsOf(target: Target, from: number, most: number): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  await fuzzOne({
    target,
    seed: from,
    kept: [],
    about: () => {},
    found: (finding) => found.push(finding),
    goesOn: ({ executions }) => found.length === 0 && executions < most,
  });
  return found;
}

describe('every parser of outside bytes', () => {
  for (const target of targets) {
    test(`${target.name} keeps its word for a hundred and fifty inputs`, async (t) => {
      const found = await findingsOf(target, seed, 150);
      t.diagnostic(`TEST_SEED=${seed}; for longer: npm run fuzz -- --target ${target.name} --seed ${seed}`);
      assert.deepEqual(
        found.map(({ error, input }) => `${error}\n${input.toString('base64').slice(0, 500)}`),
        [],
      );
    });
  }

  test('has a target with words and good inputs of its own', () => {
    assert.ok(targets.length >= 14);
    assert.equal(new Set(targets.map(({ name }) => name)).size, targets.length);
    for (const { seeds, words } of targets) assert.ok(seeds.length > 0 && words.length > 0);
  });
});

describe('the fuzzer', () => {
  const planted: Target = {
    name: 'planted',
    what: 'a fault behind four steps',
    seeds: ['x'],
    words: ['{', '<'],
    mostBytes: 100,
    run: (input) => {
      plantedFault(input);
    },
  };

  test('finds a fault that chance alone would not, because it keeps what reaches new code', async () => {
    const found = await findingsOf(planted, 3, 60_000);
    assert.equal(found.length, 1);
    assert.match(found[0]?.error ?? '', /the planted fault/);
    assert.deepEqual([...(found[0]?.input.subarray(0, 4) ?? [])], [0x7b, 0x00, 0x3c, 0xff]);
  });

  test('counts what it ran in a thread that is watched', async () => {
    const watched = await watchTarget({ target: 'media-type', seed: 1, seconds: 2, kept: [] });
    assert.deepEqual(watched.findings, []);
    assert.ok(watched.executions >= 14, `only ${watched.executions}`);
    assert.ok(watched.corpus.length > 3, `only ${watched.corpus.length}`);
  });
});
