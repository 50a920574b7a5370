import pg from 'pg';

/** Texts longer than this are one of a kind. */
const longestText = 8_192;
/** Most statements that one connection keeps prepared; PostgreSQL holds each until the connection ends. */
const mostPrepared = 300;
/** How often a text must have come before it is worth preparing. */
const worthPreparing = 2;

/** How often each text was asked, in the whole process, and the name of those that are prepared. */
const asked = new Map<string, number>();
const names = new Map<string, string>();

/**
 * A connection that prepares what it is asked again and again, so that PostgreSQL parses and plans it once. Bounded,
 * because texts with lists of values come in many lengths.
 */
export class PreparingClient extends pg.Client {
  override query(...parts: unknown[]): never {
    const [text, values, ...rest] = parts;
    const isPlain = typeof text === 'string' && Array.isArray(values) && values.length > 0;
    const name = isPlain ? nameOf(text) : undefined;
    const ask = super.query as (...parts: unknown[]) => never;
    if (name === undefined) return ask.apply(this, parts);
    return ask.apply(this, [{ name, text, values }, ...rest]);
  }
}

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined) return known;
  if (text.length > longestText || names.size >= mostPrepared) return undefined;
  const times = (asked.get(text) ?? 0) + 1;
  if (times < worthPreparing) {
    if (asked.size > mostPrepared * 10) asked.clear();
    asked.set(text, times);
    return undefined;
  }
  asked.delete(text);
  const name = `firstlight_${names.size + 1}`;
  names.set(text, name);
  return name;
}
