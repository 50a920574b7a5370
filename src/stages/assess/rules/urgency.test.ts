import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ReportFacts } from './report-facts.ts';
import { urgencyOf } from './urgency.ts';

const bare: ReportFacts = {
  isEscalated: false,
  isBatched: false,
  incidentType: 'Online Enticement of Children for Sexual Acts',
  annotations: [],
  identifiers: [],
  files: { count: 0, viewedStated: 0, labelled: 0 },
  says: { location: false, whenDescribed: false, context: false },
};

const declared = fc.record(
  { isEscalated: fc.boolean(), declaredPriority: fc.constantFrom<(1 | 2 | 3)[]>(1, 2, 3) },
  { requiredKeys: ['isEscalated'] },
);

/** Everything that is not a declaration: who, where, how much, in whatever words. */
const everythingElse = fc.record({
  isBatched: fc.boolean(),
  incidentType: fc.string(),
  annotations: fc.array(fc.string()),
  identifiers: fc.array(
    fc.record({ role: fc.string(), kind: fc.string(), hasTime: fc.boolean(), hasPort: fc.boolean() }),
  ),
  files: fc.record({ count: fc.nat(), viewedStated: fc.nat(), labelled: fc.nat() }),
  says: fc.record({ location: fc.boolean(), whenDescribed: fc.boolean(), context: fc.boolean() }),
});

const table: readonly [Partial<ReportFacts>, number, readonly string[]][] = [
  [{}, 4, ['nothing-declared']],
  [{ declaredPriority: 3 }, 3, ['declared-priority-3']],
  [{ declaredPriority: 2 }, 2, ['declared-priority-2']],
  [{ declaredPriority: 1 }, 1, ['declared-priority-1']],
  [{ isEscalated: true }, 1, ['escalated-by-service']],
  [{ isEscalated: true, declaredPriority: 3 }, 1, ['escalated-by-service', 'declared-priority-3']],
];

for (const [facts, urgency, codes] of table) {
  test(`${JSON.stringify(facts)} gives urgency ${urgency}`, () => {
    const result = urgencyOf({ ...bare, ...facts });
    assert.equal(result.urgency, urgency);
    assert.deepEqual(
      result.reasons.map((reason) => reason.code),
      codes,
    );
  });
}

test('nobody and nothing named in a report changes its urgency or the reasons', () => {
  fc.assert(
    fc.property(declared, everythingElse, everythingElse, (says, one, other) => {
      assert.deepEqual(urgencyOf({ ...says, ...one }), urgencyOf({ ...says, ...other }));
    }),
  );
});

test('urgency is never lower than declared, and always explained in a sentence', () => {
  fc.assert(
    fc.property(declared, everythingElse, (says, rest) => {
      const { urgency, reasons } = urgencyOf({ ...says, ...rest });
      assert.ok(urgency <= (says.declaredPriority ?? 4));
      assert.ok(!says.isEscalated || urgency === 1);
      assert.ok(reasons.length > 0);
      for (const reason of reasons) assert.match(reason.sentence, /^The service .+\.$/);
    }),
  );
});
