import type { DecisionKind, informationalReasons } from '#contract/desk';
import { incidentTypeLabels } from '#contract/vocabulary-labels';

/** What was done, for rows and history. */
export const decisionDone: Readonly<Record<DecisionKind, string>> = {
  refer: 'Referred',
  informational: 'Informational',
  'needs-information': 'Needs information',
  'not-a-matter': 'Not a matter',
};

type InformationalReason = (typeof informationalReasons)[number];

/** The reasons for `informational`, see `informationalReasons` in the contract for their source. */
export const informationalReasonWords: Readonly<Record<InformationalReason, string>> = {
  'severely-limited-information': 'Severely limited information',
  'no-location-derivable': 'No location can be derived',
  'frequently-seen-non-malicious': 'Frequently seen material, shared without apparent malice',
};

/** A decision's reason as a person reads it: codes in words, free text as it was written. */
export function reasonText(reason: string): string {
  const words: Readonly<Record<string, string>> = informationalReasonWords;
  return words[reason] ?? reason;
}

/** An incident type in a few plain words; the literal of the protocol where there are none. */
export function incidentWords(incidentType: string): string {
  const words: Readonly<Record<string, string>> = incidentTypeLabels;
  return words[incidentType] ?? incidentType;
}
