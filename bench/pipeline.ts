import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { inventDay } from '../demo/day/day.ts';
import { PictureStock } from '../demo/pictures/stock.ts';
import type { DemoResult } from '../demo/summary.ts';
import { type Benchmark, environmentFor, withFolder } from './benchmark.ts';

const demoPath = fileURLToPath(new URL('../demo/run.ts', import.meta.url));
const run = promisify(execFile);

/**
 * The invented day from the first submit until every report is assessed, by the demo itself; beside it the same
 * reports and pictures made and thrown away, which is what the sender costs on the same cores.
 */
export const pipeline: Benchmark = {
  summary: 'reports a second through the whole pipeline, until assessed',
  defaults: { reports: 2000, seed: 6 },
  measure: async ({ reports = 2000, seed = 6 }, note) => {
    note(`making ${reports} reports without a bureau`);
    const makingSeconds = await secondsToMake(reports, seed);
    note(`sending ${reports} reports to a bureau of their own`);
    const result = await withFolder(async (folder) => await demonstrate(folder, reports, seed));
    const { sending, untilAssessed } = result.seconds;
    return [
      { name: 'reports through the pipeline', value: result.sent.filed / untilAssessed, unit: 'a second' },
      { name: 'files through the pipeline', value: result.sent.files / untilAssessed, unit: 'a second' },
      { name: 'first submit to last assessment', value: untilAssessed, unit: 's' },
      { name: 'last receipt to last assessment', value: untilAssessed - sending, unit: 's' },
      { name: 'making the same reports only', value: makingSeconds, unit: 's' },
      { name: 'pipeline / making', value: untilAssessed / makingSeconds, unit: '' },
    ];
  },
};

async function secondsToMake(reports: number, seed: number): Promise<number> {
  const startedMs = performance.now();
  const stock = new PictureStock();
  for await (const report of inventDay({ seed, day: 1, reports, until: new Date() })) {
    await Promise.all(report.files.map(async (file) => await stock.take(file.recipe)));
  }
  return (performance.now() - startedMs) / 1000;
}

/** Throws when not every report went the whole way. */
async function demonstrate(folder: string, reports: number, seed: number): Promise<DemoResult> {
  const words = [demoPath, '--reports', String(reports), '--seed', String(seed), '--exit', '--json'];
  const { stdout } = await run(process.execPath, words, {
    env: environmentFor(folder),
    maxBuffer: 16_000_000,
  });
  return JSON.parse(stdout) as DemoResult;
}
