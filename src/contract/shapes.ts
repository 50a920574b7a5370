import { type Static, type TSchema, Type } from 'typebox';

/** Small shapes that several replies share. */

/** Times cross the API as ISO 8601 in UTC; screens show them in the reader's own zone. */
export const Time = Type.String({ format: 'date-time', description: 'ISO 8601, UTC' });
export const Environment = Type.Enum(['production', 'sandbox'], {
  description: 'production and sandbox are never mixed, neither in the line nor in a count',
});
export type Environment = Static<typeof Environment>;

export const PersonRef = Type.Object({ id: Type.String(), name: Type.String() });
export type PersonRef = Static<typeof PersonRef>;

export const ProviderRef = Type.Object({ id: Type.String(), name: Type.String(), environment: Environment });
export type ProviderRef = Static<typeof ProviderRef>;

/** A page of a list that is walked by cursor: pass `next` as `cursor` for the following page; absent at the end. */
export function PageOf<T extends TSchema>(item: T) {
  return Type.Object({ items: Type.Array(item), next: Type.Optional(Type.String()) });
}

/** Problem details, RFC 9457, with our stable `code` and the defects of what was sent. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String({ description: 'stable code, listed in docs/errors.md' }),
  detail: Type.Optional(Type.String()),
  requestId: Type.String(),
  details: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  defects: Type.Optional(
    Type.Array(
      Type.Object({
        element: Type.String(),
        line: Type.Optional(Type.Integer()),
        layer: Type.String(),
        rule: Type.String(),
        message: Type.String(),
      }),
    ),
  ),
});
export type Problem = Static<typeof Problem>;
