import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openCheckpoint } from '#proof/checkpoint';
import { LogVerifier } from '#proof/verify-log';
import { readExport } from '../cli/audit/export-folder.ts';
import { type Benchmark, median, withFolder } from './benchmark.ts';
import { type MadeLog, makeLog } from './made-log.ts';

/**
 * `firstlight audit verify FOLDER` on an export of invented rows, from the files on the disk to the verdict, beside
 * reading the same files into one SHA-256. The two take turns.
 */
export const auditVerify: Benchmark = {
  summary: 'offline verification of an exported audit log beside one plain SHA-256 of its bytes',
  defaults: { rows: 500_000, rounds: 5 },
  measure: async ({ rows = 500_000, rounds = 5 }, note) =>
    await withFolder(async (folder) => {
      const log = makeLog(rows);
      await writeLog(folder, log);
      const bytes = log.files.reduce((sum, file) => sum + file.bytes.length, 0);
      note(`${rows} rows, ${(bytes / 1_000_000).toFixed(0)} MB in ${log.files.length} files`);
      const names = log.files.map(({ name }) => name);
      const { checkpoint, key } = log;
      const [verified, plain]: [number[], number[]] = [[], []];
      for (let round = 1; round <= rounds; round += 1) {
        verified.push(rows / (await secondsOf(async () => await verifyOnce(folder, checkpoint, key))));
        plain.push(rows / (await secondsOf(async () => await hashOnce(folder, names))));
        note(
          `round ${round}: ${verified.at(-1)?.toFixed(0)} rows/s verified, ${plain.at(-1)?.toFixed(0)} rows/s read and hashed`,
        );
      }
      return [
        {
          name: 'rows verified',
          value: median(verified),
          unit: 'a second',
          aim: { kind: 'at-least', value: 100_000 },
        },
        { name: 'rows read into one SHA-256', value: median(plain), unit: 'a second' },
        { name: 'verified / plain', value: median(verified) / median(plain), unit: '' },
      ];
    }),
};

async function writeLog(folder: string, { files }: MadeLog): Promise<void> {
  for (const { name, bytes } of files) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
}

async function verifyOnce(folder: string, checkpoint: string, key: MadeLog['key']): Promise<void> {
  const opened = openCheckpoint(checkpoint, [key]);
  if (opened.kind === 'bad') throw new Error(opened.reason);
  const verifier = new LogVerifier(opened.value, { keys: [key] });
  for await (const { name, bytes } of readExport(folder, opened.value.size)) verifier.take(name, bytes);
  const { findings, checked } = verifier.finish();
  if (findings.length > 0 || checked !== opened.value.size)
    throw new Error(`the log did not verify: ${findings[0]?.message ?? 'rows are missing'}`);
}

async function hashOnce(folder: string, names: readonly string[]): Promise<void> {
  const hash = createHash('sha256');
  for (const name of names) hash.update(await readFile(join(folder, name)));
  hash.digest();
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return (performance.now() - startedMs) / 1000;
}
