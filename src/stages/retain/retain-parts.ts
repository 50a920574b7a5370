import type { DigestKey, SigningKey } from '#access';
import type { Vault } from '#vault';

/** What erasing and its proof stand on. */
export interface RetainParts {
  readonly vault: Vault;
  readonly bureau: { readonly name: string };
  readonly signingKey: SigningKey;
  readonly digestKey: DigestKey;
  /** File that outlives the database: which reports were erased, one signed certificate a line. */
  readonly erasuresFile: string;
  /** Sweeps removed rows out of these tables' pages; false where this process may not. */
  readonly vacuum: (tables: readonly string[]) => Promise<boolean>;
}
