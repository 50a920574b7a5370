import { pipeline, Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import { type BackupFolder, partLabel } from './backup-folder.ts';
import type { BackupKey } from './backup-key.ts';
import type { FileFacts } from './durable-copy.ts';
import { readPart, writePart } from './envelope.ts';

/** One seal with bytes, as the snapshot of a backup names it, and the ciphertext that was copied for it. */
export interface CatalogueEntry {
  readonly sha256: string;
  readonly store: string;
  readonly place: string;
  /** Of the ciphertext. Absent where the store had no bytes. */
  readonly copy?: FileFacts;
}

type CataloguePart = 'evidence' | 'evidence-before';

/** Writes entries, which come by rising SHA-256, as gzipped JSON lines. */
export async function writeCatalogue(
  folder: BackupFolder,
  key: BackupKey,
  id: string,
  part: CataloguePart,
  entries: AsyncIterable<CatalogueEntry>,
): Promise<FileFacts> {
  const lines = async function* (): AsyncGenerator<string> {
    for await (const entry of entries) yield `${JSON.stringify(entry)}\n`;
  };
  const zipped = createGzip();
  // Errors of the entries travel through the pipeline to whoever reads `zipped`.
  pipeline(Readable.from(lines(), { objectMode: false }), zipped, () => undefined);
  return await writePart(folder.part(id, part), key, partLabel(id, part), zipped);
}

/** The entries in the same order. @throws IntegrityFault when the part was changed or cut short */
export async function* readCatalogue(
  folder: BackupFolder,
  key: BackupKey,
  id: string,
  part: CataloguePart = 'evidence',
): AsyncGenerator<CatalogueEntry> {
  const clear = createGunzip();
  pipeline(
    Readable.from(readPart(folder.part(id, part), key, partLabel(id, part)), { objectMode: false }),
    clear,
    () => undefined,
  );
  let rest = '';
  for await (const chunk of clear.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as CatalogueEntry;
  }
}

const idAtTheEnd = /(?:^|[-/])([0-9a-f]{32})$/;

/** Ciphertext is bound to this id wherever it stands, so a backup names it by nothing else. */
export function placeIdOf(place: string): string {
  const id = idAtTheEnd.exec(place)?.[1];
  if (id === undefined) throw new Error('a place of evidence ends with its id');
  return id;
}
