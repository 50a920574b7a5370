import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ServerOutcome, serverTarget } from './against-server.ts';
import { nameOf } from './fuzz-one.ts';
import { emptyTally, readTally, type Tally, textOf } from './tally.ts';
import { targets } from './targets.ts';
import { type Watched, watchTarget } from './watch-target.ts';

/**
 * `npm run fuzz -- --minutes N [--target NAME] [--seed S]`: gives every parser of outside bytes input after input, and
 * a running bureau request after request. What was kept and found stands below `data/fuzz`; the tally adds up there.
 */
const usage = `Usage: npm run fuzz -- [--minutes N] [--target NAME] [--seed S] [--json]

Time is shared equally between the targets:
${[...targets.map(({ name, what }) => `  ${name.padEnd(24)}${what}`), `  ${'server'.padEnd(24)}requests of all kinds to a running bureau`].join('\n')}

Kept inputs, findings and the tally of all runs are in ./data/fuzz.
`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    target: { type: 'string' },
    seed: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
const names = [...targets.map(({ name }) => name), 'server'].filter(
  (name) => values.target === undefined || name === values.target,
);
const mostCorpusFiles = 1_000;
const home = join(process.cwd(), 'data', 'fuzz');

if (values.help) process.stdout.write(usage);
else if (!(minutes > 0) || !Number.isInteger(seed) || names.length === 0) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else process.exitCode = await fuzz();

async function fuzz(): Promise<number> {
  const note = (line: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
  note(`seed ${seed}; ${((minutes * 60) / names.length).toFixed(0)} s for each of ${names.length} targets`);
  const tally = emptyTally(seed);
  for (const name of names) {
    const seconds = (minutes * 60) / names.length;
    if (name === 'server') tally.server = await againstServer(seconds, note);
    else tally.targets[name] = await oneTarget(name, seconds, note);
  }
  const all = await readTally(join(home, 'tally.json'), tally);
  await writeFile(join(home, 'tally.json'), `${JSON.stringify(all, null, 2)}\n`);
  process.stdout.write(values.json ? `${JSON.stringify(tally)}\n` : textOf(tally, all));
  return findingsIn(tally) === 0 ? 0 : 1;
}

async function oneTarget(
  name: string,
  seconds: number,
  note: (line: string) => void,
): Promise<Tally['targets'][string]> {
  const corpusFolder = join(home, 'corpus', name);
  await mkdir(corpusFolder, { recursive: true });
  const files = (await readdir(corpusFolder)).sort();
  const kept = await Promise.all(files.map(async (file) => await readFile(join(corpusFolder, file))));
  const outcome = await watchTarget({ target: name, seed, seconds, kept });
  await keepCorpus(corpusFolder, files, outcome.corpus);
  const findings = await keepFindings(name, outcome.findings);
  note(
    `${name}: ${outcome.executions} inputs, ${outcome.reached} characters of code reached, ${outcome.corpus.length} kept, ${findings.length} findings`,
  );
  const { executions, reached, peakMegabytes } = outcome;
  return { executions, reached, kept: outcome.corpus.length, peakMegabytes, findings };
}

async function againstServer(seconds: number, note: (line: string) => void): Promise<ServerOutcome> {
  const outcome = await serverTarget({ seed, seconds, folder: join(home, 'server') });
  note(`server: ${outcome.requests} requests, ${outcome.findings.length} findings`);
  return outcome;
}

async function keepCorpus(
  folder: string,
  before: readonly string[],
  corpus: readonly Uint8Array[],
): Promise<void> {
  const now = new Map(corpus.slice(0, mostCorpusFiles).map((input) => [nameOf(Buffer.from(input)), input]));
  for (const file of before) if (!now.has(file)) await rm(join(folder, file), { force: true });
  for (const [name, input] of now) await writeFile(join(folder, name), input);
}

async function keepFindings(target: string, findings: Watched['findings']): Promise<string[]> {
  const folder = join(home, 'findings');
  await mkdir(folder, { recursive: true });
  const said: string[] = [];
  for (const { input, error } of findings) {
    const path = join(folder, `${target}-${nameOf(input)}`);
    await writeFile(path, input);
    await writeFile(`${path}.txt`, `${error}\n`);
    said.push(`${path}: ${error.split('\n').slice(0, 3).join(' | ')}`);
  }
  return said;
}

function findingsIn(tally: Tally): number {
  const inTargets = Object.values(tally.targets).reduce((sum, { findings }) => sum + findings.length, 0);
  return inTargets + (tally.server?.findings.length ?? 0);
}
