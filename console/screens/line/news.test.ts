import assert from 'node:assert/strict';
import test from 'node:test';
import { newsAfter } from './news.ts';

const before = { waiting: 10, urgent: 1, newestFiledAt: '2026-01-01T10:00:00.000Z' };

test('what is added adds up over several ticks', () => {
  const first = { waiting: 12, urgent: 1, newestFiledAt: '2026-01-01T10:01:00.000Z' };
  const second = { waiting: 13, urgent: 2, newestFiledAt: '2026-01-01T10:02:00.000Z' };
  const news = newsAfter(first, second, newsAfter(before, first, undefined));
  assert.deepEqual(news, { added: 3, urgent: 1 });
});

test('reports that leave the line are no news', () => {
  assert.equal(newsAfter(before, { ...before, waiting: 8, urgent: 0 }, undefined), undefined);
});

test('one came as another left: something is new, its number unknown', () => {
  const tick = { ...before, newestFiledAt: '2026-01-01T10:05:00.000Z' };
  assert.deepEqual(newsAfter(before, tick, undefined), { added: 0, urgent: 0 });
});
