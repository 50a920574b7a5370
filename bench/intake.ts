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
    const picture = await pictureOf200kB();
    let serial = 0;
    const cycle = async (client: number) => await sendCycle(senders[client], picture, ++serial);
    const commit = async (client: number) => {
      await committers[client]?.query('insert into bench.row_of_commit (client) values ($1)', [client]);
    };
    await rateOf(plan.clients, 1, cycle);
    await rateOf(plan.clients, 1, commit);
    const [cycles, commits]: [number[], number[]] = [[], []];
    for (let round = 1; round <= plan.rounds; round++) {
      commits.push(await rateOf(plan.clients, plan.seconds, commit));
      cycles.push(await rateOf(plan.clients, plan.seconds, cycle));
      note(`round ${round}: ${commits.at(-1)?.toFixed(0)} commits/s, ${cycles.at(-1)?.toFixed(1)} cycles/s`);
    }
    const ratios = cycles.map((rate, round) => (4 * rate) / (commits[round] ?? Number.NaN));
    const figures: Figure[] = [
      { name: `durable commits, ${plan.clients} clients`, value: median(commits), unit: 'a second' },
      { name: `full cycles, ${plan.clients} clients`, value: median(cycles), unit: 'a second' },
      {
        name: 'cycles x 4 / commits',
        value: median(ratios),
        unit: '',
        aim: { kind: 'at-least', value: 0.25 },
      },
    ];
    if (server === undefined) return figures;
    return [
      ...figures,
      {
        name: 'memory of the server, peak',
        value: await peakMemoryMb(server),
        unit: 'MB',
        aim: { kind: 'below', value: 300 },
      },
    ];
  } finally {
    for (const sender of senders) sender.close();
    await committers[0]?.query('drop schema bench cascade');
    await Promise.all(committers.map(async (client) => await client.end()));
  }
}

/** How often a second all clients together get through `act`, over about `seconds`. */
async function rateOf(
  clients: number,
  seconds: number,
  act: (client: number) => Promise<void>,
): Promise<number> {
  const startedMs = performance.now();
  let done = 0;
  const work = async (client: number): Promise<void> => {
    while (performance.now() - startedMs < seconds * 1000) {
      await act(client);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, async (_, client) => await work(client)));
  return (done * 1000) / (performance.now() - startedMs);
}

async function openSenders(bureau: ChildBureau, clients: number): Promise<Connection[]> {
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

async function openCommitters(databaseUrl: string, clients: number): Promise<pg.Client[]> {
  const opened = Array.from({ length: clients }, () => new pg.Client({ connectionString: databaseUrl }));
  for (const client of opened) await client.connect();
  await opened[0]?.query(
    'create schema bench; create table bench.row_of_commit (id bigint generated always as identity primary key, client integer not null, at timestamptz not null default now())',
  );
  return opened;
}

const pictureBytes = 200_000;

/** A drawn picture that is brought to its size by a comment of invented bytes. */
async function pictureOf200kB(): Promise<Buffer> {
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

async function sendCycle(connection: Connection | undefined, picture: Buffer, serial: number): Promise<void> {
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
