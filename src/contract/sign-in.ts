import { type Static, Type } from 'typebox';
import { Time } from '#contract/shapes';

/** Ways in, one's own account, and sessions. Paths as named at each shape. */

/** `GET /v1/session/ways`: how people sign in here, told to everybody. */
export const WaysReply = Type.Object({
  bureau: Type.Object({ name: Type.String(), isDemonstration: Type.Boolean() }),
  /** Whether a link signs in by itself; else it lets its holder register a passkey, and nothing more. */
  linksSignIn: Type.Boolean(),
  /** The address at which passkeys work; absent where this bureau cannot take any. */
  passkeyOrigin: Type.Optional(Type.String()),
  /** What the agency's own sign-in is called, where there is one. */
  agencySignIn: Type.Optional(Type.String()),
});
export type WaysReply = Static<typeof WaysReply>;

const base64url = (longest: number) => Type.String({ maxLength: longest, pattern: '^[A-Za-z0-9_-]+$' });

/** What `navigator.credentials` gives, in the JSON form of WebAuthn Level 3, 5.1; unknown members are let pass. */
const credential = {
  id: base64url(1400),
  rawId: base64url(1400),
  type: Type.Literal('public-key'),
  clientExtensionResults: Type.Object({}),
};

export const AssertionBody = Type.Object({
  ...credential,
  response: Type.Object({
    clientDataJSON: base64url(8_192),
    authenticatorData: base64url(8_192),
    signature: base64url(8_192),
    userHandle: Type.Optional(Type.Union([base64url(100), Type.Null()])),
  }),
});
export type AssertionBody = Static<typeof AssertionBody>;

export const AttestationBody = Type.Object({
  ...credential,
  response: Type.Object({
    clientDataJSON: base64url(8_192),
    attestationObject: base64url(65_536),
    transports: Type.Optional(Type.Array(Type.String({ maxLength: 40 }), { maxItems: 10 })),
  }),
});
export type AttestationBody = Static<typeof AttestationBody>;

/** `POST /v1/session/passkey` signs in, `POST /v1/session/renewal` proves again. */
export const PasskeyProofBody = Type.Object({ proof: AssertionBody });
export type PasskeyProofBody = Static<typeof PasskeyProofBody>;

/** `GET /v1/session/challenge`, `GET /v1/session/renewal`: what `navigator.credentials.get` is given. */
export const AssertionOptionsReply = Type.Object({
  challenge: Type.String(),
  rpId: Type.String(),
  timeout: Type.Integer(),
  userVerification: Type.Literal('required'),
  allowCredentials: Type.Array(
    Type.Object({
      id: Type.String(),
      type: Type.Literal('public-key'),
      transports: Type.Array(Type.String()),
    }),
  ),
});
export type AssertionOptionsReply = Static<typeof AssertionOptionsReply>;

/** `GET /v1/account/passkeys/challenge`: what `navigator.credentials.create` is given. */
export const AttestationOptionsReply = Type.Object({ options: Type.Unknown() });
export type AttestationOptionsReply = Static<typeof AttestationOptionsReply>;

const PasskeyName = Type.String({ minLength: 1, maxLength: 60 });

/** `GET /v1/account/passkeys`, `POST /v1/account/passkeys`, `PATCH` and `DELETE /v1/account/passkeys/:passkeyId`. */
export const PasskeyItem = Type.Object({
  id: Type.String(),
  name: Type.String(),
  /** Whether its maker copies it between the person's devices. */
  isSynced: Type.Boolean(),
  /** Whether it behaved as if there were a copy of it; it opens nothing any more. */
  isSuspect: Type.Boolean(),
  createdAt: Time,
  lastUsedAt: Type.Optional(Time),
});
export type PasskeyItem = Static<typeof PasskeyItem>;
export const PasskeyListReply = Type.Object({ items: Type.Array(PasskeyItem) });
export type PasskeyListReply = Static<typeof PasskeyListReply>;
export const PasskeyBody = Type.Object({ name: PasskeyName, proof: AttestationBody });
export type PasskeyBody = Static<typeof PasskeyBody>;
export const PasskeyRenameBody = Type.Object({ name: PasskeyName });
export type PasskeyRenameBody = Static<typeof PasskeyRenameBody>;

/** `GET /v1/account/sessions`, `GET /v1/desk/staff/:staffId/sessions`; ended by `DELETE` or `POST …/end`. */
export const SessionItem = Type.Object({
  id: Type.String(),
  isThis: Type.Boolean(),
  method: Type.Enum(['link', 'passkey', 'oidc', 'emergency']),
  device: Type.Optional(Type.String()),
  remoteAddress: Type.Optional(Type.String()),
  startedAt: Time,
  lastSeenAt: Time,
  expiresAt: Time,
  isLocked: Type.Boolean(),
});
export type SessionItem = Static<typeof SessionItem>;
export const SessionListReply = Type.Object({ items: Type.Array(SessionItem) });
export type SessionListReply = Static<typeof SessionListReply>;

/** `DELETE /v1/session`. */
export const SignOutReply = Type.Object({
  signedOut: Type.Boolean(),
  /** Where the browser goes next, so that the agency forgets the person as well. */
  agencySignOut: Type.Optional(Type.String()),
});
export type SignOutReply = Static<typeof SignOutReply>;

/** `GET /v1/session/agency`: where the browser goes to sign in at the agency. */
export const AgencyReply = Type.Object({ url: Type.String() });
export type AgencyReply = Static<typeof AgencyReply>;
/** `POST /v1/session/agency`: what the browser came back with. */
export const AgencyBody = Type.Object({
  code: Type.Optional(Type.String({ maxLength: 4_096 })),
  state: Type.String({ minLength: 20, maxLength: 200 }),
  iss: Type.Optional(Type.String({ maxLength: 1_000 })),
  error: Type.Optional(Type.String({ maxLength: 200 })),
});
export type AgencyBody = Static<typeof AgencyBody>;
