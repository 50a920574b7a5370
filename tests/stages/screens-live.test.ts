import assert from 'node:assert/strict';
import type { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { type Desk, noon, openDesk } from './desk-build.ts';

let desk: Desk;

before(async () => {
  desk = await openDesk();
});

describe('the live stream', () => {
  const opened: Readable[] = [];
  after(() => {
    for (const stream of opened) stream.destroy();
  });

  async function listen(
    environment: string,
  ): Promise<{ ticks: Record<string, unknown>[]; stream: Readable }> {
    const answer = await desk.answerOf('GET /desk/live', { query: { environment } });
    assert.match(answer.headers?.['content-type'] ?? '', /^text\/event-stream/);
    const stream = answer.body as Readable;
    opened.push(stream);
    const ticks: Record<string, unknown>[] = [];
    stream.setEncoding('utf8').on('data', (text: string) => {
      for (const [, data] of text.matchAll(/event: line\ndata: (.+)\n\n/g)) {
        ticks.push(JSON.parse(data!) as Record<string, unknown>);
      }
    });
    return { ticks, stream };
  }

  async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
    const deadline = Date.now() + 5_000;
    while (!(await condition())) {
      assert.ok(Date.now() < deadline, `in vain: ${what}`);
      await sleep(10);
    }
  }

  async function listeningConnections(): Promise<number> {
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from pg_stat_activity
      where application_name = 'firstlight listen' and datname = current_database()`.execute(desk.db.kysely);
    return rows[0]?.n ?? -1;
  }

  test('tells at once how the line stands, then every change, through one connection for all', async () => {
    await desk.clear();
    await desk.inLine();
    const one = await listen('production');
    const two = await listen('production');
    const sandbox = await listen('sandbox');
    await until(
      () => one.ticks.length > 0 && two.ticks.length > 0 && sandbox.ticks.length > 0,
      'first ticks',
    );
    assert.deepEqual(one.ticks[0], { waiting: 1, urgent: 0, newestFiledAt: '2026-11-24T09:00:00.000Z' });
    assert.deepEqual(sandbox.ticks, [{ waiting: 0, urgent: 0 }]);
    await until(async () => (await listeningConnections()) === 1, 'the listening connection');
    await desk.inLine({ escalation: 'invented', filedAt: noon });
    await until(() => one.ticks.length > 1 && two.ticks.length > 1, 'the change');
    assert.deepEqual(two.ticks.at(-1), { waiting: 2, urgent: 1, newestFiledAt: noon.toISOString() });
    assert.equal(sandbox.ticks.length, 1);

    const before = one.ticks.length;
    const started = Date.now();
    for (let index = 0; index < 30; index += 1) await desk.inLine({ filedAt: noon });
    await until(() => one.ticks.at(-1)?.waiting === 32, 'the last of many changes');
    const seconds = (Date.now() - started) / 1_000;
    assert.ok(one.ticks.length - before <= seconds + 2, `${one.ticks.length - before} ticks in ${seconds} s`);

    for (const { stream } of [one, two, sandbox]) stream.destroy();
    await until(async () => (await listeningConnections()) === 0, 'the end of the listening connection');
  });

  test('comes back when its connection is lost', async () => {
    const { ticks, stream } = await listen('production');
    await until(async () => (await listeningConnections()) === 1, 'the listening connection');
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'firstlight listen' and datname = current_database()`.execute(desk.db.kysely);
    const before = ticks.length;
    await desk.inLine({ environment: 'production' });
    await until(() => ticks.length > before, 'a tick after the connection came back');
    stream.destroy();
    await until(async () => (await listeningConnections()) === 0, 'the end of the listening connection');
  });
});
