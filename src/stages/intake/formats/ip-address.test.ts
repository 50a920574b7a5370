import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { isIpAddress } from './ip-address.ts';

test('addresses and what only looks like one', () => {
  for (const good of [
    '203.0.113.7',
    '0.0.0.0',
    '255.255.255.255',
    '::',
    '::1',
    '2001:db8::',
    '2001:DB8:0:0:0:0:0:1',
    '::ffff:198.51.100.7',
    '1:2:3:4:5:6:198.51.100.7',
  ]) {
    assert.ok(isIpAddress(good), good);
  }
  for (const bad of [
    '',
    '203.0.113',
    '203.0.113.256',
    '203.0.113.07',
    '203.0.113.7.',
    '203.0.113.7/24',
    '[::1]',
    '2001:db8::1%eth0',
    '1::2::3',
    ':::',
    '1:2:3:4:5:6:7',
    '2001:db8::3:4:5:6:7:8:9',
    '2001:db8::12345',
    '2001:db8::198.51.100.7:1',
    '1:2:3:4:5:6:7::8:9',
  ]) {
    assert.ok(!isIpAddress(bad), bad);
  }
});

test('agrees with the runtime, zones aside', () => {
  const text = fc.oneof(fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[0-9a-f:.]{0,30}$/));
  fc.assert(
    fc.property(text, (value) => assert.equal(isIpAddress(value), isIP(value) !== 0)),
    { numRuns: 3000 },
  );
});
