import { type DefectCollection, type Finding, shownName } from './defect-collection.ts';
import { type Visit, walk } from './document-walk.ts';
import { checkElement } from './element-rules.ts';
import type { SentNode } from './report-draft.ts';
import { lengthFinding, valueRules } from './value-rules.ts';
import type { ElementSpec, ValueSpec } from './vocabulary/compiled.ts';

/** Applies every documented rule to a document that fits the schema; the rules stand in the vocabulary's tables. */
export function checkRules(root: SentNode, spec: ElementSpec, now: Date, into: DefectCollection): void {
  walk(root, spec, (visit) => {
    const { node, path, spec: element } = visit;
    if (element.isExtension) into.add('rule', path, node.line, newerElement);
    if (element.value !== undefined) {
      checkValue(element.value, node.value ?? element.value.fixed ?? '', path, node.line, now, into);
    }
    checkAttributes(visit, now, into);
    checkElement(visit, into);
  });
}

const newerElement: Finding = {
  rule: 'newer-element',
  message: 'The element is newer than the published schema of 2025; it is kept as sent.',
  isWarning: true,
};

const newerValue: Finding = {
  rule: 'newer-value',
  message: 'The value is newer than the published schema of 2025; it is kept as sent.',
  isWarning: true,
};

/** What is said of a presence element that no vocabulary names. */
export function newerAnnotation(name: string): Finding {
  return {
    rule: 'newer-annotation',
    message: `The mark ${shownName(name)} is not in the schema; it is kept with the report and shown as sent.`,
    isWarning: true,
  };
}

function checkAttributes({ node, path, spec }: Visit, now: Date, into: DefectCollection): void {
  if (node.attributes === undefined) return;
  for (const [name, value] of Object.entries(node.attributes)) {
    const known = spec.type.attributes.get(name);
    if (known !== undefined) checkValue(known.value, value, `${path}/@${name}`, node.line, now, into);
  }
}

/** A value that is too long is not looked into: the rules' patterns are meant for short ones. */
function checkValue(
  spec: ValueSpec,
  value: string,
  path: string,
  line: number | undefined,
  now: Date,
  into: DefectCollection,
): void {
  if (spec.extensionValues.has(value)) into.add('rule', path, line, newerValue);
  const tooLong = spec.maxLength === undefined ? undefined : lengthFinding(value, spec.maxLength);
  if (tooLong !== undefined) {
    into.add('rule', path, line, tooLong);
    return;
  }
  for (const rule of spec.rules) {
    const finding = valueRules[rule](value, now);
    if (finding !== undefined) into.add('rule', path, line, finding);
  }
}
