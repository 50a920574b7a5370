import assert from 'node:assert/strict';
import { test } from 'node:test';
import { responseCodes } from '../formats/response-codes.ts';
import { answerTo, type ReportState, reportCalls, stateAfter, stateAt } from './report-state.ts';

const end = new Date('2026-11-24T00:00:00Z');
const before = new Date(end.getTime() - 1);

test('what each call means in each state', () => {
  const expected: Record<ReportState, 'allowed' | number> = {
    open: 'allowed',
    filed: 5102,
    retracted: 5101,
    expired: 5001,
  };
  for (const [state, answer] of Object.entries(expected)) {
    for (const call of reportCalls) {
      const given = answerTo(state as ReportState, call);
      assert.equal(given, answer);
      if (given !== 'allowed') assert.ok(Object.hasOwn(responseCodes, given));
    }
  }
});

test('a call leads to its state, and final states stay', () => {
  assert.deepEqual(reportCalls.map(stateAfter), ['open', 'open', 'filed', 'retracted']);
  for (const state of ['filed', 'retracted', 'expired'] as const)
    assert.equal(stateAt(state, end, end), state);
});

test('an open report ends by itself', () => {
  assert.equal(stateAt('open', end, before), 'open');
  assert.equal(stateAt('open', end, end), 'expired');
  assert.equal(stateAt('open', null, end), 'open');
});
