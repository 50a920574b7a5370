import { shownName } from './defect-collection.ts';
import type { SentNode } from './report-draft.ts';
import type { ElementSpec, TypeSpec } from './vocabulary/compiled.ts';

/** One element of a document together with what the vocabulary says about it. */
export interface Visit {
  readonly node: SentNode;
  readonly spec: ElementSpec;
  /** From the root, with an index on every repeatable element. */
  readonly path: string;
  readonly parent?: Visit;
}

/** Visits the root and every known element below it, in document order. */
export function walk(node: SentNode, spec: ElementSpec, visitor: (visit: Visit) => void): void {
  step({ node, spec, path: spec.name }, visitor);
}

function step(visit: Visit, visitor: (visit: Visit) => void): void {
  visitor(visit);
  for (const { child, spec, path } of childrenOf(visit)) {
    if (spec !== undefined) step({ node: child, spec, path, parent: visit }, visitor);
  }
}

/** The children with their paths; spec is absent for an element that the vocabulary does not know here. */
export function* childrenOf(
  visit: Visit,
): Generator<{ child: SentNode; spec: ElementSpec | undefined; path: string }> {
  const children = visit.node.children;
  if (children === undefined) return;
  const counts = new Map<string, number>();
  for (const child of children) {
    const count = (counts.get(child.name) ?? 0) + 1;
    counts.set(child.name, count);
    const spec = visit.spec.type.children.get(child.name)?.element;
    yield { child, spec, path: childPath(visit.path, child.name, count, visit.spec.type) };
  }
}

function childPath(parent: string, name: string, count: number, type: TypeSpec): string {
  const isIndexed = type.children.get(name)?.element.isRepeatable === true || count > 1;
  return `${parent}/${shownName(name)}${isIndexed ? `[${count}]` : ''}`;
}

/** The first child of this name. */
export function childOf(node: SentNode, name: string): SentNode | undefined {
  return node.children?.find((child) => child.name === name);
}

export function textOf(node: SentNode, name: string): string | undefined {
  const child = childOf(node, name);
  return child === undefined ? undefined : (child.value ?? '');
}
