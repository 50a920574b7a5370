import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { glob, mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileIdFrom, type ReportId } from '#base/ids';
import type { VerificationLine } from '#contract/administration';
import type { ResealRunItem, VaultReply } from '#contract/vault';
import { createLog } from '#platform/log';
import { openDatabase } from '#platform/postgres';
import { inTransaction } from '#platform/unit-of-work';
import { openVault, sealFile, stageBytes } from '#vault';
import { type ChildBureau, startBureau } from '../demo/bureau.ts';
import { randomOf } from '../demo/day/random.ts';
import { readJson } from '../demo/folder.ts';
import { type Benchmark, environmentFor, type Figure, median, withFolder } from './benchmark.ts';

/**
 * A bureau's own verification of its vault, beside plainly reading and hashing the very same encrypted files, and a
 * rotation of its key. Sizes are mixed: mostly pictures, some films. Both readings begin with the files in memory.
 */
export const vault: Benchmark = {
  summary: 'verification of the vault beside plain reading and hashing; rotation of its key',
  defaults: { mebibytes: 1024, rounds: 3 },
  measure: async ({ mebibytes = 1024, rounds = 3 }, note) =>
    await withFolder(async (folder) => {
      const bureau = await startBureau(folder, environmentFor(folder));
      try {
        return await measureVault(bureau, folder, { mebibytes, rounds }, note);
      } finally {
        await bureau.stop();
      }
    }),
};

const mebibyte = 1024 * 1024;
/** Of twenty files: pictures of a chat, pictures of a camera, and now and then a film. */
const sizes = [
  ...Array.from({ length: 14 }, () => 200 * 1024),
  ...Array.from({ length: 5 }, () => 2 * mebibyte),
  24 * mebibyte,
];

async function measureVault(
  bureau: ChildBureau,
  folder: string,
  plan: { readonly mebibytes: number; readonly rounds: number },
  note: (line: string) => void,
): Promise<readonly Figure[]> {
  const files = await fill(folder, plan.mebibytes * mebibyte);
  note(`${files} files sealed`);
  const plain: number[] = [];
  const verified: number[] = [];
  for (let round = 1; round <= plan.rounds; round += 1) {
    plain.push(await plainRate(join(folder, 'evidence')));
    verified.push(await verificationRate(bureau, folder));
    note(
      `round ${round}: plain ${plain.at(-1)?.toFixed(0)} MB/s, verified ${verified.at(-1)?.toFixed(0)} MB/s`,
    );
  }
  note('rotating the key');
  const rotation = await rotationRate(bureau, folder);
  const ratios = verified.map((rate, index) => rate / (plain[index] ?? Number.NaN));
  return [
    { name: 'plain reading and hashing', value: median(plain), unit: 'MB/s' },
    { name: 'firstlight verify', value: median(verified), unit: 'MB/s' },
    { name: 'verify / plain', value: median(ratios), unit: '', aim: { kind: 'at-least', value: 0.5 } },
    { name: 'rotation, read back included', value: rotation, unit: 'MB/s' },
  ];
}

/** Seals invented bytes straight into the bureau's own vault, as an upload would, without the network. */
async function fill(folder: string, bytes: number): Promise<number> {
  const address = await readJson<{ databaseUrl: string }>(join(folder, 'bureau.json'));
  if (address === undefined) throw new Error('the bureau left no bureau.json');
  const evidence = join(folder, 'evidence');
  await mkdir(evidence, { recursive: true });
  const opened = await openVault({
    folder: evidence,
    keyFile: join(folder, 'keys', 'evidence.key'),
    create: false,
  });
  const db = openDatabase(address.databaseUrl, { max: 4 });
  const log = createLog('silent', 'bench');
  const now = new Date();
  const actor = { kind: 'system', id: 'bench', name: 'bench' } as const;
  const random = randomOf(7);
  const block = Buffer.alloc(mebibyte);
  let files = 0;
  try {
    for (let sealed = 0; sealed < bytes; files += 1) {
      const size = Math.min(sizes[files % sizes.length] ?? mebibyte, bytes - sealed);
      for (let at = 0; at < mebibyte; at += 4) block.writeUInt32LE(random.bits() >>> 0, at);
      const source = Readable.from(blocksOf(block, size));
      const staged = await stageBytes(opened, db.kysely, source, now);
      const fileId = fileIdFrom(files.toString(16).padStart(32, '0'));
      await inTransaction(
        db.kysely,
        async () => undefined,
        async (tx) =>
          await sealFile({ tx, actor, now, log }, opened, { staged, reportId: '1' as ReportId, fileId }),
      );
      sealed += size;
    }
  } finally {
    await db.close();
  }
  return files;
}

function* blocksOf(block: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < size; at += block.byteLength)
    yield Buffer.from(block.subarray(0, Math.min(block.byteLength, size - at)));
}

/** Reads every encrypted file and hashes it with SHA-256, four at once as the bureau does. */
async function plainRate(evidence: string): Promise<number> {
  const paths: string[] = [];
  for await (const path of glob('[0-9a-f]/[0-9a-f]/*', { cwd: evidence })) paths.push(join(evidence, path));
  const startedMs = performance.now();
  let bytes = 0;
  const waiting = paths.values();
  const reader = async (): Promise<void> => {
    for (const path of waiting) {
      const hash = createHash('sha256');
      for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) hash.update(chunk);
      hash.digest();
      bytes += (await stat(path)).size;
    }
  };
  await Promise.all([1, 2, 3, 4].map(reader));
  return bytes / 1000 / (performance.now() - startedMs);
}

async function verificationRate(bureau: ChildBureau, folder: string): Promise<number> {
  const startedMs = performance.now();
  const reply = await ask(bureau, folder, 'POST', '/v1/desk/verification');
  const last = (await reply.text()).trimEnd().split('\n').at(-1) ?? '';
  const line = JSON.parse(last) as VerificationLine;
  if (!line.done || line.damaged.length > 0) throw new Error(`the verification ended with ${last}`);
  return line.sizeBytes / 1000 / (performance.now() - startedMs);
}

async function rotationRate(bureau: ChildBureau, folder: string): Promise<number> {
  const startedMs = performance.now();
  const asked = (await (await ask(bureau, folder, 'POST', '/v1/desk/keys/rotation')).json()) as ResealRunItem;
  for (;;) {
    const { runs } = (await (await ask(bureau, folder, 'GET', '/v1/desk/vault')).json()) as VaultReply;
    const run = runs.find(({ id }) => id === asked.id);
    if (run?.problem !== undefined) throw new Error(run.problem);
    if (run?.doneAt !== undefined) return run.sizeBytes / 1000 / (performance.now() - startedMs);
    await sleep(100);
  }
}

async function ask(bureau: ChildBureau, folder: string, method: string, path: string): Promise<Response> {
  const token = (await readFile(join(folder, 'admin-token'), 'utf8')).trim();
  const reply = await fetch(`${bureau.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });
  if (!reply.ok) throw new Error(`${path} answered ${reply.status}: ${await reply.text()}`);
  return reply;
}
