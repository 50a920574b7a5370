import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { completenessOf } from './completeness.ts';
import type { IdentifierFacts, ReportFacts } from './report-facts.ts';

const bare: ReportFacts = {
  isEscalated: false,
  isBatched: false,
  incidentType: 'Online Enticement of Children for Sexual Acts',
  annotations: [],
  identifiers: [],
  files: { count: 0, viewedStated: 0, labelled: 0 },
  says: { location: false, whenDescribed: false, context: false },
};

function identifier(kind: string, more: Partial<IdentifierFacts> = {}): IdentifierFacts {
  return { role: 'reported-user', kind, hasTime: false, hasPort: false, ...more };
}

const full: ReportFacts = {
  ...bare,
  identifiers: [
    identifier('provider-account'),
    identifier('screen-name'),
    identifier('email'),
    identifier('phone'),
    identifier('ip', { hasTime: true, hasPort: true }),
    identifier('device'),
    identifier('address'),
    identifier('screen-name', { role: 'victim' }),
  ],
  files: { count: 2, viewedStated: 2, labelled: 1 },
  says: { location: true, whenDescribed: true, context: true },
};

const anyFacts: fc.Arbitrary<ReportFacts> = fc.record({
  isEscalated: fc.boolean(),
  isBatched: fc.boolean(),
  incidentType: fc.string(),
  annotations: fc.array(fc.string()),
  identifiers: fc.array(
    fc.record({
      role: fc.constantFrom('reported-user', 'victim', 'recipient', 'reporter', 'file', 'incident-detail'),
      kind: fc.constantFrom(
        'email',
        'phone',
        'ip',
        'device',
        'provider-account',
        'screen-name',
        'address',
        'url',
      ),
      hasTime: fc.boolean(),
      hasPort: fc.boolean(),
    }),
  ),
  files: fc.record({ count: fc.nat(20), viewedStated: fc.nat(20), labelled: fc.nat(20) }),
  says: fc.record({ location: fc.boolean(), whenDescribed: fc.boolean(), context: fc.boolean() }),
});

const codesOf = (reasons: readonly { readonly code: string }[]) => reasons.map((reason) => reason.code);

test('a report with every useful fact is complete', () => {
  const result = completenessOf(full);
  assert.equal(result.share, 1);
  assert.deepEqual(result.missing, []);
});

test('an empty report lacks everything, and is not blamed for labels of files that it does not have', () => {
  const result = completenessOf(bare);
  assert.equal(result.share, 0);
  assert.deepEqual(result.present, []);
  assert.ok(codesOf(result.missing).includes('file'));
  assert.ok(!codesOf(result.missing).includes('file-viewed'));
  assert.ok(!codesOf(result.missing).includes('file-labelled'));
});

test('the viewed flag counts only when it was given for every file', () => {
  const half = completenessOf({ ...full, files: { count: 2, viewedStated: 1, labelled: 1 } });
  assert.deepEqual(codesOf(half.missing), ['file-viewed']);
});

test('an address without time or port leaves those two missing', () => {
  const identifiers = [...full.identifiers.filter((one) => one.kind !== 'ip'), identifier('ip')];
  assert.deepEqual(codesOf(completenessOf({ ...full, identifiers }).missing), ['ip-time', 'ip-port']);
});

test('what the service says of its own staff does not count', () => {
  const own = ['email', 'phone', 'ip', 'device'].map((kind) =>
    identifier(kind, { role: 'reporter', hasTime: true, hasPort: true }),
  );
  assert.equal(completenessOf({ ...bare, identifiers: own }).share, 0);
});

test('a batched report is measured by what it may carry', () => {
  const batched = completenessOf({
    ...bare,
    isBatched: true,
    identifiers: [identifier('provider-account')],
    files: { count: 1, viewedStated: 1, labelled: 1 },
  });
  assert.equal(batched.share, 1);
  assert.deepEqual(codesOf(batched.present), ['account', 'file', 'file-viewed', 'file-labelled']);
});

test('present and missing share out the same list, and the share is theirs', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const { share, present, missing } = completenessOf(facts);
      const codes = [...codesOf(present), ...codesOf(missing)];
      assert.equal(new Set(codes).size, codes.length);
      assert.ok(Math.abs(share - present.length / codes.length) <= 0.0005);
      for (const one of present) assert.match(one.sentence, /^Sent: .+\. Why it helps: .+\.$/);
      for (const one of missing) assert.match(one.sentence, /^Not sent: .+\. Why it helps: .+\.$/);
    }),
  );
});

test('sending more never makes a report less complete in what was present', () => {
  fc.assert(
    fc.property(anyFacts, anyFacts, (facts, more) => {
      const before = completenessOf(facts);
      const after = completenessOf({ ...facts, identifiers: [...facts.identifiers, ...more.identifiers] });
      assert.ok(after.share >= before.share);
    }),
  );
});

test('how urgent a report is declared to be does not change how complete it is', () => {
  fc.assert(
    fc.property(anyFacts, fc.constantFrom<(1 | 2 | 3)[]>(1, 2, 3), (facts, declaredPriority) => {
      assert.deepEqual(
        completenessOf({ ...facts, isEscalated: !facts.isEscalated, declaredPriority }),
        completenessOf(facts),
      );
    }),
  );
});
