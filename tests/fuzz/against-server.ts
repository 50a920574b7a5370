import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { basicAuthorization } from '../../demo/send/connection.ts';
import { BureauUnderTrial } from '../trial/bureau-under-trial.ts';
import { Ledger } from '../trial/ledger.ts';
import { Sender } from '../trial/sender.ts';
import { nameOf } from './fuzz-one.ts';
import { type MadeRequest, makeRequest, type RequestParts } from './requests.ts';

export interface ServerOutcome {
  readonly requests: number;
  /** Status, or `none` where the connection closed without one, to how often. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Resident memory of the server over time, a handful of samples. */
  readonly memoryMegabytes: readonly number[];
  /** The longest time that a look at `/health/live` took. */
  readonly longestStallMs: number;
  readonly findings: readonly string[];
}

const lanes = 6;
const silenceMs = 30_000;
const brokenMs = 1_000;
/** A request may be heavy, but nobody else may wait longer for it. Chosen: five times what the largest document takes. */
const longestStallMs = 5_000;
/** Resident memory goes up until the first large documents were read; after that it has to stay. */
const growthMegabytes = 150;

interface Run {
  readonly url: URL;
  readonly parts: RequestParts;
  readonly folder: string;
  readonly seed: number;
  readonly statuses: Record<string, number>;
  readonly findings: string[];
  readonly seen: Set<string>;
  requests: number;
}

/** Sends requests of all kinds to a bureau of its own: it must answer without a fault, stay up, and stay small. */
export async function serverTarget(options: {
  readonly seed: number;
  readonly seconds: number;
  /** Where requests that found something are kept. */
  readonly folder: string;
}): Promise<ServerOutcome> {
  await mkdir(options.folder, { recursive: true });
  const data = await mkdtemp(join(tmpdir(), 'firstlight-fuzz-server-'));
  const bureau = new BureauUnderTrial(join(data, 'data'), { FIRSTLIGHT_LOG: 'error' });
  try {
    await bureau.start();
    return await fuzzBureau(bureau, options);
  } finally {
    await bureau.stop();
    await rm(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

async function fuzzBureau(
  bureau: BureauUnderTrial,
  { seed, seconds, folder }: { readonly seed: number; readonly seconds: number; readonly folder: string },
): Promise<ServerOutcome> {
  const parts = await partsOf(bureau);
  const run: Run = {
    url: new URL(bureau.url),
    parts,
    folder,
    seed,
    statuses: {},
    findings: [],
    seen: new Set(),
    requests: 0,
  };
  const before = await bureau.processes();
  const server = before.find(({ command }) => command.includes('src/server.ts'))?.pid ?? 0;
  const deadline = performance.now() + seconds * 1000;
  const samples: number[] = [];
  let stall = 0;
  const watch = async () => {
    while (performance.now() < deadline) {
      const startedMs = performance.now();
      await fetch(`${bureau.url}/health/live`, { signal: AbortSignal.timeout(silenceMs) }).catch(
        () => undefined,
      );
      stall = Math.max(stall, performance.now() - startedMs);
      samples.push(await residentMegabytes(server));
      await sleep(500);
    }
  };
  const send = async () => {
    while (performance.now() < deadline) await sendOne(run, makeRequest(seed, run.requests++, parts));
  };
  await Promise.all([watch(), ...Array.from({ length: lanes }, send)]);
  const after = await bureau.processes();
  if (!after.some(({ pid }) => pid === server)) run.findings.push('the server ended and was started again');
  if (stall > longestStallMs) run.findings.push(`a look at /health/live took ${Math.round(stall)} ms`);
  const settled = samples.slice(Math.floor(samples.length / 3));
  const growth = (settled.at(-1) ?? 0) - (settled[0] ?? 0);
  if (growth > growthMegabytes) run.findings.push(`the server grew by ${growth} MB after it had settled`);
  const memoryMegabytes = [0, 0.25, 0.5, 0.75, 1].map(
    (share) => samples[Math.floor(share * (samples.length - 1))] ?? 0,
  );
  const { requests, statuses, findings } = run;
  return { requests, statuses, memoryMegabytes, longestStallMs: Math.round(stall), findings };
}

async function partsOf(bureau: BureauUnderTrial): Promise<RequestParts> {
  const ledger = new Ledger();
  const token = `Bearer ${await bureau.adminToken()}`;
  const machine = new Sender(() => bureau.url, token, ledger, 1);
  const json = { 'content-type': 'application/json' };
  const authorizations = [token];
  for (const environment of ['production', 'sandbox']) {
    const body = JSON.stringify({ name: 'Harbour Chat', environment });
    const reply = await machine.call({ method: 'POST', path: '/v1/desk/providers', headers: json, body });
    const { username, password } = JSON.parse(reply.text) as { username: string; password: string };
    const pair = basicAuthorization(username, password);
    authorizations.push(pair, pair, pair);
  }
  const description = JSON.parse((await machine.call({ method: 'GET', path: '/v1/openapi.json' })).text) as {
    paths: Record<string, Record<string, unknown>>;
  };
  machine.close();
  const described = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(
      (method) => `${method.toUpperCase()} ${path.startsWith('/v1') ? path : `/v1${path}`}`,
    ),
  );
  const ispws = [
    'GET status',
    'GET xsd',
    'POST submit',
    'POST upload',
    'POST fileinfo',
    'POST finish',
    'POST retract',
  ];
  const rest = [
    'GET /health/live',
    'GET /health/ready',
    'GET /',
    'GET /v1/docs',
    'GET /{path}',
    'GET /v1/keys',
  ];
  const routes = [...described, ...ispws.map((call) => call.replace(' ', ' /ispws/')), ...rest];
  return {
    routes,
    authorizations,
    ids: ['1000001', '1000002', '1000003', 'b0754af766b426f2928a02c651ed4b99'],
  };
}

async function sendOne(run: Run, made: MadeRequest): Promise<void> {
  const answer = await exchange(run.url, made);
  const status = /HTTP\/1\.1 ([2-5]\d\d)/.exec(answer)?.[1] ?? 'none';
  run.statuses[status] = (run.statuses[status] ?? 0) + 1;
  const isFault = (status.startsWith('5') && status !== '503') || (status === 'none' && made.isWhole);
  const shape = `${made.route} ${status}`;
  if (!isFault || run.seen.has(shape)) return;
  run.seen.add(shape);
  const path = join(run.folder, `request-${nameOf(made.wire)}`);
  await writeFile(path, made.wire);
  run.findings.push(`${shape}: ${path}`);
}

/** The beginning of the answer; empty when the connection closed or nothing came. */
async function exchange(url: URL, { wire, isWhole }: MadeRequest): Promise<string> {
  return await new Promise((resolve) => {
    const socket = connect(Number(url.port), url.hostname);
    let answer = '';
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    // What is broken may leave the server waiting for the rest, which is its right.
    const timer = setTimeout(end, isWhole ? silenceMs : brokenMs);
    socket.on('error', end);
    socket.on('close', end);
    socket.on('data', (chunk: Buffer) => {
      if (answer.length < 1_000) answer += chunk.toString('latin1', 0, 1_000);
      // A stream of events never ends by itself.
      if (answer.includes('text/event-stream')) end();
    });
    // Not ended: a server takes the end of what is sent for the end of interest in the answer.
    socket.write(wire);
  });
}

async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1000);
}
