import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createDecoder, type Decoder, type Verdict } from '#decoder';

/** One file of `firstlight hash`, in the form that other programs rely on. Hashes are lower-case hex. */
export interface HashedFile {
  /** As it was typed. */
  readonly file: string;
  readonly md5?: string;
  readonly sha1?: string;
  readonly sha256?: string;
  readonly mediaType?: string;
  readonly pdq?: string;
  readonly pdqQuality?: number;
  /** By the names of the published vectors and in their order: how the hash would be of the picture turned or mirrored. */
  readonly pdqOrientations?: Readonly<Record<string, string>>;
  /** Of a picture that is not opaque: the hash of its colours without regard to transparency. */
  readonly pdqWithoutAlpha?: string;
  /** Part of the picture is missing; what is there was hashed. */
  readonly isPartial?: true;
  /** Why there is no `pdq`. */
  readonly error?: string;
}

interface Measured {
  readonly md5: string;
  readonly sha1: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

export interface HashProgress {
  readonly files: number;
  readonly sizeBytes: number;
}

const chunkBytes = 1024 * 1024;

/** Hashes files, several at once, and gives them in the order in which they were named. Writes nothing. */
export async function hashFiles(
  files: readonly string[],
  path: string,
  onProgress: (progress: HashProgress) => void,
): Promise<{ readonly items: readonly HashedFile[]; readonly sizeBytes: number; readonly unread: number }> {
  const processes = Math.min(availableParallelism(), files.length);
  const decoder = createDecoder({ processes, path });
  const items: HashedFile[] = [];
  let [done, sizeBytes, unread] = [0, 0, 0];
  const waiting = files.entries();
  const work = async (): Promise<void> => {
    for (const [at, file] of waiting) {
      const { item, read } = await hashFile(decoder, file);
      items[at] = item;
      done += 1;
      if (read === undefined) unread += 1;
      else sizeBytes += read;
      onProgress({ files: done, sizeBytes });
    }
  };
  try {
    // One more than decode, so that the next file is read meanwhile.
    await Promise.all(Array.from({ length: processes + 1 }, work));
  } finally {
    await decoder.stop();
  }
  return { items, sizeBytes, unread };
}

async function hashFile(decoder: Decoder, file: string): Promise<{ item: HashedFile; read?: number }> {
  try {
    const { sizeBytes, ...digests } = await measure(file);
    const verdict = await decoder.look({
      open: () => Promise.resolve(createReadStream(file, { highWaterMark: chunkBytes })),
    });
    return { item: { file, ...digests, ...present(verdict) }, read: sizeBytes };
  } catch (error) {
    return { item: { file, error: whyUnread(error) } };
  }
}

async function measure(file: string): Promise<Measured> {
  const [md5, sha1, sha256] = [createHash('md5'), createHash('sha1'), createHash('sha256')];
  let sizeBytes = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>) {
    for (const digest of [md5, sha1, sha256]) digest.update(chunk);
    sizeBytes += chunk.byteLength;
  }
  return { md5: md5.digest('hex'), sha1: sha1.digest('hex'), sha256: sha256.digest('hex'), sizeBytes };
}

function present(verdict: Verdict): Omit<HashedFile, 'file'> {
  if (verdict.kind !== 'picture') return { mediaType: verdict.mediaType, error: verdict.reason };
  const [shown, stored] = verdict.hashes;
  if (shown === undefined) return { mediaType: verdict.mediaType, error: 'The decoder gave no hash.' };
  const named = Object.entries(shown.orientations).map(
    ([name, hash]) =>
      [name.replace(/^flip/, 'flip_').replace(/[A-Z]/, (letter) => letter.toLowerCase()), hash] as const,
  );
  return {
    mediaType: verdict.mediaType,
    pdq: shown.hash,
    pdqQuality: shown.quality,
    pdqOrientations: Object.fromEntries(named),
    ...(stored === undefined ? {} : { pdqWithoutAlpha: stored.hash }),
    ...(verdict.isPartial ? { isPartial: true } : {}),
  };
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file.',
  EACCES: 'You may not read this file.',
  EISDIR: 'This is a folder; name the files in it.',
};

function whyUnread(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return reasons[code] ?? (error instanceof Error ? error.message : 'It could not be read.');
}
