import { type Static, type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { parseReportId, type ReportId } from '#base/ids';
import { screenRefusal } from './codes.ts';

/** Parts of queries that several lists share. Control characters are refused, because PostgreSQL cannot hold a NUL. */
export const Limit = Type.Integer({
  minimum: 1,
  maximum: 200,
  description: 'Most entries of one page; 50 unless said',
});
export const CursorText = Type.String({
  minLength: 1,
  maxLength: 500,
  description: '`next` of the page before',
});
export const Uuid = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
});
export const ShortText = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: '^[^\\u0000-\\u001f\\u007f]*$',
});
export const ReportParams = Type.Object({ reportId: Type.String({ pattern: '^[A-Za-z0-9-]{1,40}$' }) });

export const usualLimit = 50;

/**
 * Microseconds since 1970 as text: what a timestamptz holds, which a Date would cut short. Nothing is older here, and
 * 18 digits stay within what PostgreSQL takes.
 */
export const Instant = Type.String({ pattern: '^[0-9]{1,18}$' });

/** Row numbers and report numbers in cursors. */
export const RowNumber = Type.String({ pattern: '^(0|[1-9][0-9]{0,17})$' });

export interface Cursor<T> {
  readonly write: (position: T) => string;
  /** Throws the Refusal `screens.bad-cursor` for anything that `write` did not make. */
  readonly read: (text: string) => T;
}

/** Cursors of one list: opaque to clients, checked when they come back. */
export function cursorOf<S extends TSchema>(position: S): Cursor<Static<S>> {
  const shape = Compile(position);
  return {
    write: (value) => Buffer.from(JSON.stringify(value)).toString('base64url'),
    read: (text) => {
      const value = parsed(text);
      if (!shape.Check(value)) throw screenRefusal('screens.bad-cursor');
      return value;
    },
  };
}

function parsed(text: string): unknown {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) return undefined;
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

/** Rows were read one beyond the page to see whether it is the last. */
export function pageOf<Row>(
  rows: readonly Row[],
  limit: number,
): { rows: readonly Row[]; last: Row | undefined } {
  return rows.length > limit
    ? { rows: rows.slice(0, limit), last: rows[limit - 1] }
    : { rows, last: undefined };
}

/** The report named in a path, or the Refusal `screens.unknown-report`. */
export function reportIdFrom(text: string): ReportId {
  const id = parseReportId(text);
  if (id === undefined) throw screenRefusal('screens.unknown-report', { subject: subjectOf(text) });
  return id;
}

/** What audit rows call a report. */
export function subjectOf(reportId: string): string {
  return `report:${reportId}`;
}
