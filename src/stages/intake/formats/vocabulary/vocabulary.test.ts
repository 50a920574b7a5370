import assert from 'node:assert/strict';
import { test } from 'node:test';
import { elementLabels, labelOf } from '#base/vocabulary-labels';
import { aReport } from '../../../../../tests/harness/report-documents.ts';
import { DocumentReader } from '../document-reader.ts';
import { alternatives, compile } from './compiled.ts';
import type { ComplexType } from './model.ts';
import { extended, tables } from './vocabulary.ts';

const now = new Date('2026-11-24T00:00:00Z');
const newer = 'Livestreaming Of A Made-Up Kind';

test('a value added to an enumeration is accepted with a warning, others are still refused', () => {
  const reader = new DocumentReader(extended(tables, { elements: [], values: { incidentType: [newer] } }));
  const parsed = reader.report(aReport({ incidentType: newer }), { now });
  assert.ok(parsed.kind === 'ok');
  assert.deepEqual(
    parsed.warnings.map(({ rule, element }) => [rule, element]),
    [['newer-value', 'report/incidentSummary/incidentType']],
  );
  assert.equal(parsed.value.incidentType, newer);
  assert.equal(reader.report(aReport({ incidentType: 'Something Else' }), { now }).kind, 'defects');
  reader.dispose();
});

test('an extension that names what does not exist is a mistake', () => {
  const child = { name: 'x', type: 'xs:string', occurs: 'optional' } as const;
  assert.throws(
    () => extended(tables, { elements: [{ type: 'nothing', child }], values: {} }),
    /does not exist/,
  );
  assert.throws(
    () => extended(tables, { elements: [{ type: 'person', after: 'x', child }], values: {} }),
    /does not exist/,
  );
  assert.throws(() => extended(tables, { elements: [], values: { nothing: ['x'] } }), /does not exist/);
});

test('every reference in the tables leads somewhere', () => {
  const elementOf = compile(tables);
  for (const name of Object.keys(tables.elements)) assert.equal(elementOf(name).name, name);
});

test('every element and attribute has a label, and every label is of one', () => {
  const used = new Set(Object.keys(tables.elements));
  const gather = (owner: string, type: ComplexType): void => {
    for (const attribute of type.attributes) used.add(attribute.name);
    for (const child of type.children.flatMap(alternatives)) {
      used.add(child.name);
      used.add(`${owner}/${child.name}`);
      if (typeof child.type === 'object') gather(child.name, child.type);
    }
  };
  for (const [owner, type] of Object.entries({ ...tables.complexTypes, ...tables.elements }))
    gather(owner, type);
  const plain = [...used].filter((name) => !name.includes('/'));
  assert.deepEqual(
    plain.filter((name) => labelOf('', name) === name),
    [],
  );
  assert.deepEqual(
    Object.keys(elementLabels).filter((name) => !used.has(name)),
    [],
  );
});
