import type { ReportDraft } from '../formats/report-draft.ts';

/**
 * Whether a service says that a report cannot wait: `escalateToHighPriority` of the XML protocol, and priority 1 of
 * the UK profile, an immediate threat to a child's life or of serious harm. It opens the reserved lane of intake and
 * nothing else: what comes of the report is decided from all its facts.
 */
export function isUrgentDraft(draft: Pick<ReportDraft, 'escalation' | 'declaredPriority'>): boolean {
  return draft.escalation !== undefined || draft.declaredPriority === 1;
}
