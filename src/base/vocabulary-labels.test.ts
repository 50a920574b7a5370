import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incidentTypeLabels, incidentTypes } from './incident-types.ts';
import { elementLabels, labelOf } from './vocabulary-labels.ts';

test('a label within its owner goes before the general one', () => {
  assert.equal(labelOf('address', 'address'), 'Street');
  assert.equal(labelOf('person', 'address'), 'Address');
  assert.equal(labelOf('newsgroupIncident', 'name'), 'Newsgroup');
});

test('an unknown name is its own label, also one that every object has', () => {
  for (const name of ['freshMark', 'constructor', 'toString', '__proto__'])
    assert.equal(labelOf('report', name), name);
});

test('labels are short and none is blank', () => {
  for (const label of [...Object.values(elementLabels), ...Object.values(incidentTypeLabels)]) {
    assert.ok(label.trim() === label && label.length > 0 && label.length <= 60, label);
  }
  assert.deepEqual(Object.keys(incidentTypeLabels), [...incidentTypes]);
});
