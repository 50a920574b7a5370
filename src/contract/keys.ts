import { type Static, Type } from 'typebox';

/** `GET /v1/keys`: what is needed to check this bureau's signatures. The newest key stands last in both lists. */
export const KeysReply = Type.Object({
  /** The bureau's name in signed notes and the origin of its audit log. */
  name: Type.String(),
  /** JSON Web Keys (RFC 7517, RFC 8037). */
  keys: Type.Array(
    Type.Object({
      kty: Type.Literal('OKP'),
      crv: Type.Literal('Ed25519'),
      x: Type.String(),
      kid: Type.String(),
      use: Type.Literal('sig'),
    }),
  ),
  /** The same keys as C2SP's signed notes write them: `name+hash+base64`. */
  verifierKeys: Type.Array(Type.String()),
});
export type KeysReply = Static<typeof KeysReply>;
