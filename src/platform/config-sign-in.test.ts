import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ConfigReader } from './config-reader.ts';
import { isProxyList, parseGroupRoles, readSignInConfig } from './config-sign-in.ts';

function read(environment: Readonly<Record<string, string>>) {
  const reader = new ConfigReader(environment);
  const config = readSignInConfig(reader);
  reader.refuseUnknownNames();
  return { config, faults: reader.faults, shown: reader.shown };
}

const agency = {
  FIRSTLIGHT_OIDC_ISSUER: 'https://login.agency.example/realms/staff',
  FIRSTLIGHT_OIDC_CLIENT_ID: 'firstlight',
  FIRSTLIGHT_OIDC_CLIENT_SECRET: 'very-secret',
  FIRSTLIGHT_OIDC_ROLES: 'bureau-triage=triage-officer, cn=lead%2Cou=bureau=supervisor',
};

describe('the settings of signing in', () => {
  test('have defaults that ask for nothing', () => {
    const { config, faults } = read({});
    assert.deepEqual(faults, []);
    assert.equal(config.by, 'auto');
    assert.equal(config.idleMinutes, 30);
    assert.deepEqual(config.trustedProxies, ['loopback']);
    assert.equal(config.oidc, undefined);
  });

  test('describe the agency, and never show its secret', () => {
    const { config, faults, shown } = read(agency);
    assert.deepEqual(faults, []);
    assert.deepEqual(config.oidc?.groupRoles, [
      { group: 'bureau-triage', role: 'triage-officer' },
      { group: 'cn=lead,ou=bureau', role: 'supervisor' },
    ]);
    assert.ok(!JSON.stringify(shown).includes('very-secret'));
  });

  test('name what is missing or wrong, each in a sentence', () => {
    const { FIRSTLIGHT_OIDC_CLIENT_ID: _, ...withoutId } = agency;
    const { FIRSTLIGHT_OIDC_ROLES: __, ...withoutRoles } = agency;
    const cases: [Readonly<Record<string, string>>, RegExp][] = [
      [withoutId, /CLIENT_ID is not set/],
      [withoutRoles, /ROLES is not set/],
      [{ ...agency, FIRSTLIGHT_OIDC_ISSUER: 'http://login.agency.example' }, /ISSUER is .* https/],
      [{ ...agency, FIRSTLIGHT_OIDC_ISSUER: 'https://login.agency.example/?a=b' }, /ISSUER/],
      [{ ...agency, FIRSTLIGHT_OIDC_ROLES: 'bureau-triage' }, /GROUP=ROLE/],
      [{ FIRSTLIGHT_TRUST_PROXY: '0.0.0.0/0' }, /TRUST_PROXY/],
      [{ FIRSTLIGHT_TRUST_PROXY: 'proxy.example' }, /TRUST_PROXY/],
      [{ FIRSTLIGHT_SESSION_IDLE_MINUTES: '0' }, /IDLE_MINUTES/],
      [{ FIRSTLIGHT_SIGN_IN: 'password' }, /FIRSTLIGHT_SIGN_IN/],
    ];
    for (const [environment, form] of cases) {
      const { faults } = read(environment);
      assert.match(faults.join('\n'), form);
    }
  });

  test('take http from this machine only', () => {
    assert.deepEqual(read({ ...agency, FIRSTLIGHT_OIDC_ISSUER: 'http://localhost:9000' }).faults, []);
  });
});

describe('lists of trusted proxies', () => {
  test('take addresses, networks and names of networks', () => {
    for (const good of [
      'loopback',
      'none',
      '192.0.2.1',
      '192.0.2.0/24, loopback',
      '2001:db8::/32',
      'uniquelocal',
    ])
      assert.equal(isProxyList(good), true, good);
    for (const bad of [
      '',
      ',',
      'none,loopback',
      '192.0.2.0/33',
      '192.0.2.0/0',
      '::/0',
      '192.0.2.0/24/8',
      'fe80::1%eth0',
      '*',
      '192.0.2.0/x',
    ])
      assert.equal(isProxyList(bad), false, bad);
  });

  test('never throw, and take no network of everybody', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => assert.equal(typeof isProxyList(text), 'boolean')),
    );
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) =>
        assert.equal(isProxyList(`${address}/0`), false),
      ),
    );
  });
});

describe('roles of groups', () => {
  test('come back as they were written, whatever a group is called', () => {
    const group = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
      .filter((text) => text.trim() === text);
    const pairs = fc.array(
      fc.record({ group, role: fc.constantFrom('auditor', 'triage-officer') }, { noNullPrototype: true }),
      {
        maxLength: 6,
      },
    );
    fc.assert(
      fc.property(pairs, (written) => {
        const text = written.map((pair) => `${encodeURIComponent(pair.group)}=${pair.role}`).join(',');
        assert.deepEqual(parseGroupRoles(text), written);
      }),
    );
  });

  test('never throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const pairs = parseGroupRoles(text);
        assert.ok(pairs === undefined || pairs.every((pair) => pair.group !== '' && pair.role !== ''));
      }),
    );
  });
});
