import type { KeysReply } from '#contract/keys';
import { noteSignatureTypes, parseVerifierKey, type VerifierKey } from '#proof/note';
import type { Call, CommandOption } from '../command.ts';
import { CannotDo, WrongUsage } from '../failures.ts';

export const keyOption: CommandOption = {
  name: 'key',
  value: 'VKEY',
  isRepeatable: true,
  summary: "the bureau's verifier key, as it published it: name+hash+key",
};

export const witnessOption: CommandOption = {
  name: 'witness',
  value: 'VKEY',
  isRepeatable: true,
  summary: 'verifier key of a witness that must have cosigned',
};

export interface TrustedKeys {
  readonly keys: readonly VerifierKey[];
  readonly witnesses: readonly VerifierKey[];
  /** Where the keys of the log came from, for a person to judge. */
  readonly from: 'given' | 'bureau' | 'export';
}

/** The keys that were given; else those that `otherwise` finds. */
export async function trustedKeys(
  call: Call,
  otherwise: { readonly from: 'bureau' | 'export'; readonly read: () => Promise<readonly string[]> },
): Promise<TrustedKeys> {
  const given = call.optionList('key');
  const texts = given.length > 0 ? given : await otherwise.read();
  return {
    keys: texts.map((text) => parsedKey(text, '--key')),
    witnesses: call.optionList('witness').map((text) => {
      const key = parsedKey(text, '--witness');
      if (key.type !== noteSignatureTypes.cosignature)
        throw new WrongUsage('--witness takes the key of a witness, which has the type 04.');
      return key;
    }),
    from: given.length > 0 ? 'given' : otherwise.from,
  };
}

function parsedKey(text: string, option: string): VerifierKey {
  const key = parseVerifierKey(text);
  if (key.kind === 'bad') throw new WrongUsage(`${option} ${text}: ${key.reason}`);
  return key.value;
}

export async function keysOfBureau(call: Call): Promise<readonly string[]> {
  const reply = await call.bureau.get<KeysReply>('/v1/keys');
  if (reply.verifierKeys.length === 0)
    throw new CannotDo('The bureau has no signing key yet: start it once.');
  return reply.verifierKeys;
}
