import { link, open, readFile, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { newPlaceId } from '#platform/random';

/** Makes names in a folder survive a power cut. Windows cannot open a folder for this and keeps names by itself. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Creates a small private file whole and durable, or leaves the one that is there: of two processes that start at
 * once, both go on with the same file.
 * @returns the text that now stands there
 */
export async function createOnce(path: string, text: string): Promise<string> {
  const temporary = `${path}.${newPlaceId()}`;
  const handle = await open(temporary, 'wx', 0o600);
  try {
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    try {
      await link(temporary, path);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  } finally {
    await unlink(temporary);
  }
  await syncFolder(dirname(path));
  return await readFile(path, 'utf8');
}

/** The text of a small file, or undefined when there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
