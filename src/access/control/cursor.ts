import { Type } from 'typebox';
import { checked } from '../check.ts';
import { DefectList } from '../defect-list.ts';

/** Parts of queries that the lists of this folder share: bounded, and walked by an opaque cursor. */
export const Limit = Type.Integer({
  minimum: 1,
  maximum: 200,
  description: 'Most entries of one page; 50 unless said',
});
export const CursorText = Type.String({
  minLength: 1,
  maxLength: 200,
  description: '`next` of the page before',
});
export const UuidParam = Type.String({ pattern: '^[A-Za-z0-9-]{1,40}$' });
export const usualLimit = 50;

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
export function isUuid(text: string): boolean {
  return uuidForm.test(text);
}

const Place = Type.Object(
  {
    micros: Type.String({ pattern: '^[0-9]{1,18}$' }),
    id: Type.String({ pattern: '^([0-9]{1,18}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$' }),
  },
  { additionalProperties: false },
);

/** Where a page ended: a time in microseconds since 1970, and the id that tells rows of one moment apart. */
export interface Place {
  readonly micros: string;
  readonly id: string;
}

function writeCursor(place: Place): string {
  return Buffer.from(JSON.stringify({ micros: place.micros, id: place.id })).toString('base64url');
}

/** Throws the defects of a bad query for anything that `writeCursor` did not make. */
export function readCursor(text: string | undefined, id: 'number' | 'uuid'): Place | undefined {
  if (text === undefined) return undefined;
  const place = checked(Place, parsed(text), 'query') as Place;
  if (isUuid(place.id) !== (id === 'uuid')) throw badCursor();
  return place;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown;
  } catch {
    throw badCursor();
  }
}

function badCursor(): DefectList {
  return new DefectList('http.request-invalid', 400, [
    {
      element: 'query.cursor',
      layer: 'schema',
      rule: 'cursor',
      message: 'This is no cursor of this list. Start again without one.',
    },
  ]);
}

/** Rows were read one beyond the page to see whether it is the last. */
export function pageFrom<Row, Item>(
  rows: readonly Row[],
  limit: number,
  shown: (row: Row) => Item,
  placeOf: (row: Row) => Place,
): { items: Item[]; next?: string } {
  const items = rows.slice(0, limit).map(shown);
  const last = rows[limit - 1];
  return rows.length > limit && last !== undefined ? { items, next: writeCursor(placeOf(last)) } : { items };
}
