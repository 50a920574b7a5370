import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DecoderLimits } from './limits.ts';

/**
 * What stands between a decoder that a hostile file has taken over and the rest of the machine:
 * `bubblewrap`: no network, no files but its own program, no other process, no way to write;
 * `namespaces`: no network, nothing to write to, but files of the bureau's user can be read;
 * `process`: a process of its own, with limits where the machine has prlimit, and no more.
 */
export type ProtectionLevel = 'bubblewrap' | 'namespaces' | 'process';

export interface Protection {
  readonly level: ProtectionLevel;
  /** Whether memory, open files and written files are held to limits. */
  readonly hasLimits: boolean;
  /** Program and arguments that start one child. */
  readonly command: readonly [string, ...string[]];
  /** How well this machine is protected, in one sentence. */
  readonly says: string;
  /** What would protect it better. */
  readonly todo?: string;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = fileURLToPath(new URL('./child.ts', import.meta.url));
/** All that a child reads of the bureau's own folder; evidence and keys may lie beside it. */
const ownFiles = ['package.json', 'node_modules', 'src/decoder', 'kernel'].map((name) => join(root, name));
const probeMs = 10_000;

/**
 * Finds out by trying what this machine has. Takes some hundred milliseconds.
 * @param path the search path for programs
 */
export async function probeProtection(path: string, limits: DecoderLimits): Promise<Protection> {
  const find = (name: string) =>
    path
      .split(delimiter)
      .map((folder) => join(folder, name))
      .find((file) => folderIsAbsolute(file) && existsSync(file));
  const [prlimit, bwrap, unshare] = [find('prlimit'), find('bwrap'), find('unshare')];
  const limited = prlimit === undefined ? [] : [prlimit, ...limitsOf(limits), '--'];
  const hasLimits = limited.length > 0 && (await works([...limited, ...nodeCommand(limits), '--version']));
  const before = hasLimits ? limited : [];
  const candidates: readonly (readonly [ProtectionLevel, readonly string[]])[] = [
    ...(bwrap === undefined ? [] : [['bubblewrap', [...before, bwrap, ...boxOf()]] as const]),
    ...(unshare === undefined
      ? []
      : [['namespaces', [...before, unshare, '--user', '--net', '--ipc', '--uts', '--']] as const]),
    ['process', before],
  ];
  for (const [level, prefix] of candidates) {
    const command = [...prefix, ...nodeCommand(limits), program];
    // Its input ends at once, so a child that could start ends in good order.
    if (level === 'process' || (await works(command))) {
      const [first = process.execPath, ...rest] = command;
      return { level, hasLimits, command: [first, ...rest], ...wordsOf(level, hasLimits) };
    }
  }
  throw new Error('no way to start a process was tried');
}

function folderIsAbsolute(file: string): boolean {
  return file.startsWith('/');
}

/** Nothing can be written: a file that grows at all is refused, and there is no core dump. */
function limitsOf({ memoryBytes }: DecoderLimits): readonly string[] {
  return [`--data=${memoryBytes}`, '--fsize=0', '--core=0', '--nofile=64'];
}

/** JavaScript itself may read its own program only, and start nothing; native code is held by the rest. */
function nodeCommand({ memoryBytes }: DecoderLimits): readonly string[] {
  return [
    process.execPath,
    '--permission',
    '--allow-addons',
    ...ownFiles.map((file) => `--allow-fs-read=${file}`),
    `--max-old-space-size=${Math.floor(memoryBytes / 1024 / 1024 / 2)}`,
    '--no-warnings',
  ];
}

function boxOf(): readonly string[] {
  const libraries = ['/usr/lib', '/usr/lib64', '/lib', '/lib64', '/etc/ld.so.cache'];
  return [
    '--unshare-all',
    '--die-with-parent',
    '--new-session',
    '--cap-drop',
    'ALL',
    ...libraries.flatMap((folder) => ['--ro-bind-try', folder, folder]),
    '--dev',
    '/dev',
    '--ro-bind',
    process.execPath,
    process.execPath,
    ...ownFiles.flatMap((file) => ['--ro-bind', file, file]),
    '--chdir',
    dirname(program),
    '--remount-ro',
    '/',
    '--',
  ];
}

/** Environment of a child: nothing of the bureau's. */
export const childEnvironment: Readonly<Record<string, string>> = {
  LANG: 'C',
  // Fewer arenas and one thread keep a child near what its picture needs.
  MALLOC_ARENA_MAX: '1',
  // Memory of one picture serves for the next, instead of being given back and faulted in again page by page: a
  // fifth of what decoding costs. The child's end gives it back.
  MALLOC_MMAP_MAX_: '0',
  MALLOC_TRIM_THRESHOLD_: '1073741824',
  UV_THREADPOOL_SIZE: '1',
};

async function works(command: readonly string[]): Promise<boolean> {
  const [file = '', ...rest] = command;
  return await new Promise((resolve) => {
    const child = execFile(file, rest, { env: childEnvironment, timeout: probeMs }, (error) =>
      resolve(error === null),
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end();
  });
}

function wordsOf(level: ProtectionLevel, hasLimits: boolean): Pick<Protection, 'says' | 'todo'> {
  const limits = hasLimits ? '' : ' Its memory is not limited.';
  const prlimit = hasLimits ? '' : ' Install util-linux for prlimit.';
  switch (level) {
    case 'bubblewrap':
      return {
        says: `Pictures are decoded under bubblewrap: no network, no files, no other process.${limits}`,
        ...(hasLimits ? {} : { todo: prlimit.trim() }),
      };
    case 'namespaces':
      return {
        says: `Pictures are decoded without network and without a way to write, but a file that takes over its decoder could read what the bureau's user can read.${limits}`,
        todo: `Install bubblewrap, which takes the files away too.${prlimit}`,
      };
    case 'process':
      return {
        says: `Pictures are decoded in a process of their own with the rights of the bureau's user: a file that takes over its decoder could read files and use the network.${limits}`,
        todo: `Run on Linux with bubblewrap, and allow namespaces for users.${prlimit}`,
      };
  }
  return level satisfies never;
}
