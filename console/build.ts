import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const consoleFolder = fileURLToPath(new URL('.', import.meta.url));
const repositoryFolder = resolve(consoleFolder, '..');
const hashFile = '.source-hash';

/** Everything whose change makes an earlier build stale, as paths from the repository's root. */
async function sourceFiles(): Promise<string[]> {
  const files: string[] = ['package-lock.json'];
  for (const folder of ['console', 'src/contract', 'src/base']) {
    const entries = await readdir(join(repositoryFolder, folder), { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      const path = relative(repositoryFolder, join(entry.parentPath, entry.name));
      if (entry.isFile() && !path.startsWith(`console${sep}dist`) && !path.endsWith('.test.ts'))
        files.push(path);
    }
  }
  return files.sort();
}

/** One SHA-256 over names and contents of all sources of the console, 64 hex characters. */
export async function consoleSourceHash(): Promise<string> {
  const hash = createHash('sha256');
  for (const path of await sourceFiles()) {
    const bytes = await readFile(join(repositoryFolder, path));
    hash.update(`${path.replaceAll(sep, '/')}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

/**
 * Builds the console and puts it at `outDir` in one step: a reader of `outDir` never sees half a build.
 * Throws with the builder's own message when the sources do not compile.
 */
export async function buildConsole(options: { outDir: string }): Promise<void> {
  const { build } = await import('vite');
  const { default: config } = await import('./vite.config.ts');
  const outDir = resolve(options.outDir);
  const sourceHash = await consoleSourceHash();
  const fresh = `${outDir}.building-${process.pid}`;
  const old = `${outDir}.old-${process.pid}`;
  await mkdir(fresh, { recursive: true });
  try {
    await build({
      ...config,
      configFile: false,
      build: { ...config.build, outDir: fresh, emptyOutDir: true },
    });
    await writeFile(join(fresh, hashFile), `${sourceHash}\n`);
    if (existsSync(outDir)) await rename(outDir, old);
    await rename(fresh, outDir);
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
}

async function isCurrent(folder: string, sourceHash: string): Promise<boolean> {
  const recorded = await readFile(join(folder, hashFile), 'utf8').catch(() => '');
  return recorded.trim() === sourceHash;
}

/**
 * The folder to serve the console from: `console/dist` when it belongs to these sources, else a build inside the
 * data folder, made now if it is missing or stale. Builds in a child process, so that the server's memory stays its own.
 */
export async function ensureConsole(dataFolder: string): Promise<string> {
  const sourceHash = await consoleSourceHash();
  const published = join(consoleFolder, 'dist');
  if (await isCurrent(published, sourceHash)) return published;
  const own = join(resolve(dataFolder), 'console');
  if (await isCurrent(own, sourceHash)) return own;
  await mkdir(resolve(dataFolder), { recursive: true, mode: 0o700 });
  await buildInChild(own);
  return own;
}

function buildInChild(outDir: string): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url), outDir], {
      cwd: repositoryFolder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4000);
    });
    child.once('error', fail);
    child.once('close', (status) => {
      if (status === 0) done();
      else
        fail(
          new Error(
            `The console could not be built (status ${status}). Run "npm run build" to see why.\n${said}`,
          ),
        );
    });
  });
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await buildConsole({ outDir: process.argv[2] ?? join(consoleFolder, 'dist') });
}
