import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions } from './options.ts';

test('nothing asked for is a day of 400 reports', () => {
  assert.deepEqual(readOptions([]), {
    kind: 'ok',
    options: { reports: 400, fresh: false, exit: false, json: false, seed: 6 },
  });
});

test('all options, with a space or an equals sign', () => {
  const wanted = { kind: 'ok', options: { reports: 50, fresh: true, exit: true, json: true, seed: 7 } };
  assert.deepEqual(readOptions(['--reports', '50', '--fresh', '--exit', '--json', '--seed', '7']), wanted);
  assert.deepEqual(readOptions(['--reports=50', '--seed=7', '--json', '--exit', '--fresh']), wanted);
});

test('every fault is named at once', () => {
  const reading = readOptions(['--reports', '5', '--sed', '--seed']);
  assert.equal(reading.kind, 'faults');
  assert.equal(reading.kind === 'faults' && reading.faults.length, 3);
});

test('help wins', () => {
  assert.equal(readOptions(['--exit', '--help']).kind, 'help');
});
