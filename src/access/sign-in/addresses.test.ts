import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { countedAddress, ownOriginOf, senderAddress } from './addresses.ts';

describe('the address of a sender', () => {
  test('is what a trusted proxy says when that is an address, else the connection\u2019s own', () => {
    const cases: [string, string | undefined, string][] = [
      ['192.0.2.1', '127.0.0.1', '192.0.2.1'],
      [' 192.0.2.1 ', '127.0.0.1', '192.0.2.1'],
      ['::ffff:192.0.2.1', '127.0.0.1', '192.0.2.1'],
      ['fe80::1%eth0', '127.0.0.1', 'fe80::1'],
      ['2001:DB8::1', '127.0.0.1', '2001:DB8::1'],
      ['unknown', '127.0.0.1', '127.0.0.1'],
      ['192.0.2.1:8080', '::1', '::1'],
      ['', undefined, '::'],
    ];
    for (const [claimed, connection, expected] of cases)
      assert.equal(senderAddress(claimed, connection), expected);
  });

  test('is always an address, whatever was sent', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.option(fc.string(), { nil: undefined }),
        (claimed, connection) => {
          assert.notEqual(isIP(senderAddress(claimed, connection)), 0);
        },
      ),
    );
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        assert.notEqual(isIP(senderAddress(address, undefined)), 0);
      }),
    );
  });
});

describe('what failures are counted under', () => {
  test('is the address of IPv4 and the first 64 bits of IPv6, however they are written', () => {
    const cases: [string, string][] = [
      ['192.0.2.1', '192.0.2.1'],
      ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::'],
      ['2001:0DB8:0001:0002::6', '2001:db8:1:2::'],
      ['2001:db8::', '2001:db8:0:0::'],
      ['::1', '0:0:0:0::'],
      ['::', '0:0:0:0::'],
      ['2001:db8::192.0.2.33', '2001:db8:0:0::'],
      ['2001:db8:3:4:5:6:192.0.2.33', '2001:db8:3:4::'],
    ];
    for (const [address, expected] of cases) assert.equal(countedAddress(address), expected, address);
  });

  test('is one for all addresses of a network and another for the next', () => {
    const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
    const four = fc.tuple(group, group, group, group).map((groups) => groups.join(':'));
    fc.assert(
      fc.property(four, four, four, (network, one, other) => {
        assert.equal(countedAddress(`${network}:${one}`), countedAddress(`${network}:${other}`));
        const canonical = new URL(`http://[${network}:${one}]`).hostname.slice(1, -1);
        assert.equal(countedAddress(canonical), countedAddress(`${network}:${one}`), canonical);
      }),
    );
    fc.assert(
      fc.property(four, four, fc.constant('1:2:3:4'), (network, other, rest) => {
        fc.pre(network !== other);
        assert.notEqual(countedAddress(`${network}:${rest}`), countedAddress(`${other}:${rest}`));
      }),
    );
  });
});

describe('the bureau\u2019s own address', () => {
  const here = { publicUrl: undefined, scheme: 'http', listenHost: '127.0.0.1', localAddress: '127.0.0.1' };

  test('is the public one where there is one, whatever the Host header says', () => {
    fc.assert(
      fc.property(fc.string(), (hostHeader) => {
        assert.equal(
          ownOriginOf({ ...here, publicUrl: 'https://bureau.example', hostHeader }),
          'https://bureau.example',
        );
      }),
    );
  });

  test('is else this machine by a name that means it, and nothing else', () => {
    const good: [string, string, string | undefined, string][] = [
      ['localhost:8080', '127.0.0.1', '127.0.0.1', 'http://localhost:8080'],
      ['127.0.0.1:8080', '127.0.0.1', '127.0.0.1', 'http://127.0.0.1:8080'],
      ['[::1]:8080', '::1', '::1', 'http://[::1]:8080'],
      ['bureau.example', 'bureau.example', '192.0.2.7', 'http://bureau.example'],
      ['0.0.0.0:8080', '0.0.0.0', '192.0.2.7', 'http://0.0.0.0:8080'],
      ['192.0.2.7:8080', '0.0.0.0', '192.0.2.7', 'http://192.0.2.7:8080'],
      ['192.0.2.7:8080', '::', '::ffff:192.0.2.7', 'http://192.0.2.7:8080'],
    ];
    for (const [hostHeader, listenHost, localAddress, expected] of good)
      assert.equal(ownOriginOf({ ...here, hostHeader, listenHost, localAddress }), expected, hostHeader);
    const bad = [
      'elsewhere.example',
      'localhost.elsewhere.example',
      '127.0.0.1.elsewhere.example',
      'localhost@elsewhere.example',
      'elsewhere.example/localhost',
      'elsewhere.example#localhost',
      'elsewhere.example\\localhost',
      '192.0.2.8',
      '',
      ':8080',
      undefined,
    ];
    for (const hostHeader of bad)
      assert.equal(
        ownOriginOf({ ...here, hostHeader, listenHost: '0.0.0.0', localAddress: '192.0.2.7' }),
        '',
        hostHeader,
      );
  });

  test('never leads to a host that is not ours', () => {
    const piece = fc.constantFrom(
      'localhost',
      '127.0.0.1',
      'elsewhere.example',
      '@',
      '/',
      '#',
      '?',
      ':',
      '8080',
      '\\',
      '.',
      '[::1]',
      ' ',
      '%00',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('')),
        (hostHeader) => {
          const origin = ownOriginOf({ ...here, hostHeader });
          if (origin === '') return;
          const { hostname } = new URL(origin);
          assert.ok(
            ['localhost', '127.0.0.1', '[::1]'].includes(hostname) || hostname.endsWith('.localhost'),
            origin,
          );
        },
      ),
    );
  });
});
