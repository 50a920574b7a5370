import { Type } from 'typebox';
import { type ControlledDeed, defineControlled } from '#access';
import type { Vault } from './open-vault.ts';
import { startRotation } from './start-reseal.ts';

/** Sealing everything again under a new key takes two people: whoever holds the key holds the evidence. */
export function rotateKeys(vault: Vault): ControlledDeed {
  return defineControlled({
    name: 'rotate-keys',
    people: 2,
    permission: 'vault:rotate-keys',
    input: Type.Object({}, { additionalProperties: false }),
    describe: async () =>
      'Makes a new key and seals all evidence again under it, in the background. The older keys stay readable until that is done.',
    run: async (ctx) => {
      const run = await startRotation(ctx, vault);
      return { run: run.id };
    },
  });
}
