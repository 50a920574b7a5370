import { startAuthentication, startRegistration, WebAuthnError } from '@simplewebauthn/browser';
import type { SessionReply } from '#contract/administration';
import type { AssertionBody, AssertionOptionsReply, AttestationBody } from '#contract/sign-in';
import { api } from './api.ts';

/** Why a passkey's dialog brought nothing, in words for the person. */
export class PasskeyProblem extends Error {
  override readonly name = 'PasskeyProblem';
}

/** Asks for any passkey of this bureau and signs its person in. */
export async function signInByPasskey(): Promise<SessionReply> {
  return await api.signInByPasskey({ proof: await proofFor(await api.passkeyChallenge()) });
}

/** Asks for one of this person's passkeys: unlocks the session and makes it fresh. */
export async function renewByPasskey(): Promise<SessionReply> {
  return await api.renewByPasskey({ proof: await proofFor(await api.renewalChallenge()) });
}

type CreationOptions = Parameters<typeof startRegistration>[0]['optionsJSON'];

/** Has the browser make a passkey and registers it under `name`. */
export async function registerPasskey(name: string): Promise<SessionReply> {
  const { options } = await api.newPasskeyChallenge();
  try {
    const { id, rawId, type, response } = await startRegistration({
      optionsJSON: options as CreationOptions,
    });
    const { clientDataJSON, attestationObject, transports } = response;
    const proof: AttestationBody = {
      id,
      rawId,
      type,
      clientExtensionResults: {},
      response: { clientDataJSON, attestationObject, ...(transports === undefined ? {} : { transports }) },
    };
    return await api.addPasskey({ name, proof });
  } catch (error) {
    throw spoken(error);
  }
}

async function proofFor(options: AssertionOptionsReply): Promise<AssertionBody> {
  try {
    const optionsJSON = { ...options } as Parameters<typeof startAuthentication>[0]['optionsJSON'];
    const { id, rawId, type, response } = await startAuthentication({ optionsJSON });
    return { id, rawId, type, clientExtensionResults: {}, response };
  } catch (error) {
    throw spoken(error);
  }
}

/** Browsers tell little on purpose, so that a page learns nothing about passkeys that are not its own. */
function spoken(error: unknown): unknown {
  if (error instanceof WebAuthnError && error.code === 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED')
    return new PasskeyProblem(
      'This device holds a passkey of yours already. Use another device or security key.',
    );
  const name = error instanceof Error ? error.name : '';
  if (name === 'NotAllowedError' || name === 'AbortError')
    return new PasskeyProblem('Nothing was chosen, or it took too long. Try again when you are ready.');
  if (name === 'SecurityError')
    return new PasskeyProblem('Passkeys do not work at this address. Open the console at its own name.');
  if (name === 'NotSupportedError' || name === 'InvalidStateError')
    return new PasskeyProblem('This device cannot do that. Try another one, or a security key.');
  return error;
}
