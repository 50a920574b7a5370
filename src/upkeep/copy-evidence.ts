import type { Readable } from 'node:stream';
import type { BackupFolder } from './backup-folder.ts';
import { type CatalogueEntry, placeIdOf } from './catalogue.ts';
import { copyDurably, type FileFacts, factsOf, sizeOf } from './durable-copy.ts';

/** A seal with bytes, as the database has it. */
export interface NamedSeal {
  readonly sha256: string;
  readonly store: string;
  readonly place: string;
}

/** Where evidence is read from: ciphertext by store and place. */
export interface EvidenceSource {
  /** Undefined where nothing stands at the place. */
  readonly size: (seal: NamedSeal) => Promise<number | undefined>;
  readonly read: (seal: NamedSeal) => Promise<Readable>;
}

export interface CopyTally {
  files: number;
  sizeBytes: number;
  addedFiles: number;
  addedBytes: number;
  readonly missing: string[];
}

export function emptyTally(): CopyTally {
  return { files: 0, sizeBytes: 0, addedFiles: 0, addedBytes: 0, missing: [] };
}

/** So many are copied at once: each waits for the disk to say that it is durable. */
const atOnce = 8;

/**
 * Makes sure that the folder holds the bytes of every seal, copies what it does not, and gives one entry for each in
 * the order of the seals. What an earlier catalogue lists is taken as it is listed: evidence is written once, so the
 * same place always means the same bytes.
 * @param seals by rising SHA-256
 * @param known an earlier catalogue, by rising SHA-256
 */
export async function* copyEvidence(
  folder: BackupFolder,
  source: EvidenceSource,
  seals: AsyncIterable<NamedSeal>,
  known: AsyncIterable<CatalogueEntry>,
  tally: CopyTally,
): AsyncGenerator<CatalogueEntry> {
  const earlier = follower(known);
  let batch: Promise<CatalogueEntry>[] = [];
  try {
    for await (const seal of seals) {
      const listed = await earlier.at(seal.sha256);
      batch.push(entryFor(folder, source, seal, listed, tally));
      if (batch.length < atOnce) continue;
      yield* await Promise.all(batch);
      batch = [];
    }
    yield* await Promise.all(batch);
  } finally {
    await Promise.allSettled(batch);
    await earlier.end();
  }
}

async function entryFor(
  folder: BackupFolder,
  source: EvidenceSource,
  seal: NamedSeal,
  listed: CatalogueEntry | undefined,
  tally: CopyTally,
): Promise<CatalogueEntry> {
  const { sha256, store, place } = seal;
  const copy = (await alreadyThere(folder, seal, listed)) ?? (await copyOne(folder, source, seal, tally));
  tally.files += 1;
  tally.sizeBytes += copy?.sizeBytes ?? 0;
  if (copy === undefined) tally.missing.push(sha256);
  return { sha256, store, place, ...(copy === undefined ? {} : { copy }) };
}

/** By the id alone: ciphertext that was moved to another store keeps it. */
async function alreadyThere(
  folder: BackupFolder,
  seal: NamedSeal,
  listed: CatalogueEntry | undefined,
): Promise<FileFacts | undefined> {
  if (listed?.copy === undefined) return undefined;
  const id = placeIdOf(seal.place);
  if (placeIdOf(listed.place) !== id) return undefined;
  // A copy that was lost or cut short since is made again.
  return (await sizeOf(folder.evidence(id))) === listed.copy.sizeBytes ? listed.copy : undefined;
}

async function copyOne(
  folder: BackupFolder,
  source: EvidenceSource,
  seal: NamedSeal,
  tally: CopyTally,
): Promise<FileFacts | undefined> {
  const size = await source.size(seal);
  if (size === undefined) return undefined;
  const path = folder.evidence(placeIdOf(seal.place));
  // Left whole by a backup that was interrupted before it listed it.
  const left = (await sizeOf(path)) === size ? await factsOf(path) : undefined;
  if (left !== undefined) return left;
  const copied = await copyDurably(path, await source.read(seal));
  // Read again from the folder, so that what was written is what came.
  const there = await factsOf(path);
  if (there?.sha256 !== copied.sha256)
    throw new Error(`${path} does not read back as it was written. Check its disk.`);
  tally.addedFiles += 1;
  tally.addedBytes += copied.sizeBytes;
  return copied;
}

/** Walks a sorted catalogue beside a sorted list. */
function follower(known: AsyncIterable<CatalogueEntry>) {
  const entries = known[Symbol.asyncIterator]();
  let current: CatalogueEntry | undefined;
  let isAtEnd = false;
  const step = async (): Promise<void> => {
    const next = await entries.next();
    isAtEnd = next.done === true;
    current = next.done === true ? undefined : next.value;
  };
  return {
    at: async (sha256: string): Promise<CatalogueEntry | undefined> => {
      while (!isAtEnd && (current === undefined || current.sha256 < sha256)) await step();
      return current?.sha256 === sha256 ? current : undefined;
    },
    end: async (): Promise<void> => {
      await entries.return?.();
    },
  };
}
