import type { Kysely } from 'kysely';
import type { FileId, ProviderId, ReportId } from '#base/ids';
import type { DB } from '#platform/database-types';

/** The SQL of uploads that can be resumed. Locks: the report's row first, then the upload's. */

/**
 * An upload is **open** while bytes come in, **complete** once all are here, **sealed** when they are one file of the
 * report, and **ended** when it was given up: by its sender, or with its report.
 */
export type UploadState = 'open' | 'complete' | 'sealed' | 'ended';

export interface UploadRow {
  readonly id: string;
  readonly reportId: ReportId;
  readonly providerId: ProviderId;
  readonly state: UploadState;
  /** Undefined while the sender does not know it. */
  readonly lengthBytes: number | undefined;
  readonly offsetBytes: number;
  readonly metadata: string | undefined;
  readonly uploadName: string | undefined;
  /** Token of the request that may add bytes. */
  readonly writer: string | undefined;
  readonly fileId: FileId | undefined;
}

const columns = [
  'id',
  'report_id',
  'provider_id',
  'state',
  'length_bytes',
  'offset_bytes',
  'metadata',
  'upload_name',
  'writer',
  'file_id',
] as const;

function uploadOf(row: {
  id: string;
  report_id: string;
  provider_id: string;
  state: string;
  length_bytes: string | null;
  offset_bytes: string;
  metadata: string | null;
  upload_name: string | null;
  writer: string | null;
  file_id: string | null;
}): UploadRow {
  return {
    id: row.id,
    reportId: row.report_id as ReportId,
    providerId: row.provider_id as ProviderId,
    state: row.state as UploadState,
    lengthBytes: row.length_bytes === null ? undefined : Number(row.length_bytes),
    offsetBytes: Number(row.offset_bytes),
    metadata: row.metadata ?? undefined,
    uploadName: row.upload_name ?? undefined,
    writer: row.writer ?? undefined,
    fileId: (row.file_id ?? undefined) as FileId | undefined,
  };
}

export interface NewUpload {
  readonly id: string;
  readonly reportId: ReportId;
  readonly providerId: ProviderId;
  readonly lengthBytes: number | undefined;
  readonly metadata: string | undefined;
  readonly uploadName: string | undefined;
  readonly openedAt: Date;
}

export async function insertUpload(db: Kysely<DB>, upload: NewUpload): Promise<void> {
  await db
    .insertInto('intake.upload')
    .values({
      id: upload.id,
      report_id: upload.reportId,
      provider_id: upload.providerId,
      state: 'open',
      length_bytes: upload.lengthBytes ?? null,
      metadata: upload.metadata ?? null,
      upload_name: upload.uploadName ?? null,
      opened_at: upload.openedAt,
      modified_at: upload.openedAt,
    })
    .execute();
}

/** The upload if this service began it for this report. */
export async function findOwnUpload(
  db: Kysely<DB>,
  providerId: ProviderId,
  reportId: ReportId,
  uploadId: string,
  lock: 'lock' | 'look',
): Promise<UploadRow | undefined> {
  const query = db
    .selectFrom('intake.upload')
    .select(columns)
    .where('id', '=', uploadId)
    .where('report_id', '=', reportId)
    .where('provider_id', '=', providerId);
  const row = await (lock === 'lock' ? query.forUpdate() : query).executeTakeFirst();
  return row === undefined ? undefined : uploadOf(row);
}

export async function findUpload(
  db: Kysely<DB>,
  uploadId: string,
  lock: 'lock' | 'look',
): Promise<UploadRow | undefined> {
  const query = db.selectFrom('intake.upload').select(columns).where('id', '=', uploadId);
  const row = await (lock === 'lock' ? query.forUpdate() : query).executeTakeFirst();
  return row === undefined ? undefined : uploadOf(row);
}

/** Uploads of a report in these states, oldest first, locked. */
export async function lockUploadsOf(
  db: Kysely<DB>,
  reportId: ReportId,
  states: readonly UploadState[],
): Promise<readonly UploadRow[]> {
  const rows = await db
    .selectFrom('intake.upload')
    .select(columns)
    .where('report_id', '=', reportId)
    .where('state', 'in', [...states])
    .orderBy('id')
    .forUpdate()
    .execute();
  return rows.map(uploadOf);
}

/** How many unfinished uploads the report has. */
export async function countUnfinished(db: Kysely<DB>, reportId: ReportId): Promise<number> {
  const row = await db
    .selectFrom('intake.upload')
    .select((eb) => eb.fn.countAll<string>().as('n'))
    .where('report_id', '=', reportId)
    .where('state', 'in', ['open', 'complete'])
    .executeTakeFirstOrThrow();
  return Number(row.n);
}

export interface UploadProgress {
  readonly id: string;
  readonly offsetBytes: number;
  readonly lengthBytes: number | undefined;
  readonly state: 'open' | 'complete';
  readonly modifiedAt: Date;
}

export async function updateProgress(db: Kysely<DB>, progress: UploadProgress): Promise<void> {
  await db
    .updateTable('intake.upload')
    .set({
      offset_bytes: progress.offsetBytes,
      length_bytes: progress.lengthBytes ?? null,
      state: progress.state,
      modified_at: progress.modifiedAt,
    })
    .where('id', '=', progress.id)
    .execute();
}

/** From here on only the request with this token may add bytes. */
export async function updateWriter(
  db: Kysely<DB>,
  given: { readonly id: string; readonly writer: string; readonly lengthBytes: number | undefined },
): Promise<void> {
  await db
    .updateTable('intake.upload')
    .set({ writer: given.writer, length_bytes: given.lengthBytes ?? null })
    .where('id', '=', given.id)
    .execute();
}

export async function markUploadSealed(
  db: Kysely<DB>,
  sealed: { readonly id: string; readonly fileId: FileId; readonly lengthBytes: number; readonly at: Date },
): Promise<void> {
  await db
    .updateTable('intake.upload')
    .set({
      state: 'sealed',
      file_id: sealed.fileId,
      length_bytes: sealed.lengthBytes,
      offset_bytes: sealed.lengthBytes,
      writer: null,
      modified_at: sealed.at,
      ended_at: sealed.at,
    })
    .where('id', '=', sealed.id)
    .execute();
}

/** What the sender called the file goes with the upload; its size and times stay. */
export async function markUploadsEnded(
  db: Kysely<DB>,
  uploadIds: readonly string[],
  at: Date,
): Promise<void> {
  if (uploadIds.length === 0) return;
  await db
    .updateTable('intake.upload')
    .set({ state: 'ended', metadata: null, upload_name: null, writer: null, modified_at: at, ended_at: at })
    .where('id', 'in', [...uploadIds])
    .execute();
}

/** Moves a report's life on after bytes came in. */
export async function touchReport(
  db: Kysely<DB>,
  reportId: ReportId,
  at: Date,
  expiresAt: Date,
): Promise<void> {
  await db
    .updateTable('intake.report')
    .set({ modified_at: at, expires_at: expiresAt })
    .where('id', '=', reportId)
    .execute();
}
