import { auditSource, type LogSource } from '#access';

/** Every list whose rows are entries of the audit log. */
export const logSources: readonly LogSource[] = [
  auditSource,
  {
    name: 'custody',
    table: 'vault.custody',
    columns: {
      at: 'time',
      sha256: 'text',
      act: 'text',
      actor_kind: 'text',
      actor_id: 'text',
      report_id: 'text',
      file_id: 'text',
      note: 'text',
    },
    ofReport: { column: 'report_id', valueOf: (reportId) => reportId },
  },
];
