import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { provideConsole } from '../harness/console.ts';
import { closeAtEnd } from '../harness/database.ts';
import { firstlight, startProcess } from '../harness/process.ts';
import { descendantsOf } from '../harness/process-list.ts';
import { type Pair, startPair } from '../harness/standby.ts';

interface Credential {
  readonly username: string;
  readonly password: string;
}

/** Sends reports, each with one file, trying again until it is answered; gives those that were acknowledged. */
async function send(url: string, credential: Credential, wanted: () => boolean, acknowledged: string[]) {
  const pair = Buffer.from(`${credential.username}:${credential.password}`).toString('base64');
  const call = async (name: string, body: string | FormData, type?: string): Promise<string> => {
    for (let attempt = 0; attempt < 600; attempt += 1) {
      const reply = await fetch(`${url}/ispws/${name}`, {
        method: 'POST',
        headers: { authorization: `Basic ${pair}`, ...(type === undefined ? {} : { 'content-type': type }) },
        body,
        signal: AbortSignal.timeout(30_000),
      }).catch(() => undefined);
      if (reply?.status === 200) return await reply.text();
      if (reply !== undefined && reply.status < 500 && reply.status !== 429)
        throw new Error(`${name}: ${reply.status} ${await reply.text()}`);
      await sleep(100);
    }
    throw new Error(`${name} was never answered`);
  };
  const xml =
    '<report><incidentSummary><incidentType>Child Sex Tourism</incidentType>' +
    '<incidentDateTime>2026-01-01T00:00:00Z</incidentDateTime></incidentSummary><reporter><reportingPerson>' +
    '<email>desk@harbour-chat.example</email></reportingPerson></reporter></report>';
  while (wanted()) {
    const id = /<reportId>(\d+)</.exec(await call('submit', xml, 'text/xml; charset=utf-8'))?.[1] ?? '';
    const form = new FormData();
    form.set('id', id);
    form.set('file', new Blob([randomBytes(20_000)]), 'picture.bin');
    await call('upload', form);
    // Filed by this call, or by an earlier one whose answer was lost.
    assert.match(
      await call('finish', `id=${id}`, 'application/x-www-form-urlencoded'),
      /<responseCode>(0|5102)</,
    );
    acknowledged.push(id);
  }
}

async function untilQuiet(pair: Pair, reports: number): Promise<void> {
  for (let attempt = 0; attempt < 240; attempt += 1) {
    const [row] = await askBureau<{ entries: string }>(
      pair,
      'select count(*) as entries from assess.line_entry',
    );
    if (Number(row?.entries) >= reports) return;
    await sleep(250);
  }
}

/** On the promoted standby. */
async function askBureau<T extends object>(pair: Pair, sql: string): Promise<readonly T[]> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: pair.standby.url.replace('/postgres?', '/firstlight?') });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('a database with a standby', () => {
  test('fails over under load: nothing acknowledged is lost, no work is done twice, nobody restarts anything', async () => {
    const pair = await startPair();
    const folder = await mkdtemp(join(tmpdir(), 'firstlight-failover-'));
    closeAtEnd(async () => await rm(folder, { recursive: true, force: true }));
    const data = join(folder, 'data');
    await provideConsole(data);
    const bureau = await startProcess({
      FIRSTLIGHT_DATA: data,
      PORT: '0',
      FIRSTLIGHT_LOG: 'silent',
      DATABASE_URL: pair.url,
    });
    const parts = async () =>
      (await descendantsOf(bureau.pid))
        .filter((one) => /server\.ts|worker\.ts/.test(one.command))
        .map(({ pid }) => pid);
    const before = await parts();
    assert.equal(before.length, 2);
    const credential = (await firstlight(data, 'provider', 'add', 'Harbour Chat')) as Credential;

    const acknowledged: string[] = [];
    let isWanted = true;
    const senders = Promise.all(
      Array.from({ length: 3 }, async () => await send(bureau.url, credential, () => isWanted, acknowledged)),
    );
    while (acknowledged.length < 10) await sleep(50);
    await pair.primary.kill();
    const atKill = acknowledged.length;
    await sleep(1_000);
    await pair.promote();
    const promotedAt = performance.now();
    while (acknowledged.length < atKill + 10) {
      assert.ok(performance.now() - promotedAt < 60_000, 'the bureau never found the new primary');
      await sleep(50);
    }
    isWanted = false;
    await senders;

    await untilQuiet(pair, acknowledged.length);
    const rows = await askBureau<{
      id: string;
      state: string;
      files: string;
      entries: string;
      received: string;
    }>(
      pair,
      `select report.id, report.state,
         (select count(*) from intake.report_file where report_id = report.id) as files,
         (select count(*) from assess.line_entry where report_id = report.id) as entries,
         (select count(*) from vault.custody where report_id = report.id and act = 'received') as received
       from intake.report`,
    );
    const byId = new Map(rows.map((row) => [row.id, row]));
    for (const id of acknowledged) {
      const { state, files, entries, received } = byId.get(id) ?? {};
      assert.deepEqual([state, entries], ['filed', '1'], `report ${id}`);
      // An upload whose answer was lost may have been sent again: then it is a second file, with its own custody.
      assert.ok(
        Number(files) >= 1 && received === files,
        `report ${id} has ${files} files, ${received} received`,
      );
    }
    assert.deepEqual(
      (await parts()).sort(),
      [...before].sort(),
      'server and worker are the ones that were started',
    );
    const verified = (await firstlight(data, 'verify')) as { checked: number; damaged: unknown[] };
    assert.deepEqual(verified.damaged, []);
    assert.ok(verified.checked >= acknowledged.length);
    const attention = (await firstlight(data, 'attention', 'list')) as { items: unknown[] };
    assert.deepEqual(attention.items, []);
    bureau.signal('SIGINT');
    assert.equal(await bureau.exited, 0);
  });
});
