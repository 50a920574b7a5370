import { type Kysely, sql } from 'kysely';
import type { FileId, ReportId, Sha256 } from '#base/ids';
import type { DB } from '#platform/database-types';

/** The SQL that removes what a filed report said. */

/** What was removed, in numbers, and what names the files without telling anything of them but to whoever has them. */
export interface ErasedContent {
  readonly reference: string;
  readonly environment: 'production' | 'sandbox';
  readonly profile: 'cybertip' | 'uk';
  readonly filedAt: Date;
  readonly documentSha256: string;
  readonly files: readonly { readonly fileId: FileId; readonly sha256: Sha256; readonly sizeBytes: number }[];
  readonly counts: {
    readonly documents: number;
    readonly parties: number;
    readonly identifiers: number;
    readonly incidents: number;
    readonly files: number;
  };
}

/** The report as it is before its erasure, held alone until the transaction ends; undefined where nothing is to erase. */
export async function lockForErasure(db: Kysely<DB>, reportId: ReportId): Promise<ErasedContent | undefined> {
  const report = await db
    .selectFrom('intake.report')
    .select([
      'reference',
      'environment',
      'profile',
      'filed_at',
      'document_sha256',
      'incident_count',
      'file_count',
    ])
    .where('id', '=', reportId)
    .where('state', '=', 'filed')
    .where('erased_at', 'is', null)
    .forUpdate()
    .executeTakeFirst();
  if (report === undefined) return undefined;
  const files = await db
    .selectFrom('intake.report_file')
    .select(['id', 'sha256', 'size_bytes'])
    .where('report_id', '=', reportId)
    .orderBy('position')
    .execute();
  const { rows } = await sql<{ documents: number; parties: number; identifiers: number }>`
    select (select count(*)::int from intake.document where report_id = ${reportId}) as documents,
      (select count(*)::int from intake.party where report_id = ${reportId}) as parties,
      (select count(*)::int from intake.identifier where report_id = ${reportId}) as identifiers`.execute(db);
  const counted = rows[0] ?? { documents: 0, parties: 0, identifiers: 0 };
  return {
    reference: report.reference ?? '',
    environment: report.environment === 'sandbox' ? 'sandbox' : 'production',
    profile: report.profile === 'uk' ? 'uk' : 'cybertip',
    filedAt: report.filed_at ?? new Date(0),
    documentSha256: report.document_sha256,
    files: files.map((file) => ({
      fileId: file.id as FileId,
      sha256: file.sha256 as Sha256,
      sizeBytes: Number(file.size_bytes),
    })),
    counts: { ...counted, incidents: report.incident_count, files: report.file_count },
  };
}

/**
 * Empties the report. The time of the incident is kept by its month only: a second tells who, a month tells how many.
 * Digests of the files stay, because the custody of the evidence is told by them; that of the document goes.
 */
export async function clearReport(db: Kysely<DB>, reportId: ReportId, erasedAt: Date): Promise<void> {
  await sql`
    update intake.report
    set erased_at = ${erasedAt}, sent = null, warnings = '[]', platform = null, escalation = null,
      prior_reports = '{}', document_sha256 = '', filing_digest = null,
      incident_at = date_trunc('month', incident_at, 'UTC')
    where id = ${reportId}`.execute(db);
  await db.deleteFrom('intake.document').where('report_id', '=', reportId).execute();
  await db.deleteFrom('intake.identifier').where('report_id', '=', reportId).execute();
  await db.deleteFrom('intake.party').where('report_id', '=', reportId).execute();
  await db
    .updateTable('intake.incident')
    .set({ party_position: null })
    .where('report_id', '=', reportId)
    .execute();
  await db
    .updateTable('intake.report_file')
    .set({ upload_name: null, original_file_name: null, sent: null })
    .where('report_id', '=', reportId)
    .execute();
  await db
    .updateTable('intake.upload')
    .set({ upload_name: null, metadata: null })
    .where('report_id', '=', reportId)
    .execute();
}

/** Whatever of the report's content the database still holds, by table: nothing, if its erasure was whole. */
export async function contentLeft(db: Kysely<DB>, reportId: ReportId): Promise<readonly string[]> {
  const { rows } = await sql<{ place: string }>`
    select place from (
      select 'intake.report' as place from intake.report where id = ${reportId}
        and (sent is not null or platform is not null or escalation is not null or prior_reports <> '{}'
          or warnings <> '[]' or document_sha256 <> '' or filing_digest is not null)
      union all select 'intake.document' from intake.document where report_id = ${reportId}
      union all select 'intake.identifier' from intake.identifier where report_id = ${reportId}
      union all select 'intake.party' from intake.party where report_id = ${reportId}
      union all select 'intake.report_file' from intake.report_file where report_id = ${reportId}
        and (upload_name is not null or original_file_name is not null or sent is not null)
      union all select 'intake.upload' from intake.upload where report_id = ${reportId}
        and (upload_name is not null or metadata is not null)
    ) places group by place order by place`.execute(db);
  return rows.map(({ place }) => place);
}
