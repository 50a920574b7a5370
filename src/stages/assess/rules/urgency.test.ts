import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import fc from 'fast-check';
import { rankOf } from './look-order.ts';
import { urgencyOf } from './urgency.ts';
import { factCodes, type UrgencyFacts } from './urgency-facts.ts';
import { readRules, urgencyRules } from './urgency-rules.ts';

const asOf = Date.UTC(2026, 10, 24, 12);
const dayMs = 24 * 60 * 60 * 1000;

const bare: UrgencyFacts = {
  isEscalated: false,
  isBatched: false,
  incidentType: 'Child Pornography (possession, manufacture, and distribution)',
  annotations: [],
  fileAnnotations: [],
  classifications: [],
  childAges: [],
  hasCounterpart: false,
  repeats: { reports: 0, isByOtherService: false },
  newFiles: 0,
  texts: [],
  isTextCut: false,
};

const says = (text: string): Partial<UrgencyFacts> => ({ texts: [{ where: 'additionalInfo', text }] });
const enticement = 'Online Enticement of Children for Sexual Acts';
const rank = (facts: Partial<UrgencyFacts>): number => rankOf(urgencyOf({ ...bare, ...facts }, asOf));

const table: readonly [string, Partial<UrgencyFacts>, number, readonly string[]][] = [
  ['nothing', {}, 4, ['nothing-found']],
  ['priority 3', { declaredPriority: 3 }, 3, ['declared-priority-3']],
  ['priority 2', { declaredPriority: 2 }, 2, ['declared-priority-2']],
  ['priority 1', { declaredPriority: 1 }, 1, ['declared-priority-1']],
  ['escalated', { isEscalated: true }, 1, ['escalated-by-service']],
  [
    'escalated with priority 3',
    { isEscalated: true, declaredPriority: 3 },
    1,
    ['escalated-by-service', 'declared-priority-3'],
  ],
  ['a meeting', says('They want to meet tomorrow.'), 1, ['said-meeting']],
  ['a meeting of the past', says('Years ago they wanted to meet at the weekend.'), 4, ['said-in-past']],
  ['sextortion', { annotations: ['sextortion'] }, 2, ['sextortion']],
  ['sadistic exploitation', { annotations: ['sadisticOnlineExploitation'] }, 1, ['sadistic-exploitation']],
  ['a live stream', { fileAnnotations: ['liveStreaming'] }, 2, ['live-stream-label']],
  [
    'enticement with the other side',
    { incidentType: enticement, hasCounterpart: true, childAges: [14] },
    3,
    ['enticement-with-contact', 'child-13-to-17', 'enticement'],
  ],
  [
    'a child under 13 in contact',
    { hasCounterpart: true, childAges: [11] },
    2,
    ['young-child-in-contact', 'child-under-13'],
  ],
  ['an adult', { childAges: [30] }, 4, ['nothing-found']],
  ['viral', { fileAnnotations: ['viral'], isBatched: true }, 4, ['nothing-found', 'seen-often']],
  ['known before', { repeats: { reports: 2, isByOtherService: false } }, 3, ['repeat-subject']],
  [
    'known to another service',
    { repeats: { reports: 2, isByOtherService: true } },
    3,
    ['repeat-subject-other-service', 'repeat-subject'],
  ],
  ['long until deletion', { newestAddressUse: asOf - dayMs }, 4, ['nothing-found']],
  ['deleted in ten days', { newestAddressUse: asOf - 80 * dayMs }, 3, ['data-expires-soon']],
  [
    'deleted in two days',
    { newestAddressUse: asOf - 88 * dayMs },
    3,
    ['data-expires-at-once', 'data-expires-soon'],
  ],
  ['deleted', { newestAddressUse: asOf - 91 * dayMs }, 4, ['nothing-found']],
];

for (const [name, facts, urgency, codes] of table) {
  test(`${name} gives class ${urgency}`, () => {
    const result = urgencyOf({ ...bare, ...facts }, asOf);
    assert.deepEqual(
      result.reasons.map((reason) => reason.code),
      codes,
    );
    assert.equal(result.urgency, urgency);
    for (const { sentence } of result.reasons) assert.match(sentence, /^[A-Z].+\.$/s);
  });
}

const anyFacts: fc.Arbitrary<UrgencyFacts> = fc
  .record({
    isEscalated: fc.boolean(),
    declaredPriority: fc.constantFrom<(1 | 2 | 3 | undefined)[]>(undefined, 1, 2, 3),
    isBatched: fc.boolean(),
    incidentType: fc.constantFrom(
      bare.incidentType,
      enticement,
      'Child Sexual Molestation',
      'Child Sex Tourism',
    ),
    annotations: fc.subarray([
      'sextortion',
      'sadisticOnlineExploitation',
      'csamSolicitation',
      'spam',
      'constructor',
    ]),
    fileAnnotations: fc.subarray([
      'viral',
      'infant',
      'liveStreaming',
      'possibleSelfProduction',
      'generativeAi',
    ]),
    classifications: fc.subarray(['A1', 'A2', 'B1', 'B2']),
    childAges: fc.array(fc.nat(40), { maxLength: 3 }),
    hasCounterpart: fc.boolean(),
    repeats: fc.record({ reports: fc.nat(3), isByOtherService: fc.boolean() }),
    newFiles: fc.nat(2),
    newestAddressUse: fc.option(fc.integer({ min: asOf - 120 * dayMs, max: asOf }), { nil: undefined }),
    texts: fc.array(
      fc.record({
        where: fc.constant('content'),
        text: fc.constantFrom('A child is in danger.', 'Nothing more.', 'Er droht, Bilder zu zeigen.'),
      }),
      { maxLength: 2 },
    ),
    isTextCut: fc.boolean(),
  })
  .map(({ declaredPriority, newestAddressUse, ...rest }) => ({
    ...rest,
    ...(declaredPriority !== undefined && { declaredPriority }),
    ...(newestAddressUse !== undefined && { newestAddressUse }),
  }));

describe('urgency', () => {
  it('gives the same rank for the same facts, rules and date, in whatever order the facts come', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const turned: UrgencyFacts = {
          ...facts,
          annotations: facts.annotations.toReversed(),
          fileAnnotations: facts.fileAnnotations.toReversed(),
          classifications: facts.classifications.toReversed(),
          childAges: facts.childAges.toReversed(),
          texts: facts.texts.toReversed(),
        };
        const [one, other] = [urgencyOf(facts, asOf), urgencyOf(structuredClone(turned), asOf)];
        assert.deepEqual([one.urgency, one.score], [other.urgency, other.score]);
        assert.ok(one.score >= 0 && one.score < 1);
        assert.ok(one.reasons.length > 0);
      }),
    );
  });

  it('is never lowered by a further fact, and never lower than declared', () => {
    fc.assert(
      fc.property(anyFacts, anyFacts, (facts, more) => {
        const both: UrgencyFacts = {
          ...facts,
          annotations: [...new Set([...facts.annotations, ...more.annotations])],
          fileAnnotations: [...new Set([...facts.fileAnnotations, ...more.fileAnnotations])],
          classifications: [...new Set([...facts.classifications, ...more.classifications])],
          texts: [...facts.texts, ...more.texts],
          hasCounterpart: facts.hasCounterpart || more.hasCounterpart,
          isBatched: facts.isBatched || more.isBatched,
        };
        assert.ok(rankOf(urgencyOf(both, asOf)) >= rankOf(urgencyOf(facts, asOf)));
        assert.ok(urgencyOf(facts, asOf).urgency <= (facts.declaredPriority ?? 4));
      }),
    );
  });

  it('puts a declared priority 3 behind every undeclared report that a rule of its class or above speaks for', () => {
    fc.assert(
      fc.property(anyFacts, ({ declaredPriority: _, ...facts }) => {
        const { urgency } = urgencyOf(facts, asOf);
        fc.pre(urgency <= 3);
        assert.ok(rankOf(urgencyOf(facts, asOf)) > rank({ declaredPriority: 3 }));
      }),
    );
  });

  it('ends each look ahead at the moment when the facts look different', () => {
    const facts = { ...bare, newestAddressUse: asOf - 10 * dayMs };
    let at = asOf;
    const seen: number[] = [];
    for (
      let next = urgencyOf(facts, at).reassessAt;
      next !== undefined;
      next = urgencyOf(facts, at).reassessAt
    ) {
      const { reasons } = urgencyOf(facts, next - 1);
      assert.deepEqual(reasons, urgencyOf(facts, at).reasons);
      assert.notDeepEqual(reasons, urgencyOf(facts, next).reasons);
      seen.push((next - asOf) / dayMs);
      at = next;
    }
    assert.deepEqual(seen, [66, 77, 80]);
  });

  it('says where each fact was seen', () => {
    const { reasons } = urgencyOf(
      { ...bare, ...says('A child is in danger.'), annotations: ['sextortion'] },
      asOf,
    );
    assert.deepEqual(
      reasons.map(({ code, evidence }) => [code, evidence]),
      [
        ['said-imminent-harm', [{ kind: 'text', where: 'additionalInfo', quote: 'A child is in danger.' }]],
        ['sextortion', [{ kind: 'annotation', where: 'sextortion' }]],
      ],
    );
  });

  it('gives the same rank to the same thing said in any language of the list', () => {
    const ranks = [
      'A child is in danger.',
      'Ein Kind ist in Gefahr.',
      'Un enfant est en danger.',
      'Un niño está en peligro.',
    ].map((text) => rank(says(text)));
    assert.equal(new Set(ranks).size, 1);
  });
});

describe('a rule file', () => {
  const file = (change: (draft: Record<string, unknown>) => void): unknown => {
    const draft = structuredClone(urgencyRules) as unknown as Record<string, unknown>;
    change(draft);
    return draft;
  };

  it('is taken as shipped, and every fact has a rule', () => {
    assert.equal(readRules(urgencyRules).kind, 'ok');
    const used = new Set(urgencyRules.rules.flatMap((rule) => rule.when));
    assert.deepEqual(
      factCodes.filter((code) => !used.has(code)),
      [],
    );
  });

  for (const [name, change, place] of [
    ['a fact that there is not', { when: ['said-nothing'] }, 'rules[1].when'],
    ['a class that there is not', { class: 5 }, 'rules[1].class'],
    ['points below 0', { points: -0.1 }, 'rules[1].points'],
    ['a code twice', { code: 'escalated-by-service' }, 'rules[1].code'],
    ['no sentence', { sentence: '' }, 'rules[1].sentence'],
  ] as const) {
    it(`is refused for ${name}, with the place`, () => {
      const reading = readRules(
        file((draft) => {
          const rules = [...(draft.rules as Record<string, unknown>[])];
          rules[1] = { ...rules[1], ...change };
          draft.rules = rules;
        }),
      );
      assert.ok(reading.kind === 'defects');
      assert.deepEqual([...new Set(reading.defects.map((one) => one.place))], [place]);
    });
  }

  it('never throws, whatever it is given', () => {
    fc.assert(fc.property(fc.anything(), (value) => void readRules(value)));
  });
});
