import { sha256Hex } from '#platform/random';

/** The same text for the same value, however its keys are ordered: PostgreSQL's jsonb keeps an order of its own. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`);
    return `{${pairs.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

/** SHA-256 over the deed's name and its input: what exactly people approve. */
export function inputDigest(deed: string, input: unknown): string {
  return sha256Hex(`${deed}\n${canonicalJson(input)}`);
}
