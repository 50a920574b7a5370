import type { ProviderId, StaffId } from '#base/ids';
import type { Role } from '#contract/administration';
import type { Environment } from '#contract/shapes';
import type { Logger } from '#platform/log';
import type { Tx } from '#platform/transaction';

/** Who acts. `system` is the bureau's own work: jobs, sweeps, expiry. */
export type Actor =
  | { readonly kind: 'staff'; readonly id: StaffId; readonly name: string; readonly roles: readonly Role[] }
  | {
      readonly kind: 'provider';
      readonly id: ProviderId;
      readonly name: string;
      readonly username: string;
      readonly environment: Environment;
    }
  | { readonly kind: 'system'; readonly id: string; readonly name: string }
  | { readonly kind: 'anonymous'; readonly id: 'anonymous'; readonly name: 'anonymous' };

export type ProviderActor = Extract<Actor, { kind: 'provider' }>;
export type StaffActor = Extract<Actor, { kind: 'staff' }>;

/** What every deed is given: the open transaction, who acts, the time of the act, and a log. */
export interface Ctx<A extends Actor = Actor> {
  readonly tx: Tx;
  readonly actor: A;
  readonly now: Date;
  readonly log: Logger;
}
