/**
 * The whole suite, as `npm test` runs it: one throw-away PostgreSQL for all files, two files at a time.
 * Arguments choose files by a part of their path: `npm test -- tests/imports`. The last line is
 * `N passed, N failed`; the status is 0 only if something ran and nothing failed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { glob, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import {
  clusterVariable,
  removeAbandonedFolders,
  startTestCluster,
  testFolderPrefix,
} from './harness/cluster.ts';
import { consoleVariable } from './harness/console.ts';
import { errorText, type Outcome, runFiles } from './harness/run-files.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const folders = ['src', 'cli', 'demo', 'console', 'kernel', 'tests', 'bench'];

/** What the browser's package unpacks for its own use; it goes with the run's folder. */
const unpackedBrowser =
  /^(chromium|fonts|locales|lib(EGL|GLESv2|vk_swiftshader|vulkan)\.so(\.1)?|vk_swiftshader_icd\.json)$/;

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => interruption.abort(new Error(`stopped by ${signal}`)));

const outcome = await runSuite(process.argv.slice(2)).catch((error: unknown): Outcome => {
  console.log(`The tests could not be run.\n${errorText(error)}`);
  return { passed: 0, failed: 1 };
});
if (interruption.signal.aborted) console.log(`The run was ${interruption.signal.reason.message}.`);
console.log(`${outcome.passed} passed, ${outcome.failed} failed`);
process.exit(outcome.failed === 0 && outcome.passed > 0 && !interruption.signal.aborted ? 0 : 1);

async function runSuite(filters: readonly string[]): Promise<Outcome> {
  const files = await chosenFiles(filters);
  if (files.length === 0) {
    console.log(`No test file matches ${filters.join(' ') || folders.join(', ')}.`);
    return { passed: 0, failed: 0 };
  }
  forgetOwnSettings();
  await removeAbandonedFolders();
  const folder = await mkdtemp(join(tmpdir(), `${testFolderPrefix}${process.pid}-`));
  try {
    return await withParts(folder, () => runFiles(files, interruption.signal));
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Starts what the files share, hands it on through the environment, and takes it down again. */
async function withParts(folder: string, work: () => Promise<Outcome>): Promise<Outcome> {
  const cluster = await startTestCluster(folder);
  try {
    process.env[clusterVariable] = cluster.url;
    const built = await buildConsole(join(folder, 'console'));
    // Whatever a test forgets in the temporary folder goes when the run's folder goes.
    const temporary = join(folder, 'tmp');
    await mkdir(temporary);
    process.env.TMPDIR = temporary;
    const ran = await work();
    const left = (await readdir(temporary)).filter((name) => !unpackedBrowser.test(name));
    if (left.length > 0) console.log(`Left in the temporary folder and removed: ${left.sort().join(', ')}`);
    return { passed: ran.passed, failed: ran.failed + (built ? 0 : 1) };
  } finally {
    await cluster.stop();
  }
}

async function chosenFiles(filters: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for await (const name of glob(`{${folders.join(',')}}/**/*.test.ts`, {
    cwd: root,
    exclude: (path) => path.includes('node_modules'),
  })) {
    found.push(name);
  }
  const parts = filters.map((filter) => relative(root, join(root, filter)));
  return found
    .filter((name) => parts.length === 0 || parts.some((part) => name.includes(part)))
    .sort()
    .map((name) => join(root, name));
}

/** A developer's own settings must not reach the tests. */
function forgetOwnSettings(): void {
  for (const name of Object.keys(process.env)) {
    if (/^(FIRSTLIGHT_.*|PG[A-Z]+|DATABASE_URL|PORT|HOST)$/.test(name)) delete process.env[name];
  }
}

/** Builds the console once for all tests that serve it; false when it does not build. */
async function buildConsole(folder: string): Promise<boolean> {
  const builder = join(root, 'console', 'build.ts');
  if (!existsSync(builder)) return true;
  const child = spawn(process.execPath, [builder, folder], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const [status] = await once(child, 'close');
  process.env[consoleVariable] = folder;
  if (status !== 0)
    console.log(`✖ console/build.ts ended with status ${status}\n${stripVTControlCharacters(said)}`);
  return status === 0;
}
