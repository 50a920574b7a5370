import { type Kysely, sql } from 'kysely';
import type { Defect } from '#base/defects';
import type { FileId, ProviderId, ReportId, Sha256 } from '#base/ids';
import type { Environment } from '#contract/shapes';
import type { DB } from '#platform/database-types';
import type { FileDetailsDraft, IdentifierDraft, ReportDraft, SentNode } from './formats/report-draft.ts';
import { momentOf } from './formats/simple-values.ts';
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

export interface NewReport {
  readonly providerId: ProviderId;
  readonly environment: Environment;
  readonly door: Door;
  readonly draft: ReportDraft;
  readonly warnings: readonly Defect[];
  readonly document: { readonly bytes: Uint8Array; readonly mediaType: string; readonly sha256: string };
  readonly incidentParties: readonly (number | null)[];
  readonly openedAt: Date;
  readonly expiresAt: Date;
}

/** Saves the report with all that belongs to it; five statements, however many parties it names. */
export async function insertReport(db: Kysely<DB>, report: NewReport): Promise<ReportId> {
  const { draft } = report;
  const { id } = await db
    .insertInto('intake.report')
    .values({
      provider_id: report.providerId,
      environment: report.environment,
      door: report.door,
      profile: draft.profile,
      state: 'open',
      opened_at: report.openedAt,
      modified_at: report.openedAt,
      expires_at: report.expiresAt,
      incident_type: draft.incidentType,
      incident_at: incidentMoment(draft),
      platform: draft.platform ?? null,
      escalation: draft.escalation ?? null,
      declared_priority: draft.declaredPriority ?? null,
      annotations: [...draft.annotations],
      batch_reason: draft.batchReason ?? null,
      is_synthetic: draft.isSynthetic,
      prior_reports: [...draft.priorReports],
      sent: JSON.stringify(draft.sent),
      warnings: JSON.stringify(report.warnings),
      document_sha256: report.document.sha256,
      incident_count: report.incidentParties.length,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const reportId = id as ReportId;
  await insertDocument(db, reportId, undefined, 'report', report.document, report.openedAt);
  await insertParties(db, reportId, draft);
  await insertIncidents(db, reportId, report.incidentParties);
  await insertIdentifiers(
    db,
    reportId,
    draft.parties.flatMap((party, index) =>
      party.identifiers.map((identifier) => ({ identifier, partyPosition: index + 1, fileId: undefined })),
    ),
  );
  return reportId;
}

/** Both doors refuse a time that names no moment. */
function incidentMoment(draft: ReportDraft): Date {
  const moment = momentOf(draft.incidentAt);
  if (typeof moment !== 'number') throw new Error('a draft holds an incident time that is none');
  return new Date(moment);
}

async function insertDocument(
  db: Kysely<DB>,
  reportId: ReportId,
  fileId: FileId | undefined,
  kind: 'report' | 'file-details',
  document: { readonly bytes: Uint8Array; readonly mediaType: string; readonly sha256: string },
  receivedAt: Date,
): Promise<void> {
  await db
    .insertInto('intake.document')
    .values({
      report_id: reportId,
      file_id: fileId ?? null,
      kind,
      media_type: document.mediaType,
      body: Buffer.from(document.bytes),
      sha256: document.sha256,
      received_at: receivedAt,
    })
    .execute();
}

/** One JSON parameter per table: a batched report may name more parties than a statement takes parameters. */
async function insertParties(db: Kysely<DB>, reportId: ReportId, draft: ReportDraft): Promise<void> {
  const positions = new Map(draft.parties.map((party, index) => [party.path, index + 1]));
  const rows = draft.parties.map((party, index) => ({
    position: index + 1,
    role: party.role,
    path: party.path,
    of_position: (party.ofPath === undefined ? undefined : positions.get(party.ofPath)) ?? null,
  }));
  if (rows.length === 0) return;
  await sql`
    insert into intake.party (report_id, position, role, path, of_position)
    select ${reportId}::bigint, position, role, path, of_position
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as row (position integer, role text, path text, of_position integer)`.execute(db);
}

async function insertIncidents(
  db: Kysely<DB>,
  reportId: ReportId,
  parties: readonly (number | null)[],
): Promise<void> {
  const rows = parties.map((party, index) => ({ position: index + 1, party_position: party }));
  await sql`
    insert into intake.incident (report_id, position, party_position)
    select ${reportId}::bigint, position, party_position
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as row (position integer, party_position integer)
  `.execute(db);
}

interface PlacedIdentifier {
  readonly identifier: IdentifierDraft;
  readonly partyPosition: number | undefined;
  readonly fileId: FileId | undefined;
}

async function insertIdentifiers(
  db: Kysely<DB>,
  reportId: ReportId,
  placed: readonly PlacedIdentifier[],
): Promise<void> {
  if (placed.length === 0) return;
  const rows = placed.map(({ identifier, partyPosition, fileId }, index) => ({
    nth: index + 1,
    party_position: partyPosition ?? null,
    file_id: fileId ?? null,
    kind: identifier.kind,
    value: identifier.value,
    path: identifier.path,
    line: identifier.line ?? null,
    attributes: identifier.attributes,
  }));
  // Positions go on from those of earlier files; the report's row is locked, so nobody else counts meanwhile.
  await sql`
    insert into intake.identifier
      (report_id, position, party_position, file_id, kind, value, path, line, attributes)
    select ${reportId}::bigint,
      (select coalesce(max(position), 0) from intake.identifier where report_id = ${reportId}::bigint) + nth,
      party_position, file_id, kind, value, path, line, attributes
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as row
      (nth integer, party_position integer, file_id text, kind text, value text, path text, line integer,
       attributes jsonb)`.execute(db);
}

/** Moves the end of an open report's life after a change. */
export async function touchReport(
  db: Kysely<DB>,
  reportId: ReportId,
  change: { readonly modifiedAt: Date; readonly expiresAt: Date; readonly addedFiles: number },
): Promise<void> {
  await db
    .updateTable('intake.report')
    .set({
      modified_at: change.modifiedAt,
      expires_at: change.expiresAt,
      file_count: sql`file_count + ${change.addedFiles}`,
    })
    .where('id', '=', reportId)
    .execute();
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
}

export async function insertFile(db: Kysely<DB>, file: NewFile): Promise<void> {
  await db
    .insertInto('intake.report_file')
    .values({
      id: file.id,
      report_id: file.reportId,
      position: file.position,
      sha256: file.sha256,
      md5: file.md5,
      size_bytes: file.sizeBytes,
      upload_name: file.uploadName ?? null,
      received_at: file.receivedAt,
    })
    .execute();
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

export async function insertFileDetails(
  db: Kysely<DB>,
  file: { readonly reportId: ReportId; readonly fileId: FileId },
  details: FileDetailsDraft,
  document: { readonly bytes: Uint8Array; readonly mediaType: string; readonly sha256: string },
  describedAt: Date,
): Promise<void> {
  await db
    .updateTable('intake.report_file')
    .set({
      described_at: describedAt,
      original_file_name: details.originalFileName ?? null,
      relevance: details.relevance,
      is_viewed_by_provider: details.isViewedByProvider ?? null,
      is_publicly_available: details.isPubliclyAvailable ?? null,
      annotations: [...details.annotations],
      industry_classification: details.industryClassification ?? null,
      sent: JSON.stringify(details.sent),
    })
    .where('id', '=', file.fileId)
    .execute();
  await insertDocument(db, file.reportId, file.fileId, 'file-details', document, describedAt);
  await insertIdentifiers(
    db,
    file.reportId,
    details.identifiers.map((identifier) => ({ identifier, partyPosition: undefined, fileId: file.fileId })),
  );
}

/** One file's row at filing, in the order of arrival. */
export interface FileRow {
  readonly id: FileId;
  readonly sha256: Sha256;
  readonly md5: string;
  readonly sizeBytes: string;
}

export async function filesOf(db: Kysely<DB>, reportId: ReportId): Promise<readonly FileRow[]> {
  const rows = await db
    .selectFrom('intake.report_file')
    .select(['id', 'sha256', 'md5', 'size_bytes as sizeBytes'])
    .where('report_id', '=', reportId)
    .orderBy('position')
    .execute();
  return rows as unknown as readonly FileRow[];
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
  readonly duplicateOf: ReportId | undefined;
}

/** The first filed report of this service with the same document and files. */
export async function findFiledTwin(
  db: Kysely<DB>,
  providerId: ProviderId,
  digest: string,
): Promise<ReportId | undefined> {
  // Two identical reports that are filed at the same moment must see each other; the lock ends with the transaction.
  await sql`select pg_advisory_xact_lock(hashtextextended(${`intake.filing ${providerId} ${digest}`}, 0))`.execute(
    db,
  );
  const row = await db
    .selectFrom('intake.report')
    .select('id')
    .where('provider_id', '=', providerId)
    .where('filing_digest', '=', digest)
    .where('state', '=', 'filed')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  return row?.id as ReportId | undefined;
}

export async function markFiled(db: Kysely<DB>, reportId: ReportId, filing: Filing): Promise<void> {
  await db
    .updateTable('intake.report')
    .set({
      state: 'filed',
      expires_at: null,
      filed_at: filing.filedAt,
      reference: filing.reference,
      filing_digest: filing.digest,
      duplicate_of: filing.duplicateOf ?? null,
    })
    .where('id', '=', reportId)
    .execute();
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
