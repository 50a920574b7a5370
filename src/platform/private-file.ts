import { chmod, link, mkdir, open, readFile, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { newPlaceId } from '#platform/random';

/** Small files that only the bureau's own user may read, whole and durable or not there at all. */

/** The text, or undefined when there is no such file. */
export async function readPrivate(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Throws, with what to run, when others on this machine may read the file. */
export async function assertPrivate(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0)
    throw new Error(`Others on this machine may read ${path}. Run: chmod 600 ${path}`);
}

/** Makes the file unless it is there. Of two processes that start at once both get the same text, which is given back. */
export async function createPrivate(path: string, text: string): Promise<string> {
  await makePrivateFolder(dirname(path));
  const draft = await writeDraft(path, text);
  try {
    await link(draft, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await unlink(draft);
  }
  await syncFolder(dirname(path));
  return await readFile(path, 'utf8');
}

/** Puts the text in the place of what was there: whoever reads sees the old or the new, also after a power cut. */
export async function replacePrivate(path: string, text: string): Promise<void> {
  await makePrivateFolder(dirname(path));
  await rename(await writeDraft(path, text), path);
  await syncFolder(dirname(path));
}

export async function removePrivate(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFolder(dirname(path));
}

async function makePrivateFolder(folder: string): Promise<void> {
  if ((await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined) await chmod(folder, 0o700);
}

async function writeDraft(path: string, text: string): Promise<string> {
  const draft = `${path}.${newPlaceId()}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return draft;
}

/** Windows cannot open a folder for this and keeps names by itself. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
