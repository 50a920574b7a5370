import { type Static, Type } from 'typebox';
import { Time } from '#contract/shapes';

/** Where evidence stands and under which keys. Paths as named at each shape. */

/** Evidence that is sealed again: under another key (`rotate`), or in another store (`move`). */
export const ResealRunItem = Type.Object({
  id: Type.String(),
  kind: Type.Enum(['rotate', 'move']),
  target: Type.String({ description: 'id of the key or of the store' }),
  askedAt: Time,
  /** Sealed again so far, and how much there was when it began. */
  files: Type.Integer(),
  sizeBytes: Type.Number(),
  totalFiles: Type.Integer(),
  totalBytes: Type.Number(),
  /** Damaged files, which stay where they are until they are restored. */
  leftFiles: Type.Integer(),
  stepAt: Type.Optional(Time),
  problem: Type.Optional(Type.String({ description: 'why it cannot go on for now, or was given up' })),
  doneAt: Type.Optional(Time),
});
export type ResealRunItem = Static<typeof ResealRunItem>;

/** `POST /v1/desk/vault/move`: moves everything to the store that new evidence goes to. */
export const MoveBody = Type.Object({ to: Type.Enum(['local', 's3']) });
export type MoveBody = Static<typeof MoveBody>;

/** `GET /v1/desk/vault`. */
export const VaultReply = Type.Object({
  /** Where new evidence goes. */
  store: Type.String(),
  stores: Type.Array(Type.Object({ id: Type.String(), files: Type.Integer(), sizeBytes: Type.Number() })),
  verification: Type.Object({
    /** Every file is read again within so many days. */
    days: Type.Integer(),
    damaged: Type.Integer(),
    /** Sealed and not read back yet. */
    unread: Type.Integer(),
    /** When the file was read that was not read for longest. */
    oldest: Type.Optional(Time),
  }),
  /** Damaged copies that are kept aside, oldest first; up to 100. */
  setAside: Type.Array(
    Type.Object({
      sha256: Type.String(),
      store: Type.String(),
      place: Type.String(),
      since: Time,
      reason: Type.String(),
    }),
  ),
  /** The latest runs, the newest first; up to 20. */
  runs: Type.Array(ResealRunItem),
});
export type VaultReply = Static<typeof VaultReply>;

/** `GET /v1/desk/keys`, oldest first. Never the keys themselves. */
export const EvidenceKeyItem = Type.Object({
  id: Type.String(),
  kind: Type.Enum(['file', 'kms']),
  madeAt: Type.Optional(Time),
  isCurrent: Type.Boolean(),
  /** Since when nothing is sealed under it. */
  retiredAt: Type.Optional(Time),
  /** Since when it is gone for good. */
  removedAt: Type.Optional(Time),
  files: Type.Integer(),
  sizeBytes: Type.Number(),
  /** Damaged copies under it that are kept aside. */
  setAside: Type.Integer(),
});
export type EvidenceKeyItem = Static<typeof EvidenceKeyItem>;
export const EvidenceKeyListReply = Type.Object({
  items: Type.Array(EvidenceKeyItem),
  /** The rotation that is under way, or the last one. */
  rotation: Type.Optional(ResealRunItem),
});
export type EvidenceKeyListReply = Static<typeof EvidenceKeyListReply>;

/** `POST /v1/desk/keys/retirement`. */
export const RetireKeyBody = Type.Object({ keyId: Type.String({ minLength: 1, maxLength: 300 }) });
export type RetireKeyBody = Static<typeof RetireKeyBody>;

/** `PUT /v1/desk/vault/files/:sha256` with a sealed file as body; `POST /v1/desk/vault/files/:sha256/let-go`. */
export const Sha256Params = Type.Object({ sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }) });
export const RestoredReply = Type.Object({ sha256: Type.String(), sizeBytes: Type.Number() });
export type RestoredReply = Static<typeof RestoredReply>;
export const LetGoReply = Type.Object({ sha256: Type.String(), copies: Type.Integer() });
export type LetGoReply = Static<typeof LetGoReply>;
