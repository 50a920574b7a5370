import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUrgentDraft } from './urgent-draft.ts';

test('only what its service cannot let wait is urgent', () => {
  assert.equal(isUrgentDraft({}), false);
  assert.equal(isUrgentDraft({ declaredPriority: 2 }), false);
  assert.equal(isUrgentDraft({ declaredPriority: 1 }), true);
  assert.equal(isUrgentDraft({ escalation: 'A child is in danger now.' }), true);
});
