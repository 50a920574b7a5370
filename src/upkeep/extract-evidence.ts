import { createReadStream } from 'node:fs';
import { type BackupFolder, backupIds, readAbout } from './backup-folder.ts';
import type { BackupKeys } from './backup-key.ts';
import { placeIdOf, readCatalogue } from './catalogue.ts';
import { copyDurably, factsOf, sizeOf } from './durable-copy.ts';

export interface Extracted {
  readonly sha256: string;
  readonly backup: string;
  readonly file: string;
  readonly sizeBytes: number;
}

/**
 * Takes one sealed file out of the newest backup that holds it whole: ciphertext as it stood in the evidence store,
 * for giving a damaged file its bytes back.
 * @param out where to; never written over
 * @throws Error that says which backups were looked through when none has it whole
 */
export async function extractEvidence(
  folder: BackupFolder,
  keys: BackupKeys,
  sha256: string,
  out: string,
): Promise<Extracted> {
  if ((await sizeOf(out)) !== undefined)
    throw new Error(`${out} is there already. Name another file with --out FILE.`);
  const damaged: string[] = [];
  const ids = (await backupIds(folder)).toReversed();
  for (const id of ids) {
    if ((await sizeOf(folder.part(id, 'manifest'))) === undefined) continue;
    const about = await readAbout(folder, id);
    for await (const entry of readCatalogue(folder, keys.byId(about?.keyId ?? ''), id)) {
      if (entry.sha256 > sha256) break;
      if (entry.sha256 !== sha256 || entry.copy === undefined) continue;
      const path = folder.evidence(placeIdOf(entry.place));
      if ((await factsOf(path))?.sha256 !== entry.copy.sha256) {
        damaged.push(id);
        continue;
      }
      const { sizeBytes } = await copyDurably(out, createReadStream(path));
      return { sha256, backup: id, file: out, sizeBytes };
    }
  }
  throw new Error(
    damaged.length > 0
      ? `The backups hold ${sha256}, but its copy is damaged or was erased: ${damaged.join(', ')}. Look for another copy of the backup folder.`
      : `None of the ${ids.length} backups in ${folder.path} holds ${sha256}.`,
  );
}
