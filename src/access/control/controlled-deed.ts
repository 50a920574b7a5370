import type { Static, TSchema } from 'typebox';
import type { Ctx, StaffActor } from '../ctx.ts';
import type { Permission } from '../permissions.ts';

/** Somebody who asked or agreed, as they were called then. */
interface NamedPerson {
  readonly id: string;
  readonly name: string;
}

/** What a controlled deed is told about how it came to be. */
export interface Agreement {
  readonly proposalId: string;
  readonly reason: string;
  readonly askedBy: NamedPerson & { readonly kind: 'staff' | 'system' };
  readonly askedAt: Date;
  readonly approvedBy: readonly (NamedPerson & { readonly at: Date })[];
}

/**
 * A deed that nobody does alone. It is registered once by its name; somebody asks for it with an input, others
 * approve exactly that input, and the last approval runs it in its own transaction, once.
 */
export interface ControlledDeed {
  /** Imperative, as `rotate-keys`; also the action of its audit row. */
  readonly name: string;
  /** How many different named people have to agree. A person who asks is one of them; a machine that asks is none. */
  readonly people: 2 | 3;
  /** Whoever asks or approves holds it when it counts: at asking, and again when it runs. */
  readonly permission: Permission;
  /** Ids and numbers only, bounded; never content, never names of reported people. */
  readonly input: TSchema;
  /** How long it may wait for approval, in hours; 24 unless said. */
  readonly lifetimeHours?: number;
  /** One sentence for whoever approves: what exactly happens when they do. Throws a Refusal for what cannot be asked. */
  readonly describe: (ctx: Ctx, input: unknown) => Promise<string>;
  /** Does it, in the transaction of the last approval; long work is enqueued by an event. Gives ids and counts. */
  readonly run: (
    ctx: Ctx<StaffActor>,
    input: unknown,
    agreement: Agreement,
  ) => Promise<Record<string, unknown>>;
}

/** Keeps the types of one deed together and forgets them for the list. */
export function defineControlled<S extends TSchema>(deed: {
  readonly name: string;
  readonly people: 2 | 3;
  readonly permission: Permission;
  readonly input: S;
  readonly lifetimeHours?: number;
  readonly describe: (ctx: Ctx, input: Static<S>) => Promise<string>;
  readonly run: (
    ctx: Ctx<StaffActor>,
    input: Static<S>,
    agreement: Agreement,
  ) => Promise<Record<string, unknown>>;
}): ControlledDeed {
  return deed as unknown as ControlledDeed;
}
