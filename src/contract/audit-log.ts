import { type Static, Type } from 'typebox';

/** `GET /v1/desk/audit-log`: up to where the audit is sealed, and whether all is well with it. */
export const AuditLogReply = Type.Object({
  /** The log's name, as its checkpoints have it. */
  origin: Type.String(),
  /** Sealed entries. */
  size: Type.Integer(),
  sealedAt: Type.Optional(Type.String()),
  /** Number of the last row of the audit that is sealed. */
  lastAuditRow: Type.Optional(Type.String()),
  /** Rows that wait to be sealed, counted up to 100,000. */
  pending: Type.Integer(),
  /** The newest signed checkpoint with its cosignatures, as text. */
  checkpoint: Type.Optional(Type.String()),
  /** Whether the database still holds everything that this machine saw signed. */
  history: Type.Enum(['continues', 'set-back', 'rewritten']),
  /** What is wrong and what to do, where anything is. */
  trouble: Type.Optional(Type.String()),
  witnesses: Type.Array(
    Type.Object({
      name: Type.String(),
      /** Entries that it last cosigned; 0 for never. */
      size: Type.Integer(),
      answeredAt: Type.Optional(Type.String()),
      askedAt: Type.Optional(Type.String()),
      trouble: Type.Optional(Type.String()),
    }),
  ),
});
export type AuditLogReply = Static<typeof AuditLogReply>;

/** `POST /v1/desk/audit-log/export`: answers with a tar of the log as files (C2SP tlog-tiles). */
export const AuditExportBody = Type.Object({
  /** The first bundle of 256 entries that is wanted: who has those before it goes on from here. */
  fromBundle: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
  /** The proposal that two people approved, where the bureau asks for one. */
  proposal: Type.Optional(Type.String({ maxLength: 64 })),
});
export type AuditExportBody = Static<typeof AuditExportBody>;

/** `strays.json` within an export: what stands in the lists of the database and not in the log. */
export const AuditStrays = Type.Object({
  /** Rows that have no position and do not wait for one: somebody put them in beside the bureau. At most 1,000. */
  rows: Type.Array(Type.Object({ source: Type.String(), id: Type.String() })),
  /** Rows that wait to be sealed. */
  pending: Type.Integer(),
});
export type AuditStrays = Static<typeof AuditStrays>;

/** `GET /v1/desk/audit-log/reports/:reportId/proof`: one page of the rows about a report with their proofs. */
export const ReportProofReply = Type.Object({
  report: Type.String(),
  /** The signed checkpoint that every proof of the page leads to. */
  checkpoint: Type.String(),
  verifierKeys: Type.Array(Type.String()),
  items: Type.Array(
    Type.Object({
      position: Type.Integer(),
      /** The entry as it is hashed: canonical JSON. Absent where the sealed row is gone. */
      entry: Type.String(),
      /** The inclusion proof, from the entry's sibling up; Base64. */
      hashes: Type.Array(Type.String()),
    }),
  ),
  /** The consistency proof from the size that was asked for; Base64. */
  consistency: Type.Optional(Type.Object({ fromSize: Type.Integer(), hashes: Type.Array(Type.String()) })),
  /** Rows about the report that are not in this checkpoint yet. */
  unsealed: Type.Integer(),
  /** Ask again with `after` for what follows. */
  next: Type.Optional(Type.Integer()),
});
export type ReportProofReply = Static<typeof ReportProofReply>;

/** `POST /v1/desk/audit-log/accept-loss`. */
export const AcceptLossBody = Type.Object({ why: Type.String({ minLength: 10, maxLength: 500 }) });
export type AcceptLossBody = Static<typeof AcceptLossBody>;
export const AcceptLossReply = Type.Object({ size: Type.Integer(), seen: Type.Integer() });
export type AcceptLossReply = Static<typeof AcceptLossReply>;
