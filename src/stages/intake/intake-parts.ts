import type { Kysely } from 'kysely';
import type { Actor } from '#access';
import type { Clock } from '#platform/clock';
import type { IntakeLimits } from '#platform/config-intake';
import type { DB } from '#platform/database-types';
import type { Logger } from '#platform/log';
import type { Tx } from '#platform/transaction';
import type { ReceiptSigner } from '#proof/receipt';
import type { Vault } from '#vault';
import type { IntakeGate } from './intake-gate.ts';

/** What intake is built from. */
export interface IntakeFoundation {
  readonly vault: Vault;
  readonly db: Kysely<DB>;
  readonly clock: Clock;
  readonly log: Logger;
  /** One short transaction while a body is still coming in; events become jobs as in every other. */
  readonly inTransaction: <T>(work: (tx: Tx) => Promise<T>, actor: Actor) => Promise<T>;
  readonly bureau: { readonly name: string; readonly isDemonstration: boolean };
  /** Signs receipts; `name` is how the bureau is called beside its published keys. */
  readonly signingKey: ReceiptSigner & { readonly name: string };
  /** Largest report or file details document in bytes; files have no limit. */
  readonly maxDocumentBytes: number;
  readonly limits: IntakeLimits;
  /** How late this process is with its own timers, in milliseconds. */
  readonly loopLagMs: () => number;
}

/** What the doors of intake stand on. */
export interface IntakeParts extends IntakeFoundation {
  readonly gate: IntakeGate;
}
