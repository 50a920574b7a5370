import { type BackupFolder, type PartName, readAbout } from './backup-folder.ts';
import type { BackupKeys } from './backup-key.ts';
import { type CatalogueEntry, placeIdOf, readCatalogue } from './catalogue.ts';
import { type FileFacts, factsOf, sizeOf } from './durable-copy.ts';
import { erasedPlaceIds } from './erasures.ts';
import { type Manifest, readManifest } from './manifest.ts';
import type { Report } from './progress.ts';

interface BackupFinding {
  /** A path below the backup folder. */
  readonly file: string;
  /** Of the sealed file that needs it, where it is evidence. */
  readonly sha256?: string;
  readonly reason: string;
}

export interface VerifiedBackup {
  readonly manifest: Manifest;
  readonly checkedFiles: number;
  readonly checkedBytes: number;
  /** Erased for good since: their bytes are rightly gone. */
  readonly erasedFiles: number;
  readonly damaged: readonly BackupFinding[];
}

const atOnce = 4;

/**
 * Reads every file that a backup needs from end to end and compares it with what was written. Needs the backup key and
 * no bureau. What is damaged is named; nothing is changed.
 * @param isQuick compares sizes only
 */
export async function verifyBackup(
  folder: BackupFolder,
  keys: BackupKeys,
  id: string,
  report: Report,
  isQuick: boolean,
): Promise<VerifiedBackup> {
  const manifest = await readManifest(folder, keys, id);
  const about = await readAbout(folder, id);
  const erased = await erasedPlaceIds(folder, keys);
  const tally = { files: 0, bytes: 0, erased: 0 };
  const damaged: BackupFinding[] = [];
  const look = async (path: string, facts: FileFacts, sha256?: string): Promise<void> => {
    const reason = await damageOf(path, facts, isQuick);
    tally.files += 1;
    tally.bytes += facts.sizeBytes;
    const file = path.slice(folder.path.length + 1);
    if (reason !== undefined) damaged.push({ file, reason, ...(sha256 === undefined ? {} : { sha256 }) });
  };
  for (const [name, facts] of Object.entries(manifest.parts))
    await look(folder.part(id, name as PartName), facts);

  const total = manifest.evidence.files;
  if (damaged.some(({ file }) => file.endsWith('/evidence'))) return found();
  const entries = readCatalogue(folder, keys.byId(about?.keyId ?? ''), id);
  const worker = async (): Promise<void> => {
    // One generator for all workers: each takes the next entry.
    for await (const { sha256, place, copy } of shared(entries)) {
      if (copy === undefined) continue;
      const placeId = placeIdOf(place);
      if (erased.has(placeId)) {
        tally.erased += 1;
        continue;
      }
      await look(folder.evidence(placeId), copy, sha256);
      report({ phase: 'verify', done: tally.files, total, unit: 'files' });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return found();

  function found(): VerifiedBackup {
    const { files, bytes, erased: erasedFiles } = tally;
    return { manifest, checkedFiles: files, checkedBytes: bytes, erasedFiles, damaged };
  }
}

async function damageOf(path: string, facts: FileFacts, isQuick: boolean): Promise<string | undefined> {
  const size = await sizeOf(path);
  if (size === undefined) return 'It is missing.';
  if (size !== facts.sizeBytes) return `It has ${size} bytes and had ${facts.sizeBytes}.`;
  if (isQuick) return undefined;
  return (await factsOf(path))?.sha256 === facts.sha256 ? undefined : 'It was changed since it was written.';
}

/** A generator that is not closed when one of several loops over it ends. */
function shared(entries: AsyncGenerator<CatalogueEntry>): AsyncIterable<CatalogueEntry> {
  return { [Symbol.asyncIterator]: () => ({ next: () => entries.next() }) };
}
