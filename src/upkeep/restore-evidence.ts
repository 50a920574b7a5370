import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import type { BackupFolder } from './backup-folder.ts';
import { type CatalogueEntry, placeIdOf } from './catalogue.ts';
import type { NamedSeal } from './copy-evidence.ts';
import { sizeOf } from './durable-copy.ts';
import type { Report } from './progress.ts';

/** Where evidence comes to stand again. */
export interface EvidenceTarget {
  readonly size: (seal: NamedSeal) => Promise<number | undefined>;
  /** Writes the bytes to the seal's place, whole and durable or not at all. */
  readonly put: (seal: NamedSeal, bytes: AsyncIterable<Uint8Array>) => Promise<void>;
}

export interface EvidenceTally {
  files: number;
  sizeBytes: number;
  /** Already there: from an interrupted run, or in a store that outlived the machine. */
  present: number;
  readonly missing: string[];
  readonly damaged: string[];
}

const atOnce = 8;

/**
 * Brings back the bytes of every seal that the restored database names. Bytes that are missing from the backup, or are
 * not the ones that were backed up, are named and not put anywhere; the rest comes back all the same.
 * @param seals and `catalogue`, both by rising SHA-256
 */
export async function restoreEvidence(
  folder: BackupFolder,
  target: EvidenceTarget,
  seals: AsyncIterable<NamedSeal>,
  catalogue: AsyncIterable<CatalogueEntry>,
  total: number,
  report: Report,
): Promise<EvidenceTally> {
  const tally: EvidenceTally = { files: 0, sizeBytes: 0, present: 0, missing: [], damaged: [] };
  const listed = listedBeside(seals, catalogue);
  const worker = async (): Promise<void> => {
    for (;;) {
      const next = await listed();
      if (next === undefined) return;
      await restoreOne(folder, target, next.seal, next.entry, tally);
      report({ phase: 'evidence', done: tally.files, total, unit: 'files' });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return tally;
}

async function restoreOne(
  folder: BackupFolder,
  target: EvidenceTarget,
  seal: NamedSeal,
  entry: CatalogueEntry | undefined,
  tally: EvidenceTally,
): Promise<void> {
  tally.files += 1;
  const path = folder.evidence(placeIdOf(seal.place));
  const size = await sizeOf(path);
  const standing = await target.size(seal);
  if (standing !== undefined && (size === undefined || standing === size)) {
    tally.present += 1;
    return;
  }
  if (size === undefined) {
    tally.missing.push(seal.sha256);
    return;
  }
  const expected = entry?.place === seal.place ? entry.copy?.sha256 : undefined;
  try {
    await target.put(seal, compared(createReadStream(path, { highWaterMark: 256 * 1024 }), expected));
    tally.sizeBytes += size;
  } catch (error) {
    if (!(error instanceof NotAsCopied)) throw error;
    tally.damaged.push(seal.sha256);
  }
}

class NotAsCopied extends Error {
  override readonly name = 'NotAsCopied';
}

/** Throws before the end when the bytes are not the expected ones, so that they never count as written. */
async function* compared(bytes: Readable, expected: string | undefined): AsyncGenerator<Uint8Array> {
  const sha256 = createHash('sha256');
  for await (const chunk of bytes as AsyncIterable<Buffer>) {
    sha256.update(chunk);
    yield chunk;
  }
  if (expected !== undefined && sha256.digest('hex') !== expected) throw new NotAsCopied();
}

/** Hands out seals with their entries one by one, whoever asks. */
function listedBeside(seals: AsyncIterable<NamedSeal>, catalogue: AsyncIterable<CatalogueEntry>) {
  const pairs = beside(seals, catalogue);
  let waiting: Promise<unknown> = Promise.resolve();
  return async (): Promise<{ seal: NamedSeal; entry: CatalogueEntry | undefined } | undefined> => {
    const next = waiting.then(() => pairs.next());
    waiting = next.catch(() => undefined);
    const { done, value } = await next;
    return done === true ? undefined : value;
  };
}

async function* beside(seals: AsyncIterable<NamedSeal>, catalogue: AsyncIterable<CatalogueEntry>) {
  const entries = catalogue[Symbol.asyncIterator]();
  let current = await entries.next();
  for await (const seal of seals) {
    while (current.done !== true && current.value.sha256 < seal.sha256) current = await entries.next();
    const entry = current.done !== true && current.value.sha256 === seal.sha256 ? current.value : undefined;
    yield { seal, entry };
  }
  await entries.return?.();
}
