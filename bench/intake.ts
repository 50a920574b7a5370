import { join } from 'node:path';
import pg from 'pg';
import sharp from 'sharp';
import type { CredentialReply } from '#contract/administration';
import { type ChildBureau, startBureau } from '../demo/bureau.ts';
import { randomOf } from '../demo/day/random.ts';
import { readJson } from '../demo/folder.ts';
import { basicAuthorization, Connection, multipart } from '../demo/send/connection.ts';
import { textOf } from '../demo/send/xml.ts';
import { type Benchmark, environmentFor, type Figure, median, withFolder } from './benchmark.ts';
import { peakMemoryMb, processBelow } from './processes.ts';

/**
 * Full cycles of the XML protocol (submit, upload of a 200 kB picture, fileinfo, finish) by several clients at once,
 * beside durable single-row commits on the same database by as many clients. The two take turns. A cycle makes four
 * answers durable, so four times its rate is compared.
 */
export const intake: Benchmark = {
  summary: 'full intake cycles beside durable single-row commits on the same database',
  defaults: { clients: 8, rounds: 5, seconds: 5 },
  measure: async ({ clients = 8, rounds = 5, seconds = 5 }, note) =>
    await withFolder(async (folder) => {
      const bureau = await startBureau(folder, environmentFor(folder));
      try {
        return await measureBureau(bureau, folder, { clients, rounds, seconds }, note);
      } finally {
        await bureau.stop();
      }
    }),
};

interface Plan {
  readonly clients: number;
  readonly rounds: number;
  readonly seconds: number;
}

async function measureBureau(
  bureau: ChildBureau,
  folder: string,
  plan: Plan,
  note: (line: string) => void,
): Promise<Figure[]> {
  const address = await readJson<{ databaseUrl: string; pid: number }>(join(folder, 'bureau.json'));
  if (address === undefined) throw new Error('the bureau left no bureau.json');
  const server = await processBelow(address.pid, 'server.ts');
  const senders = await openSenders(bureau, plan.clients);
  const committers = await openCommitters(address.databaseUrl, plan.clients);
  try {
    const turns = await takeTurns(senders, committers, plan, note);
    const figures = figuresOf(turns, plan);
    if (server === undefined) return figures;
    const memory = await peakMemoryMb(server);
    const aim = { kind: 'below', value: 300 } as const;
    return [...figures, { name: 'memory of the server, peak', value: memory, unit: 'MB', aim }];
  } finally {
    for (const sender of senders) sender.close();
    await committers[0]?.query('drop schema bench cascade');
    await Promise.all(committers.map(async (client) => await client.end()));
  }
}

interface Turns {
  readonly commits: number[];
  readonly cycles: number[];
  /** Commits for each time that the log was forced to disk; more than there are clients would mean: not durable. */
  readonly commitsPerSync: number[];
}

async function takeTurns(
  senders: readonly Connection[],
  committers: readonly pg.Client[],
  plan: Plan,
  note: (line: string) => void,
): Promise<Turns> {
  const picture = await pictureOf200kB();
  let serial = 0;
  const cycle = async (client: number) => await sendCycle(senders[client], picture, ++serial);
  const commit = async (client: number) => {
    const committer = committers[client];
    if (committer === undefined) throw new Error('a client has no connection');
    await committer.query('insert into bench.row_of_commit (client) values ($1)', [client]);
  };
  await rateOf(plan.clients, 1, cycle);
  await rateOf(plan.clients, 1, commit);
  const turns: Turns = { commits: [], cycles: [], commitsPerSync: [] };
  for (let round = 1; round <= plan.rounds; round++) {
    const before = await logSyncs(committers);
    const commits = await rateOf(plan.clients, plan.seconds, commit);
    const perSync = commits.done / ((await logSyncs(committers)) - before);
    const cycles = await rateOf(plan.clients, plan.seconds, cycle);
    turns.commits.push(commits.rate);
    turns.cycles.push(cycles.rate);
    turns.commitsPerSync.push(perSync);
    note(
      `round ${round}: ${commits.rate.toFixed(0)} commits/s (${perSync.toFixed(1)} a sync), ${cycles.rate.toFixed(1)} cycles/s`,
    );
  }
  return turns;
}

function figuresOf({ commits, cycles, commitsPerSync }: Turns, { clients }: Plan): Figure[] {
  const ratios = cycles.map((rate, round) => (4 * rate) / (commits[round] ?? Number.NaN));
  return [
    { name: `durable commits, ${clients} clients`, value: median(commits), unit: 'a second' },
    { name: 'commits for each sync of the log', value: median(commitsPerSync), unit: '' },
    { name: `full cycles, ${clients} clients`, value: median(cycles), unit: 'a second' },
    {
      name: 'cycles x 4 / commits',
      value: median(ratios),
      unit: '',
      aim: { kind: 'at-least', value: 0.25 },
    },
  ];
}

/** How often a second all clients together get through `act`, over about `seconds`, and how often in all. */
export async function rateOf(
  clients: number,
  seconds: number,
  act: (client: number) => Promise<void>,
): Promise<{ rate: number; done: number }> {
  const startedMs = performance.now();
  let done = 0;
  const work = async (client: number): Promise<void> => {
    while (performance.now() - startedMs < seconds * 1000) {
      await act(client);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, async (_, client) => await work(client)));
  return { rate: (done * 1000) / (performance.now() - startedMs), done };
}

export async function openSenders(bureau: ChildBureau, clients: number): Promise<Connection[]> {
  const administrator = await bureau.administrator();
  const body = { name: 'Benchmark Harbour', environment: 'sandbox' };
  const { username, password } = await administrator.json<CredentialReply>(
    'POST',
    '/v1/desk/providers',
    body,
  );
  administrator.close();
  return Array.from(
    { length: clients },
    () => new Connection(bureau.url, basicAuthorization(username, password), 1),
  );
}

/** Throws unless this database makes every commit wait for the disk: the comparison is worth nothing otherwise. */
async function refuseUnlessDurable(client: pg.Client): Promise<void> {
  for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes']) {
    const { rows } = await client.query<Record<string, string>>(`show ${setting}`);
    if (rows[0]?.[setting] !== 'on')
      throw new Error(`${setting} is ${rows[0]?.[setting]}: commits are not durable`);
  }
}

/** How often the log was forced to disk since the database started; every committer hands in its count first. */
async function logSyncs(committers: readonly pg.Client[]): Promise<number> {
  await Promise.all(
    committers.map(async (client) => await client.query('select pg_stat_force_next_flush()')),
  );
  const reply = await committers[0]?.query<{ syncs: number }>(
    "select coalesce(sum(fsyncs), 0)::float8 as syncs from pg_stat_io where object = 'wal'",
  );
  return reply?.rows[0]?.syncs ?? 0;
}

async function openCommitters(databaseUrl: string, clients: number): Promise<pg.Client[]> {
  const opened = Array.from({ length: clients }, () => new pg.Client({ connectionString: databaseUrl }));
  for (const client of opened) await client.connect();
  if (opened[0] !== undefined) await refuseUnlessDurable(opened[0]);
  await opened[0]?.query(
    'create schema bench; create table bench.row_of_commit (id bigint generated always as identity primary key, client integer not null, at timestamptz not null default now())',
  );
  return opened;
}

const pictureBytes = 200_000;

/** A drawn picture that is brought to its size by a comment of invented bytes. */
export async function pictureOf200kB(): Promise<Buffer> {
  const random = randomOf('bench');
  const pixels = Uint8Array.from(
    { length: 240 * 160 * 3 },
    (_, index) => (index / 480 + random.whole(0, 60)) & 255,
  );
  const jpeg = await sharp(pixels, { raw: { width: 240, height: 160, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer();
  const filler = Uint8Array.from({ length: pictureBytes - jpeg.length }, () => random.whole(0, 255));
  return Buffer.concat([jpeg, filler]);
}

export async function sendCycle(
  connection: Connection | undefined,
  picture: Buffer,
  serial: number,
): Promise<void> {
  if (connection === undefined) throw new Error('a client has no connection');
  const reportId = await post(connection, 'submit', documentHeaders, reportDocument(serial), 'reportId');
  // Other bytes each time, so that every cycle seals a file that the bureau has not seen.
  const bytes = Buffer.from(picture);
  bytes.writeUInt32BE(serial, bytes.length - 4);
  const form = multipart([
    { name: 'id', value: reportId },
    { name: 'file', value: bytes, fileName: 'synthetic.jpg', mediaType: 'image/jpeg' },
  ]);
  const fileId = await post(connection, 'upload', form.headers, form.body, 'fileId');
  const details = `<fileDetails><reportId>${reportId}</reportId><fileId>${fileId}</fileId><originalFileName>synthetic.jpg</originalFileName><fileViewedByEsp>true</fileViewedByEsp></fileDetails>`;
  await post(connection, 'fileinfo', documentHeaders, details, 'reportId');
  await post(
    connection,
    'finish',
    { 'content-type': 'application/x-www-form-urlencoded' },
    `id=${reportId}`,
    'reportId',
  );
}

const documentHeaders = { 'content-type': 'text/xml; charset=utf-8' };

function reportDocument(serial: number): string {
  return `<report><incidentSummary><incidentType>Child Pornography (possession, manufacture, and distribution)</incidentType><incidentDateTime>2026-03-01T10:00:00Z</incidentDateTime></incidentSummary><reporter><reportingPerson><email>trust@harbour-chat.example</email></reportingPerson><companyTemplate>synthetic:true</companyTemplate></reporter><personOrUserReported><espIdentifier>bench-${serial}</espIdentifier><ipCaptureEvent><ipAddress>203.0.113.7</ipAddress><eventName>Login</eventName><dateTime>2026-03-01T09:59:00Z</dateTime></ipCaptureEvent></personOrUserReported></report>`;
}

async function post(
  connection: Connection,
  path: string,
  headers: Record<string, string>,
  body: Buffer | string,
  wanted: string,
): Promise<string> {
  const reply = await connection.send({ method: 'POST', path: `/ispws/${path}`, headers, body });
  const found = textOf(reply.text, wanted);
  if (reply.status !== 200 || textOf(reply.text, 'responseCode') !== '0') {
    throw new Error(`/${path} answered ${reply.status}: ${reply.text.slice(0, 300)}`);
  }
  // Not every answer to /fileinfo names the report again.
  return found ?? '';
}
