import type { Decoder } from '#decoder';
import type { Vault } from '#vault';

/** What looking at files stands on. */
export interface FingerprintParts {
  readonly vault: Vault;
  readonly decoder: Decoder;
}
