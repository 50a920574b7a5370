import { readFile, stat, statfs } from 'node:fs/promises';
import { ask, bad, type Check, ok, warn } from './check.ts';

const gibibyte = 1024 ** 3;
/** Less is little for a day of reports with videos. */
const littleBytes = 20 * gibibyte;
const lastBytes = 2 * gibibyte;

/** Who may read what the bureau keeps, and how much room there is. */
export async function checkFiles(facts: {
  readonly dataFolder: string;
  /** Folders and files that nobody else may read, by what they are. */
  readonly private: Readonly<Record<string, string>>;
  /** Where evidence, database and log are written, by what they are. */
  readonly written: Readonly<Record<string, string>>;
}): Promise<readonly Check[]> {
  return [
    await modes(facts.private),
    ...(await Promise.all(Object.entries(facts.written).map(([what, path]) => room(what, path)))),
    await diskEncryption(facts.dataFolder),
  ];
}

async function modes(paths: Readonly<Record<string, string>>): Promise<Check> {
  if (process.platform === 'win32')
    return ask(
      'file-modes',
      'This system has no modes of files.',
      'Let nobody but the bureau\u2019s user read its data folder.',
    );
  const open: string[] = [];
  for (const [what, path] of Object.entries(paths)) {
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && (found.mode & 0o077) !== 0) open.push(`${what} (${path})`);
  }
  return open.length === 0
    ? ok('file-modes', 'Nobody but the bureau\u2019s own user may read its data and keys.')
    : bad(
        'file-modes',
        `Others on this machine may read: ${open.join(', ')}.`,
        'Run: chmod go-rwx on each of them.',
      );
}

async function room(what: string, path: string): Promise<Check> {
  const name = `space-${what}`;
  const found = await statfs(path).catch(() => undefined);
  if (found === undefined)
    return warn(name, `${path} is not there or cannot be looked at.`, 'Mount it, or correct its owner.');
  const bytes = found.bavail * found.bsize;
  const says = `${(bytes / gibibyte).toFixed(1)} GiB are free for the ${what}.`;
  if (bytes < lastBytes)
    return bad(name, says, 'Make room now: reports are refused when nothing can be written.');
  return bytes < littleBytes
    ? warn(name, says, 'Make room, or move the evidence to a larger store.')
    : ok(name, says);
}

/** Evidence is encrypted by the bureau itself; the database and the names in it are not. */
async function diskEncryption(folder: string): Promise<Check> {
  const todo =
    'Keep the data folder on an encrypted disk (LUKS, or that of your cloud): the database holds what reports say in the clear.';
  const { dev } = await stat(folder);
  const [major, minor] = [Number((BigInt(dev) >> 8n) & 0xfffn), Number(BigInt(dev) & 0xffn)];
  const uuid = await readFile(`/sys/dev/block/${major}:${minor}/dm/uuid`, 'utf8').catch(() => '');
  return uuid.startsWith('CRYPT-')
    ? ok('disk-encryption', 'The data folder lies on an encrypted disk.')
    : ask('disk-encryption', 'It cannot be told from here whether the disk is encrypted.', todo);
}
