import { constants } from 'node:fs';
import { access, type FileHandle, link, mkdir, open, opendir, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { Outage } from '#base/errors';
import { readPrivate, replacePrivate } from '#platform/private-file';
import { syncFolder } from './durable-file.ts';
import { type EvidenceStore, idOfPlace, MissingBytes, type StoreWriter } from './evidence-store.ts';

export const localStoreId = 'local';
const temporaryFolder = 'incoming';
const sealedForm = /^[0-9a-f]\/[0-9a-f]\/[0-9a-f]{64}-[0-9a-f]{32}$/;
const temporaryForm = /^incoming\/[0-9a-f]{32}$/;
const hexDigits = [...'0123456789abcdef'];
/** Ciphertext is gathered to blocks of this size, so that a picture is one write. */
const blockBytes = 256 * 1024;

/**
 * Evidence in a local folder: `a/b/<sha256>-<id>`, fanned out by the first two hex digits. All 256 folders are made
 * once, so that storing a file syncs one file and one folder and nothing else.
 */
export async function openLocalStore(folder: string): Promise<EvidenceStore> {
  await makeFolders(folder);
  const pathOf = (place: string): string => {
    if (!sealedForm.test(place) && !temporaryForm.test(place)) {
      throw new Error('not a place of the local evidence store');
    }
    return join(folder, place);
  };

  return {
    id: localStoreId,
    name: folder,
    temporaryPlace,
    placeOf: (id, sha256) => `${sha256.slice(0, 1)}/${sha256.slice(1, 2)}/${sha256}-${id}`,
    write: async (id) => {
      const temporary = pathOf(temporaryPlace(id));
      return localWriter(await open(temporary, 'wx', 0o600), temporary, pathOf);
    },
    read: async (place) => await openBytes(folder, place, pathOf(place)),
    size: async (place) => {
      try {
        return (await stat(pathOf(place))).size;
      } catch (error) {
        if (!isMissing(error)) throw error;
        await assertMounted(folder, error);
        return undefined;
      }
    },
    remove: async (place) => {
      const path = pathOf(place);
      const wasThere = await unlinkIfThere(path);
      await unlinkIfThere(pathOf(temporaryPlace(idOfPlace(place))));
      if (wasThere) await syncFolder(dirname(path));
    },
    checkWritable: async () => {
      try {
        await access(join(folder, temporaryFolder), constants.W_OK);
      } catch (cause) {
        throw new Outage(
          `The evidence store ${folder} cannot be written. Mount its volume or correct its owner.`,
          { cause },
        );
      }
    },
    list: () => listPlaces(folder),
    halfWritten: (startedBefore) => listHalfWritten(folder, startedBefore),
    readNote: async (name) => await readPrivate(join(folder, name)),
    writeNote: async (name, text) => await replacePrivate(join(folder, name), text),
  };
}

function temporaryPlace(id: string): string {
  return `${temporaryFolder}/${id}`;
}

/** The temporary folder is made last, so that where it stands all the others do. */
async function makeFolders(folder: string): Promise<void> {
  if (await isThere(join(folder, temporaryFolder))) return;
  for (const first of hexDigits) {
    for (const second of hexDigits)
      await mkdir(join(folder, first, second), { recursive: true, mode: 0o700 });
    await syncFolder(join(folder, first));
  }
  await syncFolder(folder);
  await mkdir(join(folder, temporaryFolder), { recursive: true, mode: 0o700 });
  await syncFolder(folder);
}

function localWriter(handle: FileHandle, temporary: string, pathOf: (place: string) => string): StoreWriter {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  const flush = async (): Promise<void> => {
    const blocks = waiting;
    const bytes = waitingBytes;
    waiting = [];
    waitingBytes = 0;
    const { bytesWritten } = await handle.writev(blocks);
    // The system may take less than it was given, as when the disk is nearly full.
    if (bytesWritten < bytes) await handle.writeFile(Buffer.concat(blocks).subarray(bytesWritten));
  };
  return {
    write: async (chunk) => {
      waiting.push(chunk);
      waitingBytes += chunk.byteLength;
      if (waitingBytes >= blockBytes) await flush();
    },
    commit: async (place) => {
      if (waitingBytes > 0) await flush();
      await handle.datasync();
      await handle.close();
      const path = pathOf(place);
      // `link` refuses a name that is taken, where `rename` would overwrite it.
      await link(temporary, path);
      await unlink(temporary);
      await syncFolder(dirname(path));
    },
    abort: async () => {
      waiting = [];
      await handle.close();
      await unlinkIfThere(temporary);
    },
  };
}

async function openBytes(folder: string, place: string, path: string): Promise<Readable> {
  try {
    const handle = await open(path, constants.O_RDONLY);
    return handle.createReadStream({ highWaterMark: blockBytes });
  } catch (error) {
    if (!isMissing(error)) throw error;
    await assertMounted(folder, error);
    throw new MissingBytes(place, { cause: error });
  }
}

async function* listPlaces(folder: string): AsyncGenerator<string> {
  const folders = [
    temporaryFolder,
    ...hexDigits.flatMap((first) => hexDigits.map((second) => `${first}/${second}`)),
  ];
  for (const each of folders) {
    for await (const entry of await opendir(join(folder, each))) yield `${each}/${entry.name}`;
  }
}

async function* listHalfWritten(folder: string, startedBefore: Date): AsyncGenerator<string> {
  for await (const entry of await opendir(join(folder, temporaryFolder))) {
    const { mtimeMs } = await stat(join(folder, temporaryFolder, entry.name));
    if (mtimeMs < startedBefore.getTime()) yield `${temporaryFolder}/${entry.name}`;
  }
}

/** Keeps a volume that is not mounted from looking like evidence that was lost. */
async function assertMounted(folder: string, cause: unknown): Promise<void> {
  if (await isThere(join(folder, temporaryFolder))) return;
  throw new Outage(
    `The evidence store ${folder} is not there. Mount its volume or restore the folder, then try again.`,
    { cause },
  );
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

async function unlinkIfThere(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
