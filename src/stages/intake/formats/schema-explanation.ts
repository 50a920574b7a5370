import { type DefectCollection, type Finding, shownName } from './defect-collection.ts';
import { childrenOf, type Visit } from './document-walk.ts';
import type { SentNode } from './report-draft.ts';
import { typeFault } from './simple-values.ts';
import type { ChildSpec, ElementSpec, TypeSpec, ValueSpec } from './vocabulary/compiled.ts';

/**
 * Says in our own words why a document does not fit the schema, everywhere at once. The XML library decides whether
 * it fits; this only explains, because the library stops at the first misplaced child and repeats what was sent.
 */
export function explain(root: SentNode, spec: ElementSpec, into: DefectCollection): void {
  explainElement({ node: root, spec, path: spec.name }, into);
}

function explainElement(visit: Visit, into: DefectCollection): void {
  explainAttributes(visit, into);
  const { node, spec, path } = visit;
  if (spec.type.content === 'text') {
    if (spec.value !== undefined) {
      const value =
        spec.value.fixed !== undefined && node.value === undefined ? spec.value.fixed : (node.value ?? '');
      add(into, path, node, valueFinding(spec.value, value));
    }
  } else if (hasText(node, spec.type)) {
    add(into, path, node, {
      rule: 'unexpected-text',
      message: 'No text may stand here; send only the elements.',
    });
  }
  explainOrder(visit, into);
  for (const each of childrenOf(visit)) {
    if (each.spec !== undefined) {
      explainElement({ node: each.child, spec: each.spec, path: each.path, parent: visit }, into);
    }
  }
}

function hasText(node: SentNode, type: TypeSpec): boolean {
  if (node.value === undefined) return false;
  return type.content === 'empty' || node.value.trim() !== '';
}

function explainAttributes({ node, spec, path }: Visit, into: DefectCollection): void {
  const { attributes } = spec.type;
  for (const [name, value] of Object.entries(node.attributes ?? {})) {
    const known = attributes.get(name);
    if (known === undefined) {
      const allowed = attributes.size === 0 ? 'it has none' : `it has ${[...attributes.keys()].join(', ')}`;
      add(into, `${path}/@${shownName(name)}`, node, {
        rule: 'unexpected-attribute',
        message: `The element has no such attribute (${allowed}); remove it.`,
      });
    } else add(into, `${path}/@${name}`, node, valueFinding(known.value, value));
  }
  for (const [name, attribute] of attributes) {
    if (attribute.isRequired && !Object.hasOwn(node.attributes ?? {}, name)) {
      add(into, `${path}/@${name}`, node, {
        rule: 'missing-attribute',
        message: `Send the attribute ${name}${listOf(attribute.value)}.`,
      });
    }
  }
}

const typeNames: Record<ValueSpec['base'], string> = {
  'xs:string': 'text',
  'xs:token': 'text',
  'xs:boolean': 'true or false',
  'xs:int': 'a whole number',
  'xs:long': 'a whole number',
  'xs:double': 'a decimal number',
  'xs:date': 'a date as YYYY-MM-DD',
  'xs:dateTime': 'a time as YYYY-MM-DDThh:mm:ssZ',
};

function valueFinding(spec: ValueSpec, value: string): Finding | undefined {
  if (spec.fixed !== undefined && value !== spec.fixed) {
    return { rule: 'fixed-value', message: `Send the element empty or with ${spec.fixed}, or leave it out.` };
  }
  switch (typeFault(spec, value)) {
    case undefined:
      return undefined;
    case 'type':
      return { rule: 'wrong-type', message: `The value has the wrong form; send ${typeNames[spec.base]}.` };
    case 'values':
      return { rule: 'unknown-value', message: `The value is not in the list; send one${listOf(spec)}.` };
    case 'pattern':
      return { rule: 'wrong-form', message: `The value must match ${spec.pattern?.source ?? ''}.` };
  }
}

function listOf(spec: ValueSpec): string {
  if (spec.values === undefined) return '';
  if (spec.values.size > 12) return ` of the ${spec.values.size} values in the schema (GET /xsd)`;
  return ` of: ${[...spec.values].join(' | ')}`;
}

function explainOrder(visit: Visit, into: DefectCollection): void {
  const { children: specs, content } = visit.spec.type;
  const seen = new Map<string, number>();
  let last: { name: string; position: number } | undefined;
  for (const { child, path } of childrenOf(visit)) {
    const spec = specs.get(child.name);
    if (spec === undefined) {
      add(into, path, child, unknownChild(child.name, visit.spec.type));
      continue;
    }
    const count = (seen.get(child.name) ?? 0) + 1;
    seen.set(child.name, count);
    if (count > 1 && !spec.element.isRepeatable) {
      add(into, path, child, { rule: 'too-many', message: `Send ${child.name} once at most.` });
    } else if (last !== undefined && isMisplaced(spec, child.name, last, content)) {
      add(into, path, child, misplaced(spec, child.name, last, content));
    }
    if (last === undefined || spec.position >= last.position)
      last = { name: child.name, position: spec.position };
  }
  explainMissing(visit, seen, into);
}

type Place = { readonly name: string; readonly position: number };

function isMisplaced(spec: ChildSpec, name: string, last: Place, content: TypeSpec['content']): boolean {
  if (content === 'all') return false;
  if (content === 'choice') return name !== last.name;
  return spec.position < last.position || (spec.position === last.position && name !== last.name);
}

function misplaced(spec: ChildSpec, name: string, last: Place, content: TypeSpec['content']): Finding {
  if (content === 'choice' || spec.position === last.position) {
    return { rule: 'only-one-of', message: `${name} and ${last.name} exclude each other; send one of them.` };
  }
  return { rule: 'wrong-order', message: `Order matters: ${name} must stand before ${last.name}.` };
}

function unknownChild(name: string, type: TypeSpec): Finding {
  if (name.startsWith('{')) {
    return {
      rule: 'namespace-not-allowed',
      message: 'The protocol has no namespace; remove xmlns and prefixes.',
    };
  }
  const names = [...type.children.keys()];
  const allowed = names.length === 0 ? 'no element may stand here' : `here may stand: ${names.join(', ')}`;
  return {
    rule: 'unexpected-element',
    message: `This element is not known here (${allowed}); remove or rename it.`,
  };
}

function explainMissing(
  { node, spec, path }: Visit,
  seen: ReadonlyMap<string, number>,
  into: DefectCollection,
): void {
  const { children, content } = spec.type;
  if (content === 'choice') {
    if (seen.size === 0) {
      add(into, path, node, {
        rule: 'missing-element',
        message: `Send one of: ${[...children.keys()].join(', ')}.`,
      });
    }
    return;
  }
  for (const [name, child] of children) {
    if ((child.occurs === 'one' || child.occurs === 'some') && !seen.has(name)) {
      add(into, path, node, { rule: 'missing-element', message: `Send the element ${name} within it.` });
    }
  }
}

function add(into: DefectCollection, path: string, node: SentNode, finding: Finding | undefined): void {
  if (finding !== undefined) into.add('schema', path, node.line, finding);
}
