import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { roles } from '#contract/administration';
import { isStrongEnough, rolesOfGroups } from './oidc-settings.ts';

const mapping = [
  { group: 'bureau-triage', role: 'triage-officer' },
  { group: 'bureau-lead', role: 'supervisor' },
  { group: 'bureau-lead', role: 'auditor' },
] as const;

describe('roles by groups', () => {
  test('are those that the mapping gives, once each', () => {
    assert.deepEqual(rolesOfGroups(['bureau-lead', 'bureau-lead', 'other'], mapping), [
      'supervisor',
      'auditor',
    ]);
    assert.deepEqual(
      rolesOfGroups('bureau-triage', mapping),
      ['triage-officer'],
      'one group may come without a list',
    );
    for (const nothing of [
      undefined,
      null,
      [],
      {},
      7,
      ['BUREAU-LEAD'],
      [['bureau-lead']],
      { 0: 'bureau-lead' },
    ])
      assert.deepEqual(rolesOfGroups(nothing, mapping), [], JSON.stringify(nothing));
  });

  test('never go beyond what the mapping gives for groups that were really listed', () => {
    const group = fc.oneof(
      fc.constantFrom('bureau-triage', 'bureau-lead', 'toString', '__proto__'),
      fc.string(),
    );
    const pair = fc.record({ group, role: fc.constantFrom(...roles) });
    fc.assert(
      fc.property(
        fc.array(pair),
        fc.oneof(fc.array(fc.oneof(group, fc.anything())), fc.anything()),
        (pairs, listed) => {
          const given = rolesOfGroups(listed, pairs);
          assert.equal(new Set(given).size, given.length);
          const all: readonly unknown[] = Array.isArray(listed) ? listed : [listed];
          for (const role of given)
            assert.ok(pairs.some((one) => one.role === role && all.includes(one.group)));
        },
      ),
    );
  });
});

test('a proof is strong enough when it is one of those asked for, in every respect that is asked for', () => {
  const asked = { acr: ['phr'], amr: ['hwk', 'swk'] };
  assert.equal(isStrongEnough({ acr: 'phr', amr: ['user', 'hwk'] }, asked), true);
  assert.equal(isStrongEnough({ acr: 'phr', amr: ['pwd'] }, asked), false);
  assert.equal(isStrongEnough({ acr: 'pwd', amr: ['hwk'] }, asked), false);
  assert.equal(
    isStrongEnough({ acr: ['phr'], amr: 'hwk' }, asked),
    false,
    'values of another kind count for nothing',
  );
  assert.equal(isStrongEnough({}, asked), false);
  assert.equal(isStrongEnough({}, { acr: [], amr: [] }), true);
});
