/** Which layer of checking found a defect: not well-formed, the schema, a documented rule, or a whole-report rule at filing. */
export type DefectLayer = 'form' | 'schema' | 'rule' | 'filing';

/** One thing wrong with what was sent. Names where it is and what to send instead; never repeats the sent value. */
export interface Defect {
  /** Path of the element or field, as `report/incidentSummary/incidentDateTime` or `incident.occurredAt`. */
  readonly element: string;
  /** Line in the document, from 1; absent where the format has no lines. */
  readonly line?: number;
  readonly layer: DefectLayer;
  /** Stable short name of the broken rule, kebab-case, for example `date-in-future`. */
  readonly rule: string;
  /** One sentence: what is wrong and what to send instead. */
  readonly message: string;
}

/** Accepted, but worth telling the sender. Same shape as a defect. */
export type Warning = Defect;

/** What every parser gives back: a value with warnings, or the list of everything wrong. Parsers never throw. */
export type Parsed<T> =
  | { readonly kind: 'ok'; readonly value: T; readonly warnings: readonly Warning[] }
  | { readonly kind: 'defects'; readonly defects: readonly Defect[] };

/** One line for a person: `layer rule at element, line n: message`. */
export function defectSentence(defect: Defect): string {
  const line = defect.line === undefined ? '' : ` (line ${defect.line})`;
  return `${defect.element}${line}: ${defect.message} [${defect.layer}: ${defect.rule}]`;
}
