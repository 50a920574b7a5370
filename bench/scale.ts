import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { CredentialReply } from '#contract/administration';
import { createLog } from '#platform/log';
import { startEmbedded } from '#platform/postgres';
import { basicAuthorization, Connection } from '../demo/send/connection.ts';
import { type Benchmark, environmentFor, type Figure, median, withFolder } from './benchmark.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Reports through the whole pipeline by two servers and two workers, beside one of each, on the same database and the
 * same cores. The two take turns. Beside it the share of the cores that nobody used meanwhile: where one of each leaves
 * none, a second pair has nothing to run on, and the ratio says nothing of several machines.
 */
export const scale: Benchmark = {
  summary: 'two servers and two workers beside one of each, on one database',
  defaults: { clients: 16, rounds: 3, seconds: 10 },
  measure: async ({ clients = 16, rounds = 3, seconds = 10 }, note) =>
    await withFolder(async (folder) => {
      const embedded = await startEmbedded(join(folder, 'database'), createLog('silent', 'bench'));
      try {
        return await takeTurns(folder, embedded.url, { clients, rounds, seconds }, note);
      } finally {
        await embedded.stop();
      }
    }),
};

interface Plan {
  readonly clients: number;
  readonly rounds: number;
  readonly seconds: number;
}

interface Turn {
  readonly rate: number;
  readonly idle: number;
}

async function takeTurns(
  folder: string,
  databaseUrl: string,
  plan: Plan,
  note: (line: string) => void,
): Promise<Figure[]> {
  const turns: Record<1 | 2, Turn[]> = { 1: [], 2: [] };
  for (let round = 1; round <= plan.rounds; round += 1) {
    for (const pairs of [1, 2] as const) {
      const turn = await measurePairs(folder, databaseUrl, pairs, plan);
      turns[pairs].push(turn);
      note(
        `round ${round}, ${pairs} of each: ${turn.rate.toFixed(1)} reports/s, ${(100 * turn.idle).toFixed(0)} % of the cores idle`,
      );
    }
  }
  const middle = (pairs: 1 | 2, of: keyof Turn) => median(turns[pairs].map((turn) => turn[of]));
  const idle = middle(1, 'idle');
  const ratio = median(turns[2].map((turn, round) => turn.rate / (turns[1][round]?.rate ?? Number.NaN)));
  // A whole core has to be left, or the second pair only takes from the first.
  const isFair = idle * cpus().length >= 1;
  return [
    { name: 'one server, one worker', value: middle(1, 'rate'), unit: 'reports a second' },
    { name: 'two servers, two workers', value: middle(2, 'rate'), unit: 'reports a second' },
    { name: 'idle cores with one of each', value: idle * cpus().length, unit: `of ${cpus().length}` },
    {
      name: 'idle cores with two of each',
      value: middle(2, 'idle') * cpus().length,
      unit: `of ${cpus().length}`,
    },
    {
      name: 'two of each / one of each',
      value: ratio,
      unit: isFair ? '' : '(bounded by the cores: one of each leaves none idle)',
      ...(isFair ? { aim: { kind: 'at-least', value: 1.6 } as const } : {}),
    },
  ];
}

async function measurePairs(folder: string, databaseUrl: string, pairs: 1 | 2, plan: Plan): Promise<Turn> {
  const environment = {
    ...environmentFor(join(folder, 'data')),
    DATABASE_URL: databaseUrl,
    FIRSTLIGHT_LOG: 'error',
  };
  const parts = Array.from({ length: pairs }, () => ['server', 'worker'] as const).flat();
  const started = await Promise.all(parts.map(async (part) => await startPart(part, environment)));
  try {
    const urls = started.flatMap(({ url }) => (url === undefined ? [] : [url]));
    const token = (await readFile(join(folder, 'data', 'admin-token'), 'utf8')).trim();
    const administrator = new Connection(urls[0] ?? '', `Bearer ${token}`);
    const service = await administrator.json<CredentialReply>('POST', '/v1/desk/providers', {
      name: `Benchmark Harbour ${Date.now()}`,
      environment: 'sandbox',
    });
    const authorization = basicAuthorization(service.username, service.password);
    const senders = Array.from(
      { length: plan.clients },
      (_, client) => new Connection(urls[client % urls.length] ?? '', authorization, 1),
    );
    await sendFor(senders, 1);
    const before = await coreTimes();
    const startedMs = performance.now();
    const filed = await sendFor(senders, plan.seconds);
    await untilAssessed(administrator);
    const elapsed = (performance.now() - startedMs) / 1000;
    const after = await coreTimes();
    for (const connection of [...senders, administrator]) connection.close();
    return { rate: filed / elapsed, idle: (after.idle - before.idle) / (after.all - before.all) };
  } finally {
    await Promise.all(started.map(async ({ child }) => await stop(child)));
  }
}

/** Every client files one report with one file after the other; gives how many. */
async function sendFor(senders: readonly Connection[], seconds: number): Promise<number> {
  const deadline = performance.now() + seconds * 1000;
  let filed = 0;
  const json = { 'content-type': 'application/json' };
  const body = JSON.stringify({
    profile: 'cybertip',
    synthetic: true,
    incident: { type: 'Child Sex Tourism', occurredAt: '2026-01-01T00:00:00Z' },
    reporter: { email: 'trust@harbour-chat.example' },
    parties: [{ role: 'reported-user', identifiers: [{ kind: 'provider-account', value: 'bench' }] }],
  });
  const file = Buffer.alloc(20_000, 7);
  await Promise.all(
    senders.map(async (sender) => {
      while (performance.now() < deadline) {
        const { reportId } = JSON.parse(
          (await good(sender.send({ method: 'POST', path: '/v1/reports', headers: json, body }))).text,
        ) as {
          reportId: string;
        };
        file.writeUInt32BE(Number(reportId), 0);
        const bytes = { 'content-type': 'application/octet-stream' };
        await good(
          sender.send({ method: 'POST', path: `/v1/reports/${reportId}/files`, headers: bytes, body: file }),
        );
        await good(sender.send({ method: 'POST', path: `/v1/reports/${reportId}/filing` }));
        filed += 1;
      }
    }),
  );
  return filed;
}

async function good(call: ReturnType<Connection['send']>): ReturnType<Connection['send']> {
  const reply = await call;
  if (reply.status >= 300) throw new Error(`a call answered ${reply.status}: ${reply.text.slice(0, 300)}`);
  return reply;
}

async function untilAssessed(administrator: Connection): Promise<void> {
  for (;;) {
    const status = await administrator.json<{ jobs: { waiting: number; running: number } }>(
      'GET',
      '/v1/desk/status?environment=sandbox',
    );
    if (status.jobs.waiting + status.jobs.running === 0) return;
    await sleep(100);
  }
}

/** What all cores together did since the machine started, in ticks (proc_stat(5)). */
async function coreTimes(): Promise<{ idle: number; all: number }> {
  const [first = ''] = (await readFile('/proc/stat', 'utf8')).split('\n');
  const ticks = first.trim().split(/\s+/).slice(1, 9).map(Number);
  const all = ticks.reduce((sum, each) => sum + each, 0);
  return { idle: (ticks[3] ?? 0) + (ticks[4] ?? 0), all };
}

async function startPart(
  part: 'server' | 'worker',
  env: NodeJS.ProcessEnv,
): Promise<{ readonly child: ChildProcess; readonly url: string | undefined }> {
  const child = spawn(process.execPath, ['src/admin.ts', part], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, complaints]: [string[], string[]] = [[], []];
  child.stderr.on('data', (chunk) => complaints.push(String(chunk)));
  return await new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      out.push(String(chunk));
      const said = out.join('');
      const url = /^Firstlight is ready: (\S+)$/m.exec(said)?.[1];
      if (url !== undefined || /worker is ready/.test(said)) resolve({ child, url });
    });
    child.once('exit', () => reject(new Error(`the ${part} ended: ${complaints.join('').slice(-2000)}`)));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}
