import { type Kysely, sql } from 'kysely';
import type { FileId, ProviderId, ReportId, Sha256 } from '#base/ids';
import type { DB } from '#platform/database-types';
import type { SentNode } from './formats/report-draft.ts';
import type { ReportState } from './rules/report-state.ts';

/** The SQL of intake; nothing else writes its tables. */

export type Door = 'ispws' | 'v1';

/** A report's row as deeds need it, without what was sent. */
export interface ReportRow {
  readonly id: ReportId;
  readonly state: ReportState;
  readonly openedAt: Date;
  readonly modifiedAt: Date;
  readonly expiresAt: Date | null;
  readonly batchReason: string | null;
  readonly fileCount: number;
  readonly documentSha256: string;
}

const reportRow = [
  'id',
  'state',
  'opened_at as openedAt',
  'modified_at as modifiedAt',
  'expires_at as expiresAt',
  'batch_reason as batchReason',
  'file_count as fileCount',
  'document_sha256 as documentSha256',
] as const;

/**
 * The report with this number if this service sent it. With `lock` the row stays locked until the transaction
 * ends: every act on a report takes that lock first, so acts on one report follow each other.
 */
export async function findOwnReport(
  db: Kysely<DB>,
  providerId: ProviderId,
  reportId: ReportId,
  lock: 'lock' | 'look',
): Promise<ReportRow | undefined> {
  const query = db
    .selectFrom('intake.report')
    .select(reportRow)
    .where('id', '=', reportId)
    .where('provider_id', '=', providerId);
  const row = await (lock === 'lock' ? query.forUpdate() : query).executeTakeFirst();
  return row as ReportRow | undefined;
}

export interface NewFile {
  readonly id: FileId;
  readonly reportId: ReportId;
  readonly position: number;
  readonly sha256: Sha256;
  readonly md5: string;
  readonly sizeBytes: number;
  readonly uploadName: string | undefined;
  readonly receivedAt: Date;
  /** Until when the report lives after this change. */
  readonly expiresAt: Date;
}

/** Saves a file's record and moves its report's life on, in one statement. */
export async function insertFile(db: Kysely<DB>, file: NewFile): Promise<void> {
  await sql`
    with touched as (
      update intake.report
      set modified_at = ${file.receivedAt}, expires_at = ${file.expiresAt}, file_count = ${file.position}
      where id = ${file.reportId}
    )
    insert into intake.report_file (id, report_id, position, sha256, md5, size_bytes, upload_name, received_at)
    values (${file.id}, ${file.reportId}, ${file.position}, ${file.sha256}, ${file.md5}, ${file.sizeBytes},
      ${file.uploadName ?? null}, ${file.receivedAt})`.execute(db);
}

export async function findFile(
  db: Kysely<DB>,
  reportId: ReportId,
  fileId: FileId,
): Promise<{ readonly describedAt: Date | null } | undefined> {
  return await db
    .selectFrom('intake.report_file')
    .select('described_at as describedAt')
    .where('id', '=', fileId)
    .where('report_id', '=', reportId)
    .executeTakeFirst();
}

/** One file's row at filing, in the order of arrival. */
export interface FileRow {
  readonly id: FileId;
  readonly sha256: Sha256;
  readonly md5: string;
  readonly sizeBytes: string;
}

/**
 * Every file of a report that is being filed. Filings of the same document by the same service wait here for each
 * other until the transaction ends, so that of two identical ones the later sees the earlier.
 */
export async function filesForFiling(
  db: Kysely<DB>,
  providerId: ProviderId,
  report: ReportRow,
): Promise<readonly FileRow[]> {
  const key = `intake.filing ${providerId} ${report.documentSha256}`;
  const { rows } = await sql<FileRow | { readonly id: null }>`
    with turn as materialized (select pg_advisory_xact_lock(hashtextextended(${key}, 0)))
    select file.id, file.sha256, file.md5, file.size_bytes as "sizeBytes"
    from turn left join intake.report_file file on file.report_id = ${report.id}
    order by file.position`.execute(db);
  // The outer side is always read, so the turn is waited for where there is no file either.
  return rows.filter((row): row is FileRow => row.id !== null);
}

/** The ids of a report's files in the order of arrival. */
export async function fileIdsOf(db: Kysely<DB>, reportId: ReportId): Promise<readonly FileId[]> {
  const rows = await db
    .selectFrom('intake.report_file')
    .select('id')
    .where('report_id', '=', reportId)
    .orderBy('position')
    .execute();
  return rows.map((row) => row.id as FileId);
}

/** What a batched report is judged by, as sent; read only for those, because a batch has one file. */
export async function sentTreesOf(
  db: Kysely<DB>,
  reportId: ReportId,
): Promise<{
  readonly sent: SentNode;
  readonly files: readonly { fileId: string; details: SentNode | undefined }[];
}> {
  const report = await db
    .selectFrom('intake.report')
    .select('sent')
    .where('id', '=', reportId)
    .executeTakeFirstOrThrow();
  const files = await db
    .selectFrom('intake.report_file')
    .select(['id', 'sent'])
    .where('report_id', '=', reportId)
    .orderBy('position')
    .execute();
  return {
    sent: report.sent as unknown as SentNode,
    files: files.map((file) => ({
      fileId: file.id,
      details: (file.sent ?? undefined) as SentNode | undefined,
    })),
  };
}

export interface Filing {
  readonly reference: string;
  readonly filedAt: Date;
  readonly digest: string;
}

/** Marks the report as filed; gives the service's first filed report with the same digest, if there is one. */
export async function markFiled(
  db: Kysely<DB>,
  providerId: ProviderId,
  reportId: ReportId,
  filing: Filing,
): Promise<ReportId | undefined> {
  const { rows } = await sql<{ duplicateOf: ReportId | null }>`
    update intake.report set state = 'filed', expires_at = null, filed_at = ${filing.filedAt},
      reference = ${filing.reference}, filing_digest = ${filing.digest},
      duplicate_of = (
        select min(id) from intake.report
        where provider_id = ${providerId} and filing_digest = ${filing.digest} and state = 'filed')
    where id = ${reportId}
    returning duplicate_of as "duplicateOf"`.execute(db);
  return rows[0]?.duplicateOf ?? undefined;
}

/** Ids of open reports whose life is over, locked; those that somebody is working on are left for the next sweep. */
export async function lockOverdueReports(
  db: Kysely<DB>,
  now: Date,
  limit: number,
): Promise<readonly ReportId[]> {
  const rows = await db
    .selectFrom('intake.report')
    .select('id')
    .where('state', '=', 'open')
    .where('expires_at', '<=', now)
    .orderBy('expires_at')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute();
  return rows.map((row) => row.id as ReportId);
}

/**
 * Removes everything that was sent and leaves the tombstone: number, service, times, counts and digests.
 * The vault releases the bytes by itself.
 */
export async function buryReport(
  db: Kysely<DB>,
  reportId: ReportId,
  state: 'retracted' | 'expired',
  endedAt: Date,
): Promise<void> {
  await db
    .updateTable('intake.report')
    .set({
      state,
      ended_at: endedAt,
      expires_at: null,
      sent: null,
      warnings: JSON.stringify([]),
      platform: null,
      escalation: null,
      prior_reports: [],
    })
    .where('id', '=', reportId)
    .execute();
  await db.deleteFrom('intake.document').where('report_id', '=', reportId).execute();
  await db.deleteFrom('intake.identifier').where('report_id', '=', reportId).execute();
  await db.deleteFrom('intake.party').where('report_id', '=', reportId).execute();
  await db
    .updateTable('intake.report_file')
    .set({ upload_name: null, original_file_name: null, sent: null })
    .where('report_id', '=', reportId)
    .execute();
}
