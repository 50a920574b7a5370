import {
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { Kysely } from 'kysely';
import type { AssertionBody, AssertionOptionsReply, AttestationBody } from '#contract/sign-in';
import type { DB } from '#platform/database-types';
import type { Tx } from '#platform/transaction';
import { anonymous } from '../anonymous.ts';
import { recordAudit } from '../audit.ts';
import type { Actor, Ctx, StaffActor } from '../ctx.ts';
import type { RequestFacts } from '../route.ts';
import { answeredChallenge, challengeMs, makeChallenge } from './challenges.ts';
import { signInRefusal } from './codes.ts';
import * as passkeyStore from './passkey-store.ts';
import { type RelyingParty, relyingParty } from './relying-party.ts';

/**
 * Asking passkeys and checking what they answer, by WebAuthn Level 3. Checking runs outside the transaction of the
 * deed that follows, because a challenge is spent whatever comes of the answer.
 */
export interface PasskeyParts {
  readonly db: Kysely<DB>;
  readonly inTransaction: <T>(work: (tx: Tx) => Promise<T>, actor: Actor) => Promise<T>;
}

/** A passkey that signed the right challenge at the right address, with its person's gesture. */
export interface ProvedPasskey {
  readonly id: string;
  readonly staffId: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly isDisabled: boolean;
  readonly counterBefore: number;
  readonly counter: number;
}

/** EdDSA, ES256 and RS256 (IANA COSE Algorithms), which WebAuthn Level 3, 5.4, says every authenticator has one of. */
const algorithms = [-8, -7, -257] as const;

/** A new authenticator, checked and not yet kept. */
export interface NewCredential {
  readonly credentialId: string;
  readonly publicKey: Buffer;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly isSynced: boolean;
}

/** What a browser is given to ask for a passkey: any of this bureau's, or one of this person's. */
export async function assertionOptions(
  ctx: Ctx,
  input: {
    readonly purpose: 'sign-in' | 'renew';
    readonly sessionSha256: Buffer | null;
    readonly request: RequestFacts;
    readonly staffId?: string;
  },
): Promise<AssertionOptionsReply> {
  const party = relyingParty(input.request);
  const passkeys =
    input.staffId === undefined ? [] : await passkeyStore.livePasskeys(ctx.tx.db, input.staffId);
  return {
    challenge: await makeChallenge(ctx, input),
    rpId: party.id,
    timeout: challengeMs,
    userVerification: 'required',
    allowCredentials: passkeys
      .filter((passkey) => passkey.suspect_at === null)
      .map((passkey) => ({
        id: passkey.credential_id,
        type: 'public-key',
        transports: [...passkey.transports],
      })),
  };
}

/** What a browser is given to make a passkey: one that finds its person by itself and asks for finger, face or PIN. */
export async function attestationOptions(
  ctx: Ctx<StaffActor>,
  input: { readonly sessionSha256: Buffer; readonly request: RequestFacts; readonly bureauName: string },
) {
  const party = relyingParty(input.request);
  const passkeys = await passkeyStore.livePasskeys(ctx.tx.db, ctx.actor.id);
  return await generateRegistrationOptions({
    rpName: input.bureauName,
    rpID: party.id,
    userName: ctx.actor.name,
    userDisplayName: ctx.actor.name,
    userID: userHandleOf(ctx.actor.id),
    challenge: Buffer.from(
      await makeChallenge(ctx, { purpose: 'register', sessionSha256: input.sessionSha256 }),
      'base64url',
    ),
    timeout: challengeMs,
    attestationType: 'none',
    excludeCredentials: passkeys.map((passkey) => ({ id: passkey.credential_id })),
    supportedAlgorithmIDs: [...algorithms],
    authenticatorSelection: {
      residentKey: 'required',
      requireResidentKey: true,
      userVerification: 'required',
    },
  });
}

/**
 * Checks a signature. Refuses a challenge that is not open, a passkey that is not ours or not usable, and a signature
 * that does not hold. A counter that did not go up means that the passkey was copied: it is marked and refused from then on.
 */
export async function checkAssertion(
  parts: PasskeyParts,
  input: {
    readonly proof: AssertionBody;
    readonly purpose: 'sign-in' | 'renew';
    readonly sessionSha256: Buffer | null;
    readonly request: RequestFacts;
    readonly now: Date;
  },
): Promise<ProvedPasskey> {
  const { proof, request, now } = input;
  const party = relyingParty(request);
  const challenge = await spend(parts, { ...input, clientDataJson: proof.response.clientDataJSON });
  const row = await passkeyStore.passkeyByCredential(parts.db, proof.id);
  if (row === undefined || row.removed_at !== null) throw signInRefusal('access.passkey-refused');
  const subject = `staff:${row.staff_id}`;
  if (row.suspect_at !== null) throw signInRefusal('access.passkey-copied', { subject });
  const handle = proof.response.userHandle ?? undefined;
  const isOwn = handle === undefined || Buffer.from(handle, 'base64url').equals(userHandleOf(row.staff_id));
  const counter = isOwn ? await signedCounter(proof, challenge, party, row) : undefined;
  if (counter === undefined) throw signInRefusal('access.passkey-refused', { subject });
  const counterBefore = Number(row.counter);
  // WebAuthn Level 3, 6.1.1: authenticators without a counter always say 0.
  if ((counter > 0 || counterBefore > 0) && counter <= counterBefore) {
    await suspect(parts, { id: row.id, subject, request, now });
    throw signInRefusal('access.passkey-copied', { subject });
  }
  return {
    id: row.id,
    staffId: row.staff_id,
    name: row.name,
    roles: row.roles,
    isDisabled: row.disabled_at !== null,
    counterBefore,
    counter,
  };
}

/** The counter that the authenticator signed; undefined when the signature does not hold. */
async function signedCounter(
  proof: AssertionBody,
  challenge: string,
  party: RelyingParty,
  row: { readonly credential_id: string; readonly public_key: Buffer },
): Promise<number | undefined> {
  const { userHandle, ...response } = proof.response;
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: {
        id: proof.id,
        rawId: proof.rawId,
        type: 'public-key',
        clientExtensionResults: {},
        response: { ...response, ...(typeof userHandle === 'string' ? { userHandle } : {}) },
      },
      expectedChallenge: challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
      // The counter is compared by us: a mismatch is more than a signature that does not hold.
      credential: { id: row.credential_id, publicKey: new Uint8Array(row.public_key), counter: 0 },
    });
    return verified ? authenticationInfo.newCounter : undefined;
  } catch {
    return undefined;
  }
}

async function suspect(
  parts: PasskeyParts,
  input: {
    readonly id: string;
    readonly subject: string;
    readonly request: RequestFacts;
    readonly now: Date;
  },
): Promise<void> {
  await parts.inTransaction(async (tx) => {
    await passkeyStore.suspectPasskey(tx.db, input.id, input.now);
    await recordAudit(tx, {
      at: input.now,
      actor: anonymous,
      action: 'suspect-passkey',
      outcome: 'done',
      subject: input.subject,
      request: input.request,
      details: { passkey: input.id },
    });
  }, anonymous);
}

/** Checks what a new authenticator answered. Refuses a challenge that is not open and an answer that does not hold. */
export async function checkAttestation(
  parts: PasskeyParts,
  input: {
    readonly proof: AttestationBody;
    readonly sessionSha256: Buffer;
    readonly request: RequestFacts;
    readonly now: Date;
  },
): Promise<NewCredential> {
  const { proof } = input;
  const party = relyingParty(input.request);
  const challenge = await spend(parts, {
    ...input,
    purpose: 'register',
    clientDataJson: proof.response.clientDataJSON,
  });
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: {
        id: proof.id,
        rawId: proof.rawId,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: proof.response.clientDataJSON,
          attestationObject: proof.response.attestationObject,
        },
      },
      expectedChallenge: challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...algorithms],
    });
    if (!verified) throw signInRefusal('access.passkey-unreadable');
    return {
      credentialId: registrationInfo.credential.id,
      publicKey: Buffer.from(registrationInfo.credential.publicKey),
      counter: registrationInfo.credential.counter,
      transports: (proof.response.transports ?? []).filter((transport) => /^[a-z-]{1,20}$/.test(transport)),
      isSynced: registrationInfo.credentialDeviceType === 'multiDevice',
    };
  } catch {
    throw signInRefusal('access.passkey-unreadable');
  }
}

async function spend(
  parts: PasskeyParts,
  input: {
    readonly clientDataJson: string;
    readonly purpose: passkeyStore.ChallengePurpose;
    readonly sessionSha256: Buffer | null;
    readonly now: Date;
  },
): Promise<string> {
  const challenge = answeredChallenge(input.clientDataJson);
  if (challenge === undefined) throw signInRefusal('access.passkey-unreadable');
  if (!(await passkeyStore.spendChallenge(parts.db, { ...input, challenge })))
    throw signInRefusal('access.challenge-spent');
  return challenge;
}

/** The person's id as 16 bytes: WebAuthn's user handle must say nothing about the person (Level 3, 14.6.1). */
function userHandleOf(staffId: string): Buffer<ArrayBuffer> {
  return Buffer.from(staffId.replaceAll('-', ''), 'hex');
}
