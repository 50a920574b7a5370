import { type RunDeed, type Vault, verifyAll } from '#vault';
import { type BackupFolder, readAbout } from './backup-folder.ts';
import type { BackupKeys } from './backup-key.ts';
import { type CatalogueEntry, readCatalogue } from './catalogue.ts';
import { countNamedSeals, namedSeals } from './named-seals.ts';
import type { Report } from './progress.ts';
import type { RestoredDatabase } from './restore.ts';
import { restoreEvidence } from './restore-evidence.ts';
import { nameOf, quoted, readTables } from './table-catalogue.ts';
import { evidenceOf } from './vault-evidence.ts';

/** What a restore brought back, and everything about it that is not as it should be. */
export interface RestoreReport {
  readonly backup: string;
  /** The moment that the database is of; absent where the log was replayed to its end. */
  readonly asOf?: string;
  readonly isReplayed: boolean;
  readonly rows: number;
  readonly evidence: { readonly files: number; readonly sizeBytes: number; readonly present: number };
  readonly verifiedFiles: number;
  /** By SHA-256, with the reason. */
  readonly damaged: readonly { readonly sha256: string; readonly reason: string }[];
  readonly erasedAgain: number;
  readonly audit: AuditVerdict;
  /** Tables whose counts are not those of the backup. */
  readonly differences: readonly string[];
  readonly jobs: number;
  /** The first number that a new report can get: no number that was acknowledged after the backup comes twice. */
  readonly nextReportId: string;
}

export interface AuditVerdict {
  readonly entries: number;
  /** One sentence for each thing that does not hold. */
  readonly faults: readonly string[];
}

export interface FinishParts {
  readonly folder: BackupFolder;
  readonly keys: BackupKeys;
  readonly restored: RestoredDatabase;
  readonly vault: Vault;
  /** Runs a deed as the restore, in one committed transaction with its audit row where the deed makes one. */
  readonly run: RunDeed;
  readonly report: Report;
  readonly asOf: string | undefined;
  /** Leaves the audit row that the restore has begun. */
  readonly begin: () => Promise<void>;
  /** Ends what must not come back to life: sessions, sign-in links. */
  readonly endSessions: () => Promise<void>;
  readonly eraseAgain: () => Promise<number>;
  readonly verifyAudit: () => Promise<AuditVerdict>;
  readonly enqueue: () => Promise<number>;
}

/**
 * Makes a restored database a bureau again: evidence comes back, what was erased since goes, and everything is
 * checked. May be repeated when it was interrupted.
 */
export async function finishRestore(parts: FinishParts): Promise<RestoreReport> {
  const { folder, restored, vault, report } = parts;
  const { manifest, db, isReplayed } = restored;
  // Counted before the restore itself leaves a row.
  const counts = await countRows(parts);
  await parts.begin();
  const evidence = await restoreEvidence(
    folder,
    evidenceOf(vault),
    namedSeals(db.pool),
    catalogueOf(parts),
    await countNamedSeals(db.pool),
    report,
  );
  await parts.endSessions();
  const erasedAgain = await parts.eraseAgain();
  const nextReportId = await moveReportNumbers(parts);
  const reasons = new Map<string, string>();
  const missing = await stillNamed(parts, evidence.missing);
  for (const sha256 of missing) reasons.set(sha256, 'The backup does not hold its bytes.');
  for (const sha256 of evidence.damaged)
    reasons.set(sha256, 'Its bytes in the backup were changed since they were written.');
  let verifiedFiles = 0;
  for await (const { checked, total, damaged } of verifyAll(vault, parts.run)) {
    verifiedFiles = checked;
    for (const { sha256, reason } of damaged) if (!reasons.has(sha256)) reasons.set(sha256, reason);
    report({ phase: 'verify', done: checked, total, unit: 'files' });
  }
  const audit = await parts.verifyAudit();
  const jobs = await parts.enqueue();
  return {
    backup: manifest.id,
    ...(parts.asOf === undefined ? {} : { asOf: parts.asOf }),
    isReplayed,
    rows: counts.rows,
    evidence: { files: evidence.files, sizeBytes: evidence.sizeBytes, present: evidence.present },
    verifiedFiles,
    damaged: [...reasons].map(([sha256, reason]) => ({ sha256, reason })),
    erasedAgain,
    audit,
    differences: counts.differences,
    jobs,
    nextReportId,
  };
}

async function* catalogueOf({ folder, keys, restored }: FinishParts): AsyncGenerator<CatalogueEntry> {
  const about = await readAbout(folder, restored.manifest.id);
  yield* readCatalogue(folder, keys.byId(about?.keyId ?? ''), restored.manifest.id);
}

/** What was erased again has rightly no bytes. */
async function stillNamed({ restored }: FinishParts, sha256s: readonly string[]): Promise<readonly string[]> {
  const { rows } = await restored.db.pool.query<{ sha256: string }>(
    'select sha256 from vault.seal where sha256 = any($1) and location is not null order by sha256',
    [sha256s],
  );
  return rows.map(({ sha256 }) => sha256);
}

/** A replayed database may be newer than its backup in every table, so there only the sum is told. */
async function countRows({
  restored,
}: FinishParts): Promise<{ rows: number; differences: readonly string[] }> {
  const client = await restored.db.pool.connect();
  try {
    const differences: string[] = [];
    let rows = 0;
    for (const table of await readTables(client)) {
      const { rows: counted } = await client.query<{ rows: string }>(
        `select count(*)::text as rows from ${quoted(table)}`,
      );
      const count = Number(counted[0]?.rows ?? 0);
      rows += count;
      const expected = restored.manifest.database.tables[nameOf(table)];
      if (!restored.isReplayed && expected !== undefined && expected !== count)
        differences.push(`${nameOf(table)} has ${count} rows, the backup had ${expected}`);
    }
    return { rows, differences };
  } finally {
    client.release();
  }
}

/** Far beyond what a service could have filed since the backup: ten days of the world's reports. */
const reportGap = 1_000_000;

/**
 * Numbers of reports that were acknowledged after the backup are in the hands of services: a new report must not get
 * one of them. Counted from the backup's last number, so that repeating the restore changes nothing.
 */
async function moveReportNumbers({ restored }: FinishParts): Promise<string> {
  const { rows } = await restored.db.pool.query<{ next: string }>(
    `select setval(pg_get_serial_sequence('intake.report', 'id'),
       greatest((select coalesce(max(id), 1000000) from intake.report) + $1::bigint,
         (select last_value from intake.report_id_seq)))::text as next`,
    [reportGap],
  );
  return String(BigInt(rows[0]?.next ?? '0') + 1n);
}
