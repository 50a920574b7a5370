import { rm } from 'node:fs/promises';
import type pg from 'pg';
import { pinEvidence } from '#platform/evidence-pin';
import { readPrivate, replacePrivate } from '#platform/private-file';
import {
  type About,
  type BackupFolder,
  backupIds,
  lockFolder,
  newBackupId,
  type PartName,
  partLabel,
  readAbout,
} from './backup-folder.ts';
import { type CatalogueEntry, readCatalogue, writeCatalogue } from './catalogue.ts';
import { type CopyTally, copyEvidence, emptyTally, type NamedSeal } from './copy-evidence.ts';
import { type FileFacts, factsOf, sizeOf } from './durable-copy.ts';
import { writePart, writePartText } from './envelope.ts';
import { syncErasures } from './erasures.ts';
import { exportTables, type TablesTail } from './export-tables.ts';
import { type ClusterFacts, type Manifest, writeManifest } from './manifest.ts';
import { countNamedSeals, namedSeals } from './named-seals.ts';
import { readMigrationNames } from './table-catalogue.ts';
import type { BackupParts } from './upkeep-parts.ts';

/** Adds the files of the built-in database to a backup, so that its log can be replayed from there. */
export type CopyCluster = (
  client: pg.Pool,
  id: string,
) => Promise<{ readonly part: FileFacts; readonly facts: ClusterFacts }>;

/**
 * Makes one backup while the bureau runs.
 *
 * In this order: *before* copies the evidence that the database names now, which may take hours and holds nothing up;
 * *pinned*, for moments, removals wait while a snapshot is taken and the evidence that came since is copied; *tables*
 * are read in that snapshot; *keys*, *erasures*, *cluster*; every part is read back; the *manifest* makes it complete.
 * So everything that the tables name is in the backup. A run that ends anywhere before the manifest left no backup,
 * and the evidence it copied is found by the next.
 * @throws Error with one clear sentence when it cannot.
 */
export async function backUp(
  parts: BackupParts,
  folder: BackupFolder,
  copyCluster?: CopyCluster,
): Promise<Manifest> {
  const unlock = await lockFolder(folder);
  try {
    const former = await clearIncomplete(folder);
    const startedAt = parts.clock.now();
    const id = newBackupId(startedAt);
    const about: About = { version: 1, id, keyId: parts.keys.current.id, startedAt: startedAt.toISOString() };
    await parts.audit('begin-backup', `backup:${id}`, { folder: folder.path });
    await replacePrivate(folder.part(id, 'about.json'), `${JSON.stringify(about)}\n`);
    const manifest = await fill(parts, folder, about, former, copyCluster);
    await readBack(folder, manifest);
    await writeManifest(folder, parts.keys, manifest);
    await rm(folder.part(id, 'evidence-before'), { force: true });
    const { files, addedFiles } = manifest.evidence;
    await parts.audit('back-up', `backup:${id}`, { files, addedFiles });
    return manifest;
  } finally {
    await unlock();
  }
}

/** Takes away what interrupted runs left, evidence apart; gives the newest complete backup. */
async function clearIncomplete(folder: BackupFolder): Promise<string | undefined> {
  let newest: string | undefined;
  for (const id of await backupIds(folder)) {
    if ((await sizeOf(folder.part(id, 'manifest'))) !== undefined) newest = id;
    else await rm(folder.backup(id), { recursive: true, force: true });
  }
  return newest;
}

async function fill(
  parts: BackupParts,
  folder: BackupFolder,
  about: About,
  former: string | undefined,
  copyCluster: CopyCluster | undefined,
): Promise<Manifest> {
  const { db, keys } = parts;
  const { id } = about;
  const before = emptyTally();
  const known = former === undefined ? nothing() : earlierCatalogue(parts, folder, former);
  const earlier = counted(parts, before, await countNamedSeals(db.pool), namedSeals(db.pool));
  await writeCatalogue(
    folder,
    keys.current,
    id,
    'evidence-before',
    copyEvidence(folder, parts.evidence, earlier, known, before),
  );

  const snapshot = await readSnapshot(parts, folder, id);
  const kept = await writeKeys(parts, folder, id);
  await syncErasures(folder, keys, db.pool);
  const cluster = await copyCluster?.(db.pool, id);
  const { tally, tables, tail } = snapshot;
  return {
    version: 1,
    id,
    startedAt: about.startedAt,
    finishedAt: parts.clock.now().toISOString(),
    firstlight: parts.version,
    bureau: parts.bureau,
    database: {
      kind: parts.databaseKind,
      postgres: snapshot.postgres,
      migrations: snapshot.migrations,
      snapshotAt: snapshot.at,
      tables: tail.rows,
      jobs: tail.jobs.length,
    },
    evidence: {
      files: tally.files,
      sizeBytes: tally.sizeBytes,
      addedFiles: before.addedFiles + tally.addedFiles,
      addedBytes: before.addedBytes + tally.addedBytes,
      missing: tally.missing,
    },
    keys: Object.keys(parts.keyFiles),
    parts: {
      tables,
      evidence: snapshot.catalogue,
      ...(kept === undefined ? {} : { keys: kept }),
      ...(cluster === undefined ? {} : { cluster: cluster.part }),
    },
    ...(cluster === undefined ? {} : { cluster: cluster.facts }),
  };
}

interface Snapshot {
  readonly at: string;
  readonly postgres: string;
  readonly migrations: readonly string[];
  readonly tally: CopyTally;
  readonly catalogue: FileFacts;
  readonly tables: FileFacts;
  readonly tail: TablesTail;
}

/** The pinned phase and the tables, all in one snapshot. */
async function readSnapshot(parts: BackupParts, folder: BackupFolder, id: string): Promise<Snapshot> {
  const { db, keys, report } = parts;
  const client = await db.pool.connect();
  let isSound = false;
  try {
    const unpin = await pinEvidence(db.pool);
    const tally = emptyTally();
    let facts: { at: Date; postgres: string } | undefined;
    let catalogue: FileFacts;
    try {
      await client.query('begin isolation level repeatable read read only');
      await client.query('set local row_security = off');
      const { rows } = await client.query<{ at: Date; postgres: string }>(
        `select now() as at, current_setting('server_version') as postgres`,
      );
      facts = rows[0];
      const known = readCatalogue(folder, keys.current, id, 'evidence-before');
      const copied = copyEvidence(folder, parts.evidence, namedSeals(client), known, tally);
      catalogue = await writeCatalogue(folder, keys.current, id, 'evidence', copied);
    } finally {
      await unpin();
    }
    const { archive, tail } = exportTables(client, report);
    const tables = await writePart(
      folder.part(id, 'tables'),
      keys.current,
      partLabel(id, 'tables'),
      archive as AsyncIterable<Uint8Array>,
    );
    const migrations = await readMigrationNames(client);
    await client.query('commit');
    isSound = true;
    const at = facts?.at.toISOString() ?? '';
    return { at, postgres: facts?.postgres ?? '', migrations, tally, catalogue, tables, tail: tail() };
  } finally {
    client.release(!isSound);
  }
}

/** Key files go in as they are, encrypted under the backup key; none where they are left out. */
async function writeKeys(
  parts: BackupParts,
  folder: BackupFolder,
  id: string,
): Promise<FileFacts | undefined> {
  const texts: Record<string, string> = {};
  for (const [name, path] of Object.entries(parts.keyFiles)) {
    const text = await readPrivate(path);
    if (text === undefined) throw new Error(`The key file ${path} is not there, so it cannot be backed up.`);
    texts[name] = text;
  }
  if (Object.keys(texts).length === 0) return undefined;
  return await writePartText(
    folder.part(id, 'keys'),
    parts.keys.current,
    partLabel(id, 'keys'),
    JSON.stringify(texts),
  );
}

/** What was written is read from the disk once more before it counts. */
async function readBack(folder: BackupFolder, manifest: Manifest): Promise<void> {
  for (const [name, facts] of Object.entries(manifest.parts)) {
    const path = folder.part(manifest.id, name as PartName);
    const there = await factsOf(path);
    if (there?.sha256 !== facts.sha256) {
      throw new Error(`${path} does not read back as it was written. Check the disk of the backup folder.`);
    }
  }
}

/** An earlier catalogue only saves work: one that another key made, or that is damaged, is done without. */
async function* earlierCatalogue(
  parts: BackupParts,
  folder: BackupFolder,
  id: string,
): AsyncGenerator<CatalogueEntry> {
  try {
    const about = await readAbout(folder, id);
    yield* readCatalogue(folder, parts.keys.byId(about?.keyId ?? ''), id);
  } catch {
    return;
  }
}

async function* nothing(): AsyncGenerator<CatalogueEntry> {}

async function* counted(
  parts: BackupParts,
  tally: CopyTally,
  total: number,
  seals: AsyncIterable<NamedSeal>,
): AsyncGenerator<NamedSeal> {
  for await (const seal of seals) {
    yield seal;
    parts.report({ phase: 'evidence', done: tally.files, total, unit: 'files' });
  }
}
