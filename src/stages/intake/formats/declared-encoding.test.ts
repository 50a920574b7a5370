import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodingDefects } from './declared-encoding.ts';

const ascii = Buffer.from('<report/>');
const latin = Buffer.from([0x3c, 0xe9, 0x3e]);

test('no type, no charset and UTF-8 are left to the parser', () => {
  for (const type of ['', 'text/xml', 'text/xml; charset=UTF-8', 'text/plain;charset="utf-8"']) {
    assert.deepEqual(encodingDefects(latin, type), []);
  }
});

test('another charset is refused only where it would change the meaning', () => {
  assert.deepEqual(encodingDefects(ascii, 'text/plain; charset=ISO-8859-1'), []);
  assert.equal(encodingDefects(latin, 'text/plain; charset=ISO-8859-1')[0]?.rule, 'encoding');
  assert.equal(encodingDefects(ascii, 'text/xml; charset=UTF-16')[0]?.layer, 'form');
});
