import { type Kysely, sql } from 'kysely';
import type { Defect } from '#base/defects';
import type { FileId, ProviderId, ReportId } from '#base/ids';
import type { Environment } from '#contract/shapes';
import type { DB } from '#platform/database-types';
import type { FileDetailsDraft, IdentifierDraft, ReportDraft } from './formats/report-draft.ts';
import { momentOf } from './formats/simple-values.ts';
import type { Door } from './store.ts';

/** The SQL that saves what was sent: a report with all that belongs to it, and the details of a file. */

interface KeptDocument {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly sha256: string;
}

export interface NewReport {
  readonly providerId: ProviderId;
  readonly environment: Environment;
  readonly door: Door;
  readonly draft: ReportDraft;
  readonly warnings: readonly Defect[];
  readonly document: KeptDocument;
  /** One per incident: the position of its reported user, or null. */
  readonly incidentParties: readonly (number | null)[];
  readonly openedAt: Date;
  readonly expiresAt: Date;
}

/** Saves the report with all that belongs to it in two statements, however many parties it names. */
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
  await insertContents(db, reportId, report);
  return reportId;
}

/** Both doors refuse a time that names no moment. */
function incidentMoment(draft: ReportDraft): Date {
  const moment = momentOf(draft.incidentAt);
  if (typeof moment !== 'number') throw new Error('a draft holds an incident time that is none');
  return new Date(moment);
}

/** One JSON parameter per table: a batched report may name more parties than a statement takes parameters. */
async function insertContents(db: Kysely<DB>, reportId: ReportId, report: NewReport): Promise<void> {
  const { document, draft, incidentParties } = report;
  const positions = new Map(draft.parties.map((party, index) => [party.path, index + 1]));
  const parties = draft.parties.map(({ role, path, ofPath }, index) => ({
    position: index + 1,
    role,
    path,
    of_position: (ofPath === undefined ? undefined : positions.get(ofPath)) ?? null,
  }));
  const incidents = incidentParties.map((party, index) => ({ position: index + 1, party_position: party }));
  const identifiers = draft.parties.flatMap((party, index) =>
    party.identifiers.map((identifier) => identifierRow(identifier, index + 1)),
  );
  await sql`
    with document as (
      insert into intake.document (report_id, kind, media_type, body, sha256, received_at)
      values (${reportId}, 'report', ${document.mediaType}, ${Buffer.from(document.bytes)}, ${document.sha256},
        ${report.openedAt})
    ), party as (
      insert into intake.party (report_id, position, role, path, of_position)
      select ${reportId}::bigint, position, role, path, of_position
      from jsonb_to_recordset(${JSON.stringify(parties)}::jsonb)
        as row (position integer, role text, path text, of_position integer)
    ), incident as (
      insert into intake.incident (report_id, position, party_position)
      select ${reportId}::bigint, position, party_position
      from jsonb_to_recordset(${JSON.stringify(incidents)}::jsonb)
        as row (position integer, party_position integer)
    )
    insert into intake.identifier (report_id, position, party_position, kind, value, path, line, attributes)
    select ${reportId}::bigint, nth, party_position, kind, value, path, line, attributes
    from jsonb_array_elements(${JSON.stringify(identifiers)}::jsonb) with ordinality as list (item, nth),
      jsonb_to_record(item) as row
        (party_position integer, kind text, value text, path text, line integer, attributes jsonb)`.execute(
    db,
  );
}

function identifierRow(identifier: IdentifierDraft, partyPosition: number | null) {
  const { kind, value, path, line, attributes } = identifier;
  return { party_position: partyPosition, kind, value, path, line: line ?? null, attributes };
}

export interface NewFileDetails {
  readonly reportId: ReportId;
  readonly fileId: FileId;
  readonly details: FileDetailsDraft;
  readonly document: KeptDocument;
  readonly describedAt: Date;
  /** Until when the report lives after this change. */
  readonly expiresAt: Date;
}

/** Saves what was said of a file and moves its report's life on, in one statement. */
export async function insertFileDetails(db: Kysely<DB>, given: NewFileDetails): Promise<void> {
  const { reportId, fileId, details, document, describedAt } = given;
  const identifiers = details.identifiers.map((identifier) => identifierRow(identifier, null));
  // Positions go on from those of earlier files; the report's row is locked, so nobody else counts meanwhile.
  await sql`
    with touched as (
      update intake.report set modified_at = ${describedAt}, expires_at = ${given.expiresAt} where id = ${reportId}
    ), described as (
      update intake.report_file set described_at = ${describedAt},
        original_file_name = ${details.originalFileName ?? null}, relevance = ${details.relevance},
        is_viewed_by_provider = ${details.isViewedByProvider ?? null},
        is_publicly_available = ${details.isPubliclyAvailable ?? null},
        annotations = ${[...details.annotations]}, industry_classification = ${details.industryClassification ?? null},
        sent = ${JSON.stringify(details.sent)}
      where id = ${fileId}
    ), document as (
      insert into intake.document (report_id, file_id, kind, media_type, body, sha256, received_at)
      values (${reportId}, ${fileId}, 'file-details', ${document.mediaType}, ${Buffer.from(document.bytes)},
        ${document.sha256}, ${describedAt})
    )
    insert into intake.identifier (report_id, position, file_id, kind, value, path, line, attributes)
    select ${reportId}::bigint,
      (select coalesce(max(position), 0) from intake.identifier where report_id = ${reportId}::bigint) + nth,
      ${fileId}, kind, value, path, line, attributes
    from jsonb_array_elements(${JSON.stringify(identifiers)}::jsonb) with ordinality as list (item, nth),
      jsonb_to_record(item) as row (kind text, value text, path text, line integer, attributes jsonb)`.execute(
    db,
  );
}
