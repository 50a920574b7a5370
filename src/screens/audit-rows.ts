import type { AuditRow } from '#contract/desk';

/** One row as the trail and the auditor's list read it. */
export interface AuditRecord {
  readonly id: string;
  readonly at: Date;
  readonly actorKind: AuditRow['actor']['kind'];
  readonly actorId: string;
  readonly actorName: string;
  readonly action: string;
  readonly outcome: AuditRow['outcome'];
  readonly code: string | null;
  readonly subject: string | null;
  readonly why: string | null;
  readonly requestId: string | null;
}

export function auditRowOf(row: AuditRecord): AuditRow {
  return {
    id: row.id,
    at: row.at.toISOString(),
    actor: { kind: row.actorKind, id: row.actorId, name: row.actorName },
    action: row.action,
    outcome: row.outcome,
    ...(row.code !== null && { code: row.code }),
    ...(row.subject !== null && { subject: row.subject }),
    ...(row.why !== null && { why: row.why }),
    ...(row.requestId !== null && { requestId: row.requestId }),
  };
}
