import { type BackupFolder, partLabel, readAbout } from './backup-folder.ts';
import type { BackupKeys } from './backup-key.ts';
import type { FileFacts } from './durable-copy.ts';
import { readPartText, writePartText } from './envelope.ts';

/** Everything that a restored bureau is compared with. Encrypted; written last, so that it makes a backup complete. */
export interface Manifest {
  readonly version: 1;
  readonly id: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Version of the program that made it. */
  readonly firstlight: string;
  readonly bureau: { readonly name: string; readonly isDemonstration: boolean };
  readonly database: {
    /** `built-in`, or the server that DATABASE_URL named. */
    readonly kind: 'built-in' | 'server';
    readonly postgres: string;
    readonly migrations: readonly string[];
    /** The moment that the tables are of. */
    readonly snapshotAt: string;
    /** Rows by table. */
    readonly tables: Readonly<Record<string, number>>;
    readonly jobs: number;
  };
  readonly evidence: {
    readonly files: number;
    readonly sizeBytes: number;
    /** What this backup had to copy; the rest was there from earlier ones. */
    readonly addedFiles: number;
    readonly addedBytes: number;
    /** Bytes that were missing from the store already: their seals come back without them. */
    readonly missing: readonly string[];
  };
  readonly keys: readonly string[];
  readonly parts: Readonly<Partial<Record<'tables' | 'evidence' | 'keys' | 'cluster', FileFacts>>>;
  /** Where the built-in database's log goes on from, when a point in time can be reached. */
  readonly cluster?: ClusterFacts;
}

export interface ClusterFacts {
  readonly archiveId: string;
  readonly major: string;
  readonly startWal: string;
  readonly stopWal: string;
  readonly startedAt: string;
  /** No earlier moment than this can be reached. */
  readonly stoppedAt: string;
}

export async function writeManifest(
  folder: BackupFolder,
  keys: BackupKeys,
  manifest: Manifest,
): Promise<void> {
  const { id } = manifest;
  await writePartText(
    folder.part(id, 'manifest'),
    keys.current,
    partLabel(id, 'manifest'),
    JSON.stringify(manifest),
  );
}

/** @throws IntegrityFault when it was changed, Error when another key is needed or the backup is not complete. */
export async function readManifest(folder: BackupFolder, keys: BackupKeys, id: string): Promise<Manifest> {
  const about = await readAbout(folder, id);
  if (about === undefined) throw new Error(`There is no backup ${id} in ${folder.path}.`);
  const text = await readPartText(
    folder.part(id, 'manifest'),
    keys.byId(about.keyId),
    partLabel(id, 'manifest'),
  );
  return JSON.parse(text) as Manifest;
}
