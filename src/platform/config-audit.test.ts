import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readAuditConfig } from './config-audit.ts';
import { ConfigReader } from './config-reader.ts';

const key = 'witness.example/w1+0123abcd+BA+/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKL=';

function read(environment: Record<string, string>) {
  const reader = new ConfigReader(environment);
  return { config: readAuditConfig(reader), faults: reader.faults };
}

describe('the configuration of the audit log', () => {
  it('needs nothing to be set, and then has no witness', () => {
    assert.deepEqual(read({}), { config: { sealSeconds: 2, witnesses: [], witnessSeconds: 60 }, faults: [] });
  });

  it('takes witnesses by key and address', () => {
    const { config, faults } = read({
      FIRSTLIGHT_WITNESSES: `${key} https://witness.example/submit/, ${key}  http://192.0.2.7:8080`,
    });
    assert.deepEqual(faults, []);
    assert.deepEqual(config.witnesses, [
      { verifierKey: key, url: 'https://witness.example/submit' },
      { verifierKey: key, url: 'http://192.0.2.7:8080' },
    ]);
  });

  it('says what is wrong and what to set instead', () => {
    for (const wrong of [
      key,
      `https://witness.example ${key}`,
      `${key} ftp://witness.example`,
      `${key} https://witness.example,`,
      'x y z',
    ]) {
      const { faults } = read({ FIRSTLIGHT_WITNESSES: wrong });
      assert.equal(faults.length, 1, wrong);
      assert.match(faults[0] ?? '', /Set a verifier key and an address for each witness/);
    }
  });
});
