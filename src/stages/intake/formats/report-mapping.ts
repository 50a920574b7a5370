import { childOf, childrenOf, textOf, walk } from './document-walk.ts';
import { mapParties } from './party-mapping.ts';
import type { ReportDraft, SentNode } from './report-draft.ts';
import { collapsed, wholeNumber } from './simple-values.ts';
import { hasSyntheticMark } from './synthetic-mark.ts';
import type { ElementSpec } from './vocabulary/compiled.ts';

/** The report model of a document that fits schema and rules. */
export function reportDraft(root: SentNode, spec: ElementSpec): ReportDraft {
  const summary = childOf(root, 'incidentSummary') ?? { name: 'incidentSummary' };
  const platform = textOf(summary, 'platform');
  const escalation = textOf(summary, 'escalateToHighPriority');
  const batchReason = childOf(root, 'batchedReport')?.attributes?.reason;
  return {
    profile: 'cybertip',
    incidentType: textOf(summary, 'incidentType') ?? '',
    incidentAt: collapsed(textOf(summary, 'incidentDateTime') ?? ''),
    ...(platform === undefined || platform.trim() === '' ? {} : { platform }),
    ...(escalation === undefined ? {} : { escalation }),
    annotations: presentMarks(childOf(summary, 'reportAnnotations')),
    ...(batchReason === undefined ? {} : { batchReason }),
    isSynthetic: carriesSyntheticMark(root),
    priorReports: priorReports(root, spec),
    parties: mapParties(root, spec).parties,
    sent: root,
  };
}

/** Names of the presence elements in a list of marks. */
export function presentMarks(list: SentNode | undefined): readonly string[] {
  return [...new Set((list?.children ?? []).map((child) => child.name))];
}

function carriesSyntheticMark(root: SentNode): boolean {
  const reporter = childOf(root, 'reporter');
  const texts = [
    textOf(root, 'additionalInfo'),
    ...(reporter === undefined
      ? []
      : [textOf(reporter, 'companyTemplate'), textOf(reporter, 'termsOfService')]),
  ];
  return texts.some((text) => text !== undefined && hasSyntheticMark(text));
}

function priorReports(root: SentNode, spec: ElementSpec): readonly string[] {
  const numbers = new Set<string>();
  walk(root, spec, (visit) => {
    for (const { child, spec: each } of childrenOf(visit)) {
      if (each?.value?.rules.includes('report-number') !== true) continue;
      const number = wholeNumber(child.value ?? '');
      if (/^[1-9]/.test(number)) numbers.add(number);
    }
  });
  return [...numbers];
}
