import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';

/**
 * A security key in software, for what no browser would do: answer twice, from another site, without asking its person,
 * or as a copy. Speaks ES256 and the attestation format `none`.
 */
export interface Authenticator {
  readonly credentialId: string;
  /** What `navigator.credentials.create` would give. */
  readonly create: (options: CreateOptions, told?: Told) => Record<string, unknown>;
  /** What `navigator.credentials.get` would give; each time the counter goes up. */
  readonly get: (options: GetOptions, told?: Told) => Record<string, unknown>;
  /** Another one with the same key and the counter as it is now. */
  readonly copy: () => Authenticator;
}

interface CreateOptions {
  readonly challenge: string;
  readonly rp: { readonly id: string };
  readonly user: { readonly id: string };
}

interface GetOptions {
  readonly challenge: string;
  readonly rpId: string;
}

interface Told {
  /** The page's address; by default the relying party's on port `port`. */
  readonly origin?: string;
  readonly isPersonVerified?: boolean;
  readonly type?: string;
}

interface State {
  readonly key: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  readonly id: Buffer;
  counter: number;
  userHandle: string | undefined;
}

/** @param origin the page's address, unless a call says another; @param counts whether it counts its signatures */
export function softwareAuthenticator(origin: string, counts = true): Authenticator {
  return around(
    {
      key: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
      id: randomBytes(32),
      counter: 0,
      userHandle: undefined,
    },
    origin,
    counts,
  );
}

function around(state: State, origin: string, counts: boolean): Authenticator {
  const credentialId = state.id.toString('base64url');
  const envelope = (response: Record<string, unknown>) => ({
    id: credentialId,
    rawId: credentialId,
    type: 'public-key',
    clientExtensionResults: {},
    response,
  });
  const clientData = (type: string, challenge: string, told: Told) =>
    Buffer.from(
      JSON.stringify({
        type: told.type ?? type,
        challenge,
        origin: told.origin ?? origin,
        crossOrigin: false,
      }),
    );
  return {
    credentialId,
    copy: () => around({ ...state }, origin, counts),
    create: (options, told = {}) => {
      state.userHandle = options.user.id;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(state.id.length);
      const attested = Buffer.concat([Buffer.alloc(16), length, state.id, coseKey(state.key.publicKey)]);
      const authData = authenticatorData(options.rp.id, flags(told, true), state.counter, attested);
      const attestationObject = map([
        [text('fmt'), text('none')],
        [text('attStmt'), map([])],
        [text('authData'), bytes(authData)],
      ]);
      return envelope({
        clientDataJSON: clientData('webauthn.create', options.challenge, told).toString('base64url'),
        attestationObject: attestationObject.toString('base64url'),
        transports: ['usb', 'nfc'],
      });
    },
    get: (options, told = {}) => {
      if (counts) state.counter += 1;
      const data = clientData('webauthn.get', options.challenge, told);
      const authData = authenticatorData(options.rpId, flags(told, false), state.counter, Buffer.alloc(0));
      const signature = createSign('sha256')
        .update(authData)
        .update(createHash('sha256').update(data).digest())
        .sign(state.key.privateKey);
      return envelope({
        clientDataJSON: data.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: signature.toString('base64url'),
        ...(state.userHandle === undefined ? {} : { userHandle: state.userHandle }),
      });
    },
  };
}

/** Bits of WebAuthn Level 3, 6.1: user present, user verified, attested credential data included. */
function flags(told: Told, isAttested: boolean): number {
  return 0x01 | (told.isPersonVerified === false ? 0 : 0x04) | (isAttested ? 0x40 : 0);
}

function authenticatorData(rpId: string, bits: number, counter: number, attested: Buffer): Buffer {
  const tail = Buffer.alloc(5);
  tail.writeUInt8(bits, 0);
  tail.writeUInt32BE(counter, 1);
  return Buffer.concat([createHash('sha256').update(rpId).digest(), tail, attested]);
}

/** An EC2 key for ES256 (RFC 9053, 7.1.1). */
function coseKey(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  return map([
    [integer(1), integer(2)],
    [integer(3), integer(-7)],
    [integer(-1), integer(1)],
    [integer(-2), bytes(Buffer.from(x, 'base64url'))],
    [integer(-3), bytes(Buffer.from(y, 'base64url'))],
  ]);
}

/** As much of CBOR (RFC 8949) as an authenticator needs. */
function head(major: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(major << 5) | value]);
  if (value < 256) return Buffer.from([(major << 5) | 24, value]);
  return Buffer.from([(major << 5) | 25, value >> 8, value & 255]);
}

function integer(value: number): Buffer {
  return value >= 0 ? head(0, value) : head(1, -1 - value);
}

function bytes(value: Buffer): Buffer {
  return Buffer.concat([head(2, value.length), value]);
}

function text(value: string): Buffer {
  const encoded = Buffer.from(value);
  return Buffer.concat([head(3, encoded.length), encoded]);
}

function map(pairs: readonly (readonly [Buffer, Buffer])[]): Buffer {
  return Buffer.concat([head(5, pairs.length), ...pairs.flat()]);
}
