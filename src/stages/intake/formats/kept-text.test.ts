import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { keptName, keptText, mostNameCharacters, shownText } from './kept-text.ts';

test('paths, direction marks and control characters are kept, NUL becomes visible', () => {
  assert.equal(keptText('../../etc/passwd'), '../../etc/passwd');
  assert.equal(keptText('C:\\a\\b.jpg'), 'C:\\a\\b.jpg');
  assert.equal(keptText('a\u202egpj.exe'), 'a\u202egpj.exe');
  assert.equal(keptText('a\u0000b'), 'a\u2400b');
  assert.equal(keptText('a\ud800b'), 'a\ufffdb');
});

test('a name is cut at the documented length', () => {
  assert.equal(keptName('x'.repeat(mostNameCharacters)), 'x'.repeat(mostNameCharacters));
  const long = keptName('x'.repeat(5000));
  assert.equal(Array.from(long).length, mostNameCharacters);
  assert.ok(long.endsWith('\u2026'));
});

test('what is shown holds no control character and no direction mark, whatever came', () => {
  assert.equal(shownText('a\u202egpj.exe\n\u0000\u007f'), 'a\ufffdgpj.exe\u240a\u2400\u2421');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.doesNotMatch(shownText(text), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
});

test('what is kept is well formed and keeping twice changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.ok(keptText(text).isWellFormed());
      assert.equal(keptName(keptName(text)), keptName(text));
    }),
  );
});
