import { lstat, mkdir, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256Hex } from '#platform/random';

/** Longest path of a unix socket in bytes: sun_path in <sys/un.h> holds 108 on Linux and 104 on macOS, with a NUL. */
const longestSocketPathBytes = process.platform === 'darwin' ? 103 : 107;

const socketName = '/.s.PGSQL.5432';

export interface SocketFolder {
  readonly path: string;
  /** Whether it lies outside the data folder, because that one's path is too long. */
  readonly isTemporary: boolean;
  /** Takes a temporary folder away, unless the next server already has its socket there. */
  readonly remove: () => Promise<void>;
}

/**
 * Where the server's socket lives. The name is the same for every process that uses this data folder, so that they
 * find each other, and again after a crash.
 */
export function socketFolderFor(home: string): SocketFolder {
  const own = join(home, 'socket');
  if (isShortEnough(own)) {
    return { path: own, isTemporary: false, remove: async () => {} };
  }
  const name = `firstlight-${sha256Hex(home).slice(0, 16)}`;
  const path = [tmpdir(), '/tmp'].map((folder) => join(folder, name)).find(isShortEnough);
  if (path === undefined) {
    throw new Error(
      `${home} is too long for the path of a socket (${longestSocketPathBytes} bytes). Set FIRSTLIGHT_DATA to a shorter path.`,
    );
  }
  return { path, isTemporary: true, remove: () => removeIfEmpty(path) };
}

/** Makes the folder for this user alone, and refuses one that somebody else may have put there. */
export async function prepareSocketFolder(folder: SocketFolder): Promise<void> {
  await mkdir(folder.path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const facts = await lstat(folder.path);
  const isOurs = facts.isDirectory() && facts.uid === (process.getuid?.() ?? facts.uid);
  if (!isOurs || (facts.mode & 0o077) !== 0) {
    throw new Error(
      `${folder.path} is not a folder of this user alone. Remove it, or set FIRSTLIGHT_DATA to a shorter path.`,
    );
  }
}

function isShortEnough(folder: string): boolean {
  return Buffer.byteLength(folder + socketName) <= longestSocketPathBytes;
}

async function removeIfEmpty(path: string): Promise<void> {
  await rmdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'ENOENT') throw error;
  });
}
