import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const blockBytes = 256 * 1024;

/** Makes names in a folder survive a power cut. Windows cannot open a folder for this and keeps names by itself. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

/** What stands on the disk of one file: to be compared later without any key. */
export interface FileFacts {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** Makes a file that appears whole and durable under its name or not at all; gives what was written. */
export async function writeDurably(
  path: string,
  fill: (take: (chunk: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<FileFacts> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.draft`;
  const handle = await open(draft, 'w', 0o600);
  const sha256 = createHash('sha256');
  let sizeBytes = 0;
  try {
    await fill(async (chunk) => {
      sha256.update(chunk);
      sizeBytes += chunk.byteLength;
      await handle.writeFile(chunk);
    });
    await handle.datasync();
  } catch (error) {
    await handle.close();
    await rm(draft, { force: true });
    throw error;
  }
  await handle.close();
  await rename(draft, path);
  await syncFolder(dirname(path));
  return { sizeBytes, sha256: sha256.digest('hex') };
}

export async function copyDurably(path: string, source: AsyncIterable<Uint8Array>): Promise<FileFacts> {
  return await writeDurably(path, async (take) => {
    for await (const chunk of source) await take(chunk);
  });
}

/** Reads a whole file from the disk; undefined when it is not there. */
export async function factsOf(path: string): Promise<FileFacts | undefined> {
  const sha256 = createHash('sha256');
  let sizeBytes = 0;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: blockBytes })) {
      sha256.update(chunk as Buffer);
      sizeBytes += (chunk as Buffer).byteLength;
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  return { sizeBytes, sha256: sha256.digest('hex') };
}

export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
