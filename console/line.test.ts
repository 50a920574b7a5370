import assert from 'node:assert/strict';
import test from 'node:test';
import { QueryClient } from '@tanstack/react-query';
import type { LineEntry, LineReply } from '#contract/desk';
import { entriesOf, nextWaiting, parseLineSearch, patchLine } from './line.ts';

function entry(reportId: string, state: LineEntry['state']): LineEntry {
  return {
    reportId,
    reference: `FL-${reportId}`,
    provider: { id: 'p', name: 'Larkbox', environment: 'sandbox' },
    urgency: 4,
    urgencyReasons: [],
    completeness: 0.5,
    incidentType: 'Online Enticement of Children for Sexual Acts',
    incidentAt: '2026-01-01T10:00:00.000Z',
    filedAt: '2026-01-01T11:00:00.000Z',
    incidents: 1,
    files: 0,
    state,
    isSynthetic: true,
  };
}

function clientWith(...pages: LineEntry[][]): QueryClient {
  const client = new QueryClient();
  const counts: LineReply['counts'] = { waiting: 5, taken: 2, decided: 1 };
  client.setQueryData(['line', {}], {
    pages: pages.map((items) => ({ items, counts, asOf: '2026-01-01T12:00:00.000Z' })),
    pageParams: pages.map(() => undefined),
  });
  return client;
}

const dataOf = (client: QueryClient) => client.getQueryData<Parameters<typeof entriesOf>[0]>(['line', {}]);

test('filters keep what is known and leave defaults out of the address', () => {
  assert.deepEqual(
    parseLineSearch({ state: 'waiting', environment: 'production', order: 'urgent', q: ' ' }),
    {},
  );
  assert.deepEqual(parseLineSearch({ state: 'all', urgency: 2, order: 'sideways', q: '1000014' }), {
    state: 'all',
    urgency: '2',
    q: '1000014',
  });
});

test('a deed changes its row where it stands, and the counts', () => {
  const client = clientWith([entry('1', 'waiting'), entry('2', 'taken')], [entry('3', 'waiting')]);
  patchLine(client, { reportId: '3', state: 'decided', decision: 'refer' });
  const after = dataOf(client);
  assert.deepEqual(
    entriesOf(after).map((row) => [row.reportId, row.state]),
    [
      ['1', 'waiting'],
      ['2', 'taken'],
      ['3', 'decided'],
    ],
  );
  assert.deepEqual(after?.pages[0]?.counts, { waiting: 4, taken: 2, decided: 2 });
});

test('the next report is the next that waits, from the top again at the end', () => {
  const client = clientWith([
    entry('1', 'waiting'),
    entry('2', 'decided'),
    entry('3', 'taken'),
    entry('4', 'waiting'),
  ]);
  assert.equal(nextWaiting(client, {}, '2')?.reportId, '4');
  assert.equal(nextWaiting(client, {}, '4')?.reportId, '1');
  assert.equal(nextWaiting(client, { state: 'all' }, '1'), undefined);
});

test('a report that moved between two pages stands once', () => {
  assert.equal(entriesOf(dataOf(clientWith([entry('1', 'waiting')], [entry('1', 'waiting')]))).length, 1);
});
