import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { fileIdFrom, type ReportId } from '#base/ids';
import type { FingerprintLine } from '#contract/fingerprint';
import { createLog } from '#platform/log';
import { openDatabase } from '#platform/postgres';
import { inTransaction } from '#platform/unit-of-work';
import { openVault, sealFile, stageBytes } from '#vault';
import { startBureau } from '../demo/bureau.ts';
import { readJson } from '../demo/folder.ts';
import { type Benchmark, environmentFor, type Figure, median, withFolder } from './benchmark.ts';
import { cpuSecondsBelow } from './processes.ts';

/**
 * A bureau fingerprinting sealed pictures (decrypted, decoded under the machine's protection, hashed in eight
 * orientations, stored), beside as many processes in which sharp merely decodes the same bytes the same way. Rates are
 * by the clock; on a machine that others use as well, the time of the processors says more.
 */
export const fingerprint: Benchmark = {
  summary: 'sealed file to stored fingerprint, beside sharp merely decoding the same files',
  defaults: { files: 192, rounds: 3, processes: 2 },
  measure: async ({ files = 192, rounds = 3, processes = 2 }, note) =>
    await withFolder(async (folder) => {
      const pictures = join(folder, 'pictures');
      await mkdir(pictures);
      const paths = await draw(pictures, files);
      note(`${files} pictures drawn`);
      const data = join(folder, 'bureau');
      const environment = { ...environmentFor(data), FIRSTLIGHT_DECODERS: String(processes) };
      const bureau = await startBureau(data, environment);
      try {
        await sealAll(data, paths);
        const address = await readJson<{ pid: number; url: string }>(join(data, 'bureau.json'));
        if (address === undefined) throw new Error('the bureau left no bureau.json');
        await run(data, address.url, files);
        return await takeTurns({ ...address, data, paths, processes, rounds }, note);
      } finally {
        await bureau.stop();
      }
    }),
};

/** Of twenty pictures: chats, screens and cameras. */
const kinds = [
  ...Array.from({ length: 9 }, () => ({ width: 1280, height: 960, quality: 80 })),
  ...Array.from({ length: 5 }, () => ({ width: 2048, height: 1536, quality: 85 })),
  ...Array.from({ length: 3 }, () => ({ width: 4000, height: 3000, quality: 90 })),
  ...Array.from({ length: 3 }, () => ({ width: 900, height: 700, quality: undefined })),
];

async function draw(folder: string, count: number): Promise<string[]> {
  const paths: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const { width, height, quality } = kinds[at % kinds.length] ?? { width: 640, height: 480, quality: 80 };
    const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
    const coarse = await sharp({
      create: { width: width >> 3, height: height >> 3, channels: 3, background: 'grey', noise },
    })
      .png()
      .toBuffer();
    const large = sharp(coarse).resize(width, height, { kernel: 'cubic' });
    const bytes = await (quality === undefined ? large.png() : large.jpeg({ quality })).toBuffer();
    const path = join(folder, `${at}`);
    await writeFile(path, bytes);
    paths.push(path);
  }
  return paths;
}

/** Seals the pictures straight into the bureau's own vault, without the jobs that would follow. */
async function sealAll(data: string, paths: readonly string[]): Promise<void> {
  const address = await readJson<{ databaseUrl: string }>(join(data, 'bureau.json'));
  if (address === undefined) throw new Error('the bureau left no bureau.json');
  const vault = await openVault({
    folder: join(data, 'evidence'),
    keyFile: join(data, 'keys', 'evidence.key'),
    create: false,
  });
  const db = openDatabase(address.databaseUrl, { max: 2 });
  const ctx = {
    actor: { kind: 'system', id: 'bench', name: 'bench' },
    now: new Date(),
    log: createLog('silent', 'bench'),
  } as const;
  try {
    for (const [at, path] of paths.entries()) {
      const staged = await stageBytes(vault, db.kysely, createReadStream(path), ctx.now);
      const fileId = fileIdFrom(at.toString(16).padStart(32, '0'));
      await inTransaction(
        db.kysely,
        async () => undefined,
        async (tx) => await sealFile({ ...ctx, tx }, vault, { staged, reportId: '1' as ReportId, fileId }),
      );
    }
  } finally {
    await db.close();
  }
}

interface Plan {
  readonly pid: number;
  readonly url: string;
  readonly data: string;
  readonly paths: readonly string[];
  readonly processes: number;
  readonly rounds: number;
}

async function takeTurns(plan: Plan, note: (line: string) => void): Promise<Figure[]> {
  const [plain, ours, plainCpu, ourCpu]: [number[], number[], number[], number[]] = [[], [], [], []];
  const { length } = plan.paths;
  for (let round = 1; round <= plan.rounds; round += 1) {
    const alone = await decodeAlone(plan.paths, plan.processes);
    const before = await cpuSecondsBelow(plan.pid);
    const startedMs = performance.now();
    await run(plan.data, plan.url, length);
    const seconds = (performance.now() - startedMs) / 1000;
    plain.push(length / alone.seconds);
    ours.push(length / seconds);
    plainCpu.push((alone.cpuSeconds * 1000) / length);
    ourCpu.push((((await cpuSecondsBelow(plan.pid)) - before) * 1000) / length);
    note(
      `round ${round}: ${ours.at(-1)?.toFixed(1)} files/s (${ourCpu.at(-1)?.toFixed(1)} ms CPU each), decoding alone ${plain.at(-1)?.toFixed(1)} (${plainCpu.at(-1)?.toFixed(1)} ms)`,
    );
  }
  const aim = { kind: 'at-least', value: 0.85 } as const;
  return [
    { name: 'sealed file to stored fingerprint', value: median(ours), unit: 'files/s' },
    { name: 'sharp decoding alone', value: median(plain), unit: 'files/s' },
    { name: 'ours / decoding, by the clock', value: median(ratios(ours, plain)), unit: '', aim },
    { name: 'processor time a file, whole bureau', value: median(ourCpu), unit: 'ms' },
    { name: 'processor time a file, decoding alone', value: median(plainCpu), unit: 'ms' },
    { name: 'decoding / ours, by processor time', value: median(ratios(plainCpu, ourCpu)), unit: '', aim },
  ];
}

function ratios(above: readonly number[], below: readonly number[]): number[] {
  return above.map((value, at) => value / (below[at] ?? Number.NaN));
}

/** Has everything fingerprinted again and waits for the end. */
async function run(data: string, url: string, files: number): Promise<void> {
  const token = (await readFile(join(data, 'admin-token'), 'utf8')).trim();
  const reply = await fetch(`${url}/v1/desk/fingerprints`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ scope: 'all' }),
  });
  const last = (await reply.text()).trimEnd().split('\n').at(-1) ?? '';
  const line = JSON.parse(last) as FingerprintLine;
  if (!line.done || line.hashed !== files) throw new Error(`not every file was hashed: ${last}`);
}

/** The same files in as many processes, each from memory; the clock runs from the word to the last answer. */
async function decodeAlone(
  paths: readonly string[],
  processes: number,
): Promise<{ readonly seconds: number; readonly cpuSeconds: number }> {
  const program = fileURLToPath(new URL('./decode-alone.ts', import.meta.url));
  const children: ChildProcess[] = [];
  for (let at = 0; at < processes; at += 1) {
    const child = fork(
      program,
      paths.filter((_, index) => index % processes === at),
    );
    children.push(child);
    await once(child, 'message');
  }
  const startedMs = performance.now();
  const answers = await Promise.all(
    children.map(async (child) => {
      child.send('go');
      const [answer] = (await once(child, 'message')) as [{ readonly cpuSeconds: number }];
      return answer.cpuSeconds;
    }),
  );
  const seconds = (performance.now() - startedMs) / 1000;
  for (const child of children) child.kill();
  return { seconds, cpuSeconds: answers.reduce((sum, each) => sum + each, 0) };
}
