import type { SentNode } from './report-draft.ts';

/** A JSON value as the tree of what was sent: fields in their order, an array as repeated nodes of one name. */
export function sentOf(name: string, value: unknown): SentNode {
  if (typeof value !== 'object' || value === null) return { name, value: String(value) };
  const children = Object.entries(value).flatMap(([key, item]) =>
    Array.isArray(item) ? item.map((each) => sentOf(key, each)) : [sentOf(key, item)],
  );
  return { name, children };
}
