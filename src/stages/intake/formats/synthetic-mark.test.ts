import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hasSyntheticMark, syntheticMark } from './synthetic-mark.ts';

test('the mark counts as a word of its own', () => {
  for (const text of [
    'synthetic:true',
    'Invented. synthetic:true',
    '(synthetic:true)',
    'a\nSYNTHETIC:TRUE\nb',
    'synthetic:true.',
  ]) {
    assert.ok(hasSyntheticMark(text), text);
  }
  for (const text of [
    '',
    'synthetic',
    'synthetic: true',
    'synthetic:truely',
    'nonsynthetic:true',
    'non-synthetic:true',
    'synthetic:false',
    'x:synthetic:true',
  ]) {
    assert.ok(!hasSyntheticMark(text), text);
  }
});

test('words around it do not hide it', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) =>
      assert.ok(hasSyntheticMark(`${a} ${syntheticMark} ${b}`)),
    ),
  );
});
