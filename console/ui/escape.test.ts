import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { codePointName, piecesOf } from './escape.ts';

test('unseen characters stand alone and are named', () => {
  const pieces = piecesOf('a\u202Egpj.exe\u0000');
  assert.deepEqual(
    pieces.map((piece) => (piece.isUnseen ? codePointName(piece.text) : piece.text)),
    ['a', 'U+202E', 'gpj.exe', 'U+0000'],
  );
});

test('characters beyond the basic plane are named whole', () => {
  assert.equal(codePointName(piecesOf('\u{E0041}')[0]?.text ?? ''), 'U+E0041');
});

test('tabs, line feeds and right-to-left letters are text', () => {
  assert.deepEqual(piecesOf('a\tb\nשלום'), [{ text: 'a\tb\nשלום', isUnseen: false }]);
});

test('the pieces together are the text, and no text piece hides anything', () => {
  const text = fc.string({
    unit: fc.oneof(fc.constantFrom('\u202E', '\u200B', '\u0007', 'é', '\u{1F600}'), fc.string()),
  });
  fc.assert(
    fc.property(text, (sent) => {
      const pieces = piecesOf(sent);
      assert.equal(pieces.map((piece) => piece.text).join(''), sent);
      for (const piece of pieces)
        assert.equal(/[\p{Cc}\p{Cf}]/u.test(piece.text.replace(/[\t\n]/g, '')), piece.isUnseen);
    }),
  );
});
