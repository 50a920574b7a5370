import { type Kysely, sql } from 'kysely';
import type { ReportId } from '#base/ids';
import type { DecisionKind, DecisionRecord, DeskState, Reason, SentNode } from '#contract/desk';
import type { Environment } from '#contract/shapes';
import type { UrgencyReason } from '#contract/urgency';
import type { DB } from '#platform/database-types';

/** The report's own row with its place in the line; null where the report has not come that far. */
export interface BriefRow {
  readonly reference: string | null;
  readonly providerId: string;
  readonly providerName: string;
  readonly environment: Environment;
  readonly door: 'ispws' | 'v1';
  readonly profile: 'cybertip' | 'uk';
  readonly reportState: 'open' | 'filed' | 'retracted' | 'expired';
  readonly openedAt: Date;
  readonly filedAt: Date | null;
  readonly erasedAt: Date | null;
  readonly incidentType: string;
  readonly incidentAt: Date;
  readonly platform: string | null;
  readonly escalation: string | null;
  readonly declaredPriority: number | null;
  readonly annotations: string[];
  readonly batchReason: string | null;
  readonly isSynthetic: boolean;
  readonly priorReports: string[];
  readonly sent: SentNode | null;
  readonly warnings: readonly { readonly element: string; readonly rule: string; readonly message: string }[];
  readonly documentSha256: string;
  readonly incidents: number;
  readonly partyCount: number;
  readonly fileCount: number;
  readonly duplicateOf: string | null;
  readonly urgency: number | null;
  readonly rulesUrgency: number | null;
  readonly urgencyReasons: UrgencyReason[] | null;
  readonly dataExpiresAt: Date | null;
  readonly completeness: number | null;
  readonly present: Reason[] | null;
  readonly missing: Reason[] | null;
  readonly rulesVersion: string | null;
  readonly state: DeskState | null;
  readonly takenBy: string | null;
  readonly takenByName: string | null;
  readonly takenAt: Date | null;
  readonly leaseEndsAt: Date | null;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
}

export async function readBriefRow(db: Kysely<DB>, reportId: ReportId): Promise<BriefRow | undefined> {
  const { rows } = await sql<BriefRow>`
    select report.reference, provider.id::text as "providerId", provider.name as "providerName", report.environment,
      report.door, report.profile, report.state as "reportState", report.opened_at as "openedAt",
      report.filed_at as "filedAt", report.erased_at as "erasedAt", report.incident_type as "incidentType", report.incident_at as "incidentAt",
      report.platform, report.escalation, report.declared_priority as "declaredPriority", report.annotations,
      report.batch_reason as "batchReason", report.is_synthetic as "isSynthetic",
      report.prior_reports as "priorReports", report.sent, report.warnings,
      report.document_sha256 as "documentSha256", report.incident_count as incidents, report.file_count as "fileCount",
      (select count(*)::int from intake.party where report_id = report.id) as "partyCount",
      report.duplicate_of::text as "duplicateOf", coalesce(entry.urgency, assessment.urgency) as urgency,
      assessment.urgency as "rulesUrgency", assessment.data_expires_at as "dataExpiresAt",
      assessment.urgency_reasons as "urgencyReasons", assessment.completeness::float8 as completeness,
      assessment.present, assessment.missing, assessment.rules_version as "rulesVersion",
      entry.state, entry.taken_by::text as "takenBy", taker.name as "takenByName", entry.taken_at as "takenAt",
      entry.lease_ends_at as "leaseEndsAt",
      decision.decided_by::text as "decidedBy", decision.decided_at as "decidedAt"
    from intake.report report
    join access.provider provider on provider.id = report.provider_id
    left join assess.assessment assessment on assessment.report_id = report.id
    left join assess.line_entry entry on entry.report_id = report.id
    left join access.staff taker on taker.id = entry.taken_by
    left join assess.decision decision on decision.id = entry.decision_id
    where report.id = ${reportId}`.execute(db);
  return rows[0];
}

/** Report numbers of later identical filings, the first thousand. */
export async function readDuplicates(db: Kysely<DB>, reportId: ReportId): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id::text as id from intake.report where duplicate_of = ${reportId} order by intake.report.id limit 1000`.execute(
    db,
  );
  return rows.map((row) => row.id);
}

/** Every decision that was ever made about the report, the undone ones with their mark; the newest last. */
export async function readDecisions(db: Kysely<DB>, reportId: ReportId): Promise<DecisionRecord[]> {
  const { rows } = await sql<{
    id: string;
    kind: DecisionKind;
    reason: string | null;
    by: string;
    byName: string | null;
    at: Date;
    undoneAt: Date | null;
    undoneBy: string | null;
    undoneByName: string | null;
    undoneWhy: string | null;
  }>`
    select decision.id::text as id, kind, reason, decided_by::text as by, decider.name as "byName",
      decided_at as at, undone_at as "undoneAt", undone_by::text as "undoneBy", undoer.name as "undoneByName",
      undone_why as "undoneWhy"
    from assess.decision decision
    left join access.staff decider on decider.id = decision.decided_by
    left join access.staff undoer on undoer.id = decision.undone_by
    where report_id = ${reportId}
    order by decided_at, undone_at nulls last, decision.id`.execute(db);
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    ...(row.reason !== null && { reason: row.reason }),
    by: { id: row.by, name: row.byName ?? row.by },
    at: row.at.toISOString(),
    ...(row.undoneAt !== null && { undoneAt: row.undoneAt.toISOString() }),
    ...(row.undoneBy !== null && { undoneBy: { id: row.undoneBy, name: row.undoneByName ?? row.undoneBy } }),
    ...(row.undoneWhy !== null && { undoneWhy: row.undoneWhy }),
  }));
}
