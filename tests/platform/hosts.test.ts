import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readConfig } from '#platform/config';
import { hostsOf, onHost, withHostsInQuery } from '../../src/platform/postgres/hosts.ts';

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
const host = fc.record({ host: name, port: fc.integer({ min: 1, max: 65_535 }) }, { noNullPrototype: true });

test('several hosts are read in order from either form of an address', () => {
  fc.assert(
    fc.property(fc.array(host, { minLength: 2, maxLength: 5 }), name, (hosts, database) => {
      const listed = hosts.map((one) => `${one.host}:${one.port}`).join(',');
      const url = withHostsInQuery(`postgresql://us%40er@${listed}/${database}?sslmode=disable`);
      assert.deepEqual(hostsOf(url), hosts);
      for (const one of hosts) {
        const single = new URL(onHost(url, one));
        assert.equal(single.searchParams.get('host'), one.host);
        assert.equal(single.searchParams.get('port'), String(one.port));
        assert.equal(single.username, 'us%40er');
        assert.equal(single.pathname, `/${database}`);
        assert.deepEqual(hostsOf(single.href), [], 'one host is left to the driver');
      }
    }),
  );
});

test('an address with one host, and what is no address, stays as it is', () => {
  for (const url of [
    'postgresql://user@db.example:5433/firstlight',
    'postgresql://user@localhost/firstlight?host=%2Fvar%2Frun',
    'nonsense',
  ]) {
    assert.deepEqual(hostsOf(withHostsInQuery(url)), [], url);
  }
  assert.equal(withHostsInQuery('postgresql://user@db.example/x'), 'postgresql://user@db.example/x');
});

test('ports that are left out are the usual one; one port serves all', () => {
  assert.deepEqual(
    hostsOf(withHostsInQuery('postgresql://u@one,two:5433/x?target_session_attrs=read-write')),
    [
      { host: 'one', port: 5432 },
      { host: 'two', port: 5433 },
    ],
  );
  assert.deepEqual(hostsOf('postgresql://u@localhost/x?host=/a,/b&port=6000'), [
    { host: '/a', port: 6000 },
    { host: '/b', port: 6000 },
  ]);
});

test('DATABASE_URL takes several hosts', () => {
  const reading = readConfig({ DATABASE_URL: 'postgresql://u@one:5432,two:5433/firstlight' });
  assert.ok(reading.kind === 'ok');
  assert.equal(hostsOf(reading.config.secrets.databaseUrl ?? '').length, 2);
  assert.equal(readConfig({ DATABASE_URL: 'postgresql://one,two' }).kind, 'faults');
});
