import { type Kysely, sql } from 'kysely';
import type { Defect } from '#base/defects';
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
  readonly erasedAt: Date | null;
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
  'erased_at as erasedAt',
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

/** Whether this service marked this report, which is still open, as one that cannot wait. */
export async function isUrgentReport(
  db: Kysely<DB>,
  providerId: ProviderId,
  reportId: ReportId,
): Promise<boolean> {
  const row = await db
    .selectFrom('intake.report')
    .select('id')
    .where('id', '=', reportId)
    .where('provider_id', '=', providerId)
    .where('state', '=', 'open')
    .where((eb) => eb.or([eb('escalation', 'is not', null), eb('declared_priority', '=', 1)]))
    .executeTakeFirst();
  return row !== undefined;
}

/** Any service's report, locked: for the bureau's own work. */
export async function lockReport(db: Kysely<DB>, reportId: ReportId): Promise<ReportRow | undefined> {
  const row = await db
    .selectFrom('intake.report')
    .select(reportRow)
    .where('id', '=', reportId)
    .forUpdate()
    .executeTakeFirst();
  return row as ReportRow | undefined;
}

export interface NewFile {
  readonly id: FileId;
  readonly reportId: ReportId;
  readonly position: number;
  readonly sha256: Sha256;
  readonly sha1: string;
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
    insert into intake.report_file (id, report_id, position, sha256, sha1, md5, size_bytes, upload_name, received_at)
    values (${file.id}, ${file.reportId}, ${file.position}, ${file.sha256}, ${file.sha1}, ${file.md5}, ${file.sizeBytes},
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

/** Until when an open report lives. */
export async function findReportLife(db: Kysely<DB>, reportId: ReportId): Promise<Date | undefined> {
  const row = await db
    .selectFrom('intake.report')
    .select('expires_at')
    .where('id', '=', reportId)
    .executeTakeFirst();
  return row?.expires_at ?? undefined;
}

/** What a file is, for the service that sent it. */
export async function findFileDigests(
  db: Kysely<DB>,
  reportId: ReportId,
  fileId: FileId,
): Promise<{ fileId: FileId; md5: string; sha1?: string; sha256: string; sizeBytes: number } | undefined> {
  const row = await db
    .selectFrom('intake.report_file')
    .select(['md5', 'sha1', 'sha256', 'size_bytes'])
    .where('id', '=', fileId)
    .where('report_id', '=', reportId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { md5, sha1, sha256, size_bytes: size } = row;
  return { fileId, md5, ...(sha1 === null ? {} : { sha1 }), sha256, sizeBytes: Number(size) };
}

/** One file's row at filing, in the order of arrival. */
export interface FileRow {
  readonly id: FileId;
  readonly sha256: Sha256;
  readonly sha1: string | null;
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
    select file.id, file.sha256, file.sha1, file.md5, file.size_bytes as "sizeBytes"
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

export interface Marked {
  /** The service's first filed report with the same digest, if there is one. */
  readonly duplicateOf: ReportId | null;
  readonly profile: string;
  readonly warnings: readonly Defect[];
}

/** Marks the report as filed; undefined, and nothing is changed, where bytes of it are still on their way. */
export async function markFiled(
  db: Kysely<DB>,
  providerId: ProviderId,
  reportId: ReportId,
  filing: Filing,
): Promise<Marked | undefined> {
  // Uploads that never got a byte were begun by mistake and end here.
  const { rows } = await sql<Marked>`
    with empty as (
      update intake.upload set state = 'ended', metadata = null, upload_name = null, writer = null,
        modified_at = ${filing.filedAt}, ended_at = ${filing.filedAt}
      where report_id = ${reportId} and state = 'open' and offset_bytes = 0
    )
    update intake.report set state = 'filed', expires_at = null, filed_at = ${filing.filedAt},
      reference = ${filing.reference}, filing_digest = ${filing.digest},
      duplicate_of = (
        select min(id) from intake.report
        where provider_id = ${providerId} and filing_digest = ${filing.digest} and state = 'filed')
    where id = ${reportId} and not exists (
      select from intake.upload where report_id = ${reportId} and state in ('open', 'complete') and offset_bytes > 0)
    returning duplicate_of as "duplicateOf", profile, warnings`.execute(db);
  return rows[0];
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
      declared_priority: null,
      annotations: [],
      batch_reason: null,
      prior_reports: [],
    })
    .where('id', '=', reportId)
    .execute();
  await db.deleteFrom('intake.document').where('report_id', '=', reportId).execute();
  await db.deleteFrom('intake.identifier').where('report_id', '=', reportId).execute();
  await db.deleteFrom('intake.party').where('report_id', '=', reportId).execute();
  await db
    .updateTable('intake.report_file')
    .set({
      upload_name: null,
      original_file_name: null,
      relevance: null,
      is_viewed_by_provider: null,
      is_publicly_available: null,
      annotations: [],
      industry_classification: null,
      sent: null,
    })
    .where('report_id', '=', reportId)
    .execute();
}
