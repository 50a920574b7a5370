import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesIn, checksumIn, metadataIn } from './upload-headers.ts';

test('a count of bytes has one spelling', () => {
  fc.assert(fc.property(fc.maxSafeNat(), (count) => bytesIn(String(count)) === count));
  for (const text of [
    undefined,
    '',
    '-1',
    '+1',
    '01',
    '1.0',
    '1e3',
    ' 1',
    '0x10',
    '9'.repeat(17),
    '9007199254740993',
  ]) {
    assert.equal(bytesIn(text), undefined, text);
  }
});

test('a checksum is one known algorithm and one digest of its size', () => {
  fc.assert(
    fc.property(fc.constantFrom('sha1', 'sha256', 'md5'), fc.uint8Array(), (algorithm, data) => {
      const digest = createHash(algorithm).update(data).digest();
      const read = checksumIn(`${algorithm} ${digest.toString('base64')}`);
      assert.deepEqual(read, { algorithm, digest });
    }),
  );
  const sha1 = createHash('sha1').digest('base64');
  for (const text of [
    '',
    'sha1',
    `sha1  ${sha1}`,
    `sha1 ${sha1} `,
    `sha256 ${sha1}`,
    `SHA1 ${sha1}`,
    `crc32 AAAA`,
    'sha1 !',
  ]) {
    assert.equal(checksumIn(text), undefined, text);
  }
});

test('metadata gives the name of the file and is kept as sent', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 500 }), (name) => {
      const header = `filetype ${Buffer.from('image/png').toString('base64')},filename ${Buffer.from(name).toString('base64')},flag`;
      const read = metadataIn(header);
      assert.equal(read?.text, header);
      assert.ok(read?.uploadName !== undefined && !read.uploadName.includes('\0'));
    }),
  );
  for (const text of [
    '',
    'a ,',
    'a b',
    'a YQ==,a YQ==',
    'a YQ== YQ==',
    `a ${'QUFB'.repeat(5000)}`,
    'ä YQ==',
  ]) {
    assert.equal(metadataIn(text), undefined, text);
  }
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void metadataIn(text)));
});
