import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { CredentialReply } from '#contract/administration';
import { startBureau } from '../demo/bureau.ts';
import { readJson } from '../demo/folder.ts';
import { basicAuthorization } from '../demo/send/connection.ts';
import { type Benchmark, environmentFor, type Figure, median, withFolder } from './benchmark.ts';
import { memoryMb, processBelow } from './processes.ts';

/**
 * One large file through a real server, as a form and by tus, beside `sha256sum` of the same file and a plain copy of
 * it one after the other: what it costs to look at every byte once and to write it once. They take turns. The time of
 * an upload ends when the file is sealed.
 */
export const upload: Benchmark = {
  summary: 'one large file as a form and by tus, beside sha256sum and cp of it',
  defaults: { megabytes: 2048, rounds: 1 },
  measure: async ({ megabytes = 2048, rounds = 1 }, note) =>
    await withFolder(async (folder) => {
      const file = join(folder, 'large.bin');
      await writeFile(file, megabytes);
      const data = join(folder, 'data');
      const bureau = await startBureau(data, environmentFor(data));
      try {
        const address = await readJson<{ pid: number }>(join(data, 'bureau.json'));
        const server = await processBelow(address?.pid ?? 0, 'server.ts');
        if (server === undefined)
          throw new Error('the server of the bureau was not found among the processes');
        const administrator = await bureau.administrator();
        const body = { name: 'Benchmark Harbour', environment: 'sandbox' };
        const added = await administrator.json<CredentialReply>('POST', '/v1/desk/providers', body);
        administrator.close();
        const authorization = basicAuthorization(added.username, added.password);
        const sender = { url: bureau.url, authorization, file, sizeBytes: megabytes * mebibyte };
        return await takeTurns({ sender, server, folder, rounds }, note);
      } finally {
        await bureau.stop();
      }
    }),
};

const mebibyte = 1024 * 1024;
const run = promisify(execFile);

interface Sender {
  readonly url: string;
  readonly authorization: string;
  readonly file: string;
  readonly sizeBytes: number;
}

interface Plan {
  readonly sender: Sender;
  readonly server: number;
  readonly folder: string;
  readonly rounds: number;
}

/** Bytes that no disk or wire makes smaller. */
async function writeFile(path: string, megabytes: number): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    for (let at = 0; at < megabytes; at += 1) await handle.write(randomBytes(mebibyte));
    await handle.sync();
  } finally {
    await handle.close();
  }
}

interface Way {
  readonly name: string;
  readonly send: (sender: Sender) => Promise<void>;
}

const ways: readonly Way[] = [
  { name: 'form', send: sendForm },
  { name: 'tus', send: sendByTus },
];

async function takeTurns(plan: Plan, note: (line: string) => void): Promise<Figure[]> {
  const { sender, server, folder, rounds } = plan;
  const known: number[] = [];
  const seconds = new Map<string, number[]>(ways.map(({ name }) => [name, []]));
  const growth = new Map<string, number[]>(ways.map(({ name }) => [name, []]));
  // What a server needs for its first file of any size is no growth with the file.
  for (const { send } of ways)
    await send({ ...sender, sizeBytes: Math.min(sender.sizeBytes, 64 * mebibyte) });
  for (let round = 1; round <= rounds; round += 1) {
    const hashed = await secondsOf(async () => void (await run('sha256sum', [sender.file])));
    const copied = await secondsOf(async () => await copy(sender.file, join(folder, 'copy.bin')));
    known.push(hashed + copied);
    note(`round ${round}: sha256sum ${hashed.toFixed(1)} s, copy ${copied.toFixed(1)} s`);
    for (const { name, send } of ways) {
      const watch = await watchMemory(server);
      const took = await secondsOf(async () => await send(sender));
      const grown = await watch.stop();
      seconds.get(name)?.push(took);
      growth.get(name)?.push(grown);
      note(`round ${round}: ${name} ${took.toFixed(1)} s, memory of the server +${grown.toFixed(0)} MB`);
    }
  }
  const size = sender.sizeBytes / 1_000_000;
  const base = median(known);
  return [
    { name: 'sha256sum and copy', value: size / base, unit: 'MB/s' },
    ...ways.flatMap(({ name }): Figure[] => {
      const took = median(seconds.get(name) ?? []);
      const grown = Math.max(...(growth.get(name) ?? []));
      return [
        { name: `${name}, until sealed`, value: size / took, unit: 'MB/s' },
        {
          name: `${name} / sha256sum and copy`,
          value: base / took,
          unit: '',
          aim: { kind: 'at-least', value: 0.5 },
        },
        {
          name: `${name}: memory of the server, growth`,
          value: grown,
          unit: 'MB',
          aim: { kind: 'below', value: (64 * mebibyte) / 1_000_000 },
        },
      ];
    }),
  ];
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return (performance.now() - startedMs) / 1000;
}

/** A copy that stands on the disk, as sealed evidence does. */
async function copy(from: string, to: string): Promise<void> {
  await run('dd', [`if=${from}`, `of=${to}`, 'bs=1M', 'conv=fdatasync', 'status=none']);
  await rm(to);
}

/** Watches how much more a process holds than it held at the start. */
async function watchMemory(pid: number): Promise<{ stop: () => Promise<number> }> {
  const before = await memoryMb(pid);
  let most = before;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      most = Math.max(most, await memoryMb(pid));
      await sleep(50);
    }
  })();
  return {
    stop: async () => {
      isOver = true;
      await watching;
      return most - before;
    },
  };
}

interface Reply {
  readonly status: number;
  readonly location: string | undefined;
  readonly text: string;
}

async function ask(
  { url, authorization }: Sender,
  method: string,
  path: string,
  headers: Record<string, string>,
  body: Readable = Readable.from([]),
): Promise<Reply> {
  const sent = request(new URL(path, url), { method, headers: { authorization, ...headers } });
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
  await Promise.all([pipeline(body, sent), answered]);
  const [answer] = await answered;
  const text = Buffer.concat(await answer.toArray()).toString();
  const reply = { status: answer.statusCode ?? 0, location: answer.headers.location, text };
  if (reply.status >= 300)
    throw new Error(`${method} ${path} answered ${reply.status}: ${text.slice(0, 300)}`);
  return reply;
}

async function openReport(sender: Sender): Promise<string> {
  const body = JSON.stringify({
    profile: 'cybertip',
    synthetic: true,
    incident: { type: 'Online Enticement of Children for Sexual Acts', occurredAt: '2026-03-01T10:00:00Z' },
    reporter: { name: 'Rowan Example', email: 'trust@harbour-chat.example' },
    parties: [],
    narrative: 'Invented.',
  });
  const type = { 'content-type': 'application/json' };
  const { text } = await ask(sender, 'POST', '/v1/reports', type, Readable.from([Buffer.from(body)]));
  return (JSON.parse(text) as { reportId: string }).reportId;
}

function bytesOf({ file, sizeBytes }: Sender): Readable {
  return createReadStream(file, { end: sizeBytes - 1, highWaterMark: 256 * 1024 });
}

async function sendForm(sender: Sender): Promise<void> {
  const reportId = await openReport(sender);
  const boundary = 'boundary-of-the-benchmark';
  const form = async function* () {
    yield `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="large.bin"\r\n\r\n`;
    yield* bytesOf(sender);
    yield `\r\n--${boundary}--\r\n`;
  };
  const type = { 'content-type': `multipart/form-data; boundary=${boundary}` };
  await ask(sender, 'POST', `/v1/reports/${reportId}/files`, type, Readable.from(form()));
}

async function sendByTus(sender: Sender): Promise<void> {
  const reportId = await openReport(sender);
  const tus = { 'tus-resumable': '1.0.0' };
  const size = String(sender.sizeBytes);
  const path = `/v1/reports/${reportId}/uploads`;
  const begun = await ask(sender, 'POST', path, { ...tus, 'upload-length': size });
  const location = begun.location ?? '';
  const type = { 'content-type': 'application/offset+octet-stream', 'content-length': size };
  await ask(sender, 'PATCH', location, { ...tus, ...type, 'upload-offset': '0' }, bytesOf(sender));
  for (;;) {
    const { text } = await ask(sender, 'GET', location, tus);
    if ((JSON.parse(text) as { state: string }).state === 'sealed') return;
    await sleep(50);
  }
}
