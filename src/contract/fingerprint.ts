import { type Static, Type } from 'typebox';

/** `POST /v1/desk/fingerprints`: all files again, or only those that this version did not look at. */
export const FingerprintRunBody = Type.Object({ scope: Type.Enum(['all', 'missing']) });
export type FingerprintRunBody = Static<typeof FingerprintRunBody>;

/** One line of its answer. The last one of a run that came to its end has `done`. */
export const FingerprintLine = Type.Object({
  done: Type.Boolean(),
  scope: Type.Enum(['all', 'missing']),
  files: Type.Integer(),
  /** When the run began. */
  total: Type.Integer(),
  sizeBytes: Type.Number(),
  hashed: Type.Integer({ description: 'pictures that have a fingerprint now' }),
  unreadable: Type.Integer({ description: 'brought to a person under "needs attention"' }),
  leftOut: Type.Integer({ description: 'damaged or destroyed meanwhile' }),
  isWaiting: Type.Boolean({ description: 'no worker has begun yet' }),
});
export type FingerprintLine = Static<typeof FingerprintLine>;
