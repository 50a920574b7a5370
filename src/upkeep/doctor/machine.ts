import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { promisify } from 'node:util';
import { ask, bad, type Check, ok, warn } from './check.ts';

const run = promisify(execFile);
const gibibyte = 1024 ** 3;

/** Server, worker and PostgreSQL together need about so much; with less the kernel ends one of them. Measured: 0.7 GiB. */
const leastMemoryBytes = 2 * gibibyte;
/** Two connections for each upload, and PostgreSQL's own. */
const leastOpenFiles = 4096;
/** The release that this bureau is tested with. */
const nodeMajor = 24;

/** What the machine itself is like. Linux tells most of it; elsewhere less is said. */
export async function checkMachine(facts: {
  /** The running bureau's first process, whose limits count; else this one's. */
  readonly pid: number | undefined;
  readonly usesBuiltInDatabase: boolean;
}): Promise<readonly Check[]> {
  const limits = await text(`/proc/${facts.pid ?? 'self'}/limits`);
  return [
    userOf(facts.usesBuiltInDatabase),
    nodeVersion(),
    memory(),
    ...(await plaintextInMemory(limits)),
    ...openFiles(limits),
    await clock(),
  ];
}

function userOf(usesBuiltInDatabase: boolean): Check {
  if (process.getuid === undefined)
    return ask('user', 'This system has no users as Linux has.', 'Run the bureau as a user of its own.');
  if (process.getuid() !== 0) return ok('user', 'This runs as an ordinary user.');
  const todo = 'Make a user for the bureau and run it as that user, as the units in docs/operating.md do.';
  return usesBuiltInDatabase
    ? bad(
        'user',
        'This runs as root, and so would the bureau: a fault in it would be a fault in everything.',
        todo,
      )
    : warn('user', 'This runs as root.', todo);
}

function nodeVersion(): Check {
  const { node } = process.versions;
  return Number.parseInt(node, 10) === nodeMajor
    ? ok('node', `Node ${node}.`)
    : warn(
        'node',
        `Node ${node}, but this release is tested with Node ${nodeMajor}.`,
        'Start it by npm, which brings its own Node.',
      );
}

function memory(): Check {
  const bytes = totalmem();
  const says = `${(bytes / gibibyte).toFixed(1)} GiB of memory.`;
  return bytes >= leastMemoryBytes
    ? ok('memory', says)
    : warn('memory', says, 'Give the machine at least 2 GiB, or the system may end the database under load.');
}

/** Evidence is in memory in the clear while it is encrypted; what writes memory to disk would write it down. */
async function plaintextInMemory(limits: string | undefined): Promise<readonly Check[]> {
  const swaps = await text('/proc/swaps');
  const pattern = (await text('/proc/sys/kernel/core_pattern'))?.trim();
  const checks: Check[] = [];
  if (swaps !== undefined) {
    const used = swaps.trim().split('\n').slice(1);
    const isEncrypted = used.every((line) => /^\/dev\/(dm-|zram)/.test(line));
    if (used.length === 0) checks.push(ok('swap', 'There is no swap, so memory is never written to disk.'));
    else if (isEncrypted)
      checks.push(
        ask(
          'swap',
          'Swap lies on a mapped device.',
          'Make sure that it is encrypted: memory may hold evidence in the clear.',
        ),
      );
    else
      checks.push(
        warn(
          'swap',
          'Memory may be written to a swap that is not encrypted.',
          'Switch swap off (swapoff -a), or encrypt it.',
        ),
      );
  }
  const core = /^Max core file size\s+(\S+)/m.exec(limits ?? '')?.[1];
  if (core === undefined) return checks;
  // A pattern that names a program gets the dump whatever the limit is.
  const isOff = core === '0' && pattern?.startsWith('|') !== true;
  checks.push(
    isOff
      ? ok('core-dumps', 'A process that crashes leaves no dump of its memory.')
      : warn(
          'core-dumps',
          'A process that crashes may leave a dump of its memory, which may hold evidence and keys in the clear.',
          'Set LimitCORE=0 in the unit, and Storage=none in coredump.conf where systemd takes dumps.',
        ),
  );
  return checks;
}

function openFiles(limits: string | undefined): readonly Check[] {
  const most = Number(/^Max open files\s+(\d+)/m.exec(limits ?? '')?.[1] ?? Number.NaN);
  if (Number.isNaN(most)) return [];
  return [
    most >= leastOpenFiles
      ? ok('open-files', `A process may have ${most} files and connections open.`)
      : warn(
          'open-files',
          `A process may have only ${most} files and connections open.`,
          `Set LimitNOFILE=65536 in the unit; at least ${leastOpenFiles}.`,
        ),
  ];
}

async function clock(): Promise<Check> {
  const answer = await run('timedatectl', ['show', '--property=NTPSynchronized', '--value'], {
    timeout: 3_000,
  }).catch(() => undefined);
  const said = answer?.stdout.trim();
  if (said === 'yes') return ok('clock', 'The clock is kept right by a time service.');
  const todo =
    'Run a time service, for example chrony or systemd-timesyncd: times of reports, custody and the audit log are evidence.';
  return said === 'no'
    ? warn('clock', 'No time service keeps the clock right.', todo)
    : ask('clock', 'It cannot be told whether a time service keeps the clock right.', todo);
}

async function text(path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch(() => undefined);
}
