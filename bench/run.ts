import { auditVerify } from './audit-verify.ts';
import { type Benchmark, type Figure, isMet } from './benchmark.ts';
import { fingerprint } from './fingerprint.ts';
import { intake } from './intake.ts';
import { kernel } from './kernel.ts';
import { match } from './match.ts';
import { readNumbers } from './options.ts';
import { pipeline } from './pipeline.ts';
import { scale } from './scale.ts';
import { sealing } from './sealing.ts';
import { start } from './start.ts';
import { triage } from './triage.ts';
import { upload } from './upload.ts';
import { vault } from './vault.ts';

/** `npm run bench -- NAME [--json]`: one benchmark, each beside something known that is measured in the same run. */
const benchmarks: Readonly<Record<string, Benchmark>> = {
  'audit-verify': auditVerify,
  fingerprint,
  intake,
  kernel,
  match,
  pipeline,
  start,
  upload,
  scale,
  sealing,
  triage,
  vault,
};

const [name, ...rest] = process.argv.slice(2);
const benchmark = name === undefined ? undefined : benchmarks[name];
if (name === undefined || name === '--help' || name === '-h') {
  process.stdout.write(usage());
  process.exitCode = name === undefined ? 2 : 0;
} else if (benchmark === undefined) {
  process.stderr.write(`There is no benchmark ${name}.\n${usage()}`);
  process.exitCode = 2;
} else if (rest.includes('--help')) {
  process.stdout.write(usage());
} else {
  process.exitCode = await runBenchmark(name, benchmark, rest);
}

async function runBenchmark(label: string, chosen: Benchmark, words: readonly string[]): Promise<number> {
  const reading = readNumbers(words, chosen.defaults);
  if (reading.kind === 'faults') {
    process.stderr.write(`${reading.faults.join('\n')}\n`);
    return 2;
  }
  try {
    const figures = await chosen.measure(reading.numbers, (line) => process.stderr.write(`${line}\n`));
    const document = {
      benchmark: label,
      numbers: reading.numbers,
      figures: figures.map((figure) => ({ ...figure, met: isMet(figure) })),
    };
    process.stdout.write(reading.json ? `${JSON.stringify(document)}\n` : tableOf(figures));
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function tableOf(figures: readonly Figure[]): string {
  const names = Math.max(...figures.map((figure) => figure.name.length));
  const values = figures.map((figure) => String(Number(figure.value.toPrecision(4))));
  const widest = Math.max(...values.map((value) => value.length));
  return figures
    .map((figure, index) => {
      const aim =
        figure.aim === undefined
          ? ''
          : `  aim ${figure.aim.kind === 'below' ? '<' : '>='} ${figure.aim.value}: ${isMet(figure) === true ? 'met' : 'not met'}`;
      return `${figure.name.padEnd(names)}  ${(values[index] ?? '').padStart(widest)} ${figure.unit}${aim}\n`;
    })
    .join('');
}

function usage(): string {
  const names = Object.entries(benchmarks).map(([key, { summary, defaults }]) => {
    const options = Object.entries(defaults).map(([option, value]) => `--${option} ${value}`);
    return `  ${key.padEnd(10)}${summary}\n${' '.repeat(12)}${options.join(' ')}\n`;
  });
  return `Usage: npm run bench -- NAME [--json] [options]\n\n${names.join('')}`;
}
