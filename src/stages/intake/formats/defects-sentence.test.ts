import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Defect } from '#base/defects';
import { defectsSentence } from './defects-sentence.ts';

const defect: Defect = {
  element: 'report/incidentSummary/incidentDateTime',
  line: 4,
  layer: 'rule',
  rule: 'date-in-future',
  message: 'It lies in\n the future. Send when it happened.',
};

test('one line names element, line, rule and layer', () => {
  assert.equal(
    defectsSentence([defect]),
    'report/incidentSummary/incidentDateTime (line 4): It lies in the future. Send when it happened. [rule: date-in-future]',
  );
});

test('ten are named and the rest is counted', () => {
  const sentence = defectsSentence(Array.from({ length: 13 }, () => defect));
  assert.equal(sentence.split('date-in-future').length - 1, 10);
  assert.ok(sentence.endsWith('| and 3 more'));
});
