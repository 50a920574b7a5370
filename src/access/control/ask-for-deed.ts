import type { Role } from '#contract/administration';
import { newUuid } from '#platform/random';
import { checked } from '../check.ts';
import { accessRefusal } from '../codes.ts';
import type { Ctx } from '../ctx.ts';
import { type Permission, permissionsOf, permissionsOfMachine } from '../permissions.ts';
import { controlRefusal } from './codes.ts';
import { areTied, tieDays } from './consent.ts';
import type { ControlledDeed } from './controlled-deed.ts';
import { inputDigest } from './input-digest.ts';
import { activeStaff, countOpen, insertProposal, openTwin, originsOf } from './proposal-store.ts';

/** A list that nobody could look through any more is no control. */
const mostOpen = 200;
const usualLifetimeHours = 24;
/** Inputs hold ids and numbers; the largest is a hundred report numbers. */
const longestInput = 16 * 1024;

export interface AskedDeed {
  readonly proposalId: string;
  readonly digest: string;
  readonly expiresAt: Date;
}

/**
 * Asks for a deed under two-person control. Nothing happens yet: others have to approve exactly this.
 * Refuses whoever lacks the deed's permission, an input of the wrong form, what is asked for already, and a bureau in
 * which too few people could agree whose accounts are independent of the asker's.
 */
export async function askForDeed(
  ctx: Ctx,
  deed: ControlledDeed,
  request: { readonly input: unknown; readonly reason: string },
): Promise<AskedDeed> {
  const { actor, now } = ctx;
  const { db } = ctx.tx;
  if (actor.kind !== 'staff' && actor.kind !== 'system') throw accessRefusal('access.not-permitted');
  if (!holds(ctx, deed.permission)) throw accessRefusal('access.not-permitted');
  const input = checked(deed.input, request.input, 'body');
  if (JSON.stringify(input).length > longestInput) throw new Error(`the input of ${deed.name} has no bound`);
  const digest = inputDigest(deed.name, input);
  const twin = await openTwin(db, digest, now);
  if (twin !== undefined) throw controlRefusal('control.already-asked', { proposalId: twin });
  if ((await countOpen(db, now)) >= mostOpen) throw controlRefusal('control.too-many-open');
  await refuseTooFew(ctx, deed);
  const sentence = await deed.describe(ctx, input);
  const expiresAt = new Date(now.getTime() + (deed.lifetimeHours ?? usualLifetimeHours) * 3_600_000);
  const proposalId = newUuid();
  await insertProposal(db, {
    id: proposalId,
    deed: deed.name,
    input,
    digest,
    sentence,
    reason: request.reason.trim(),
    people: deed.people,
    permission: deed.permission,
    askedBy: { kind: actor.kind, id: actor.id, name: actor.name },
    askedAt: now,
    expiresAt,
  });
  return { proposalId, digest, expiresAt };
}

/** What the bureau itself asks for by the clock needs no permission of its own: it only asks. */
function holds(ctx: Ctx, permission: Permission): boolean {
  if (ctx.actor.kind === 'staff') return permissionsOf(ctx.actor.roles).has(permission);
  return ctx.actor.kind === 'system' && permissionsOfMachine.includes(permission);
}

/** Better told at asking than found out when the proposal has expired. */
async function refuseTooFew(ctx: Ctx, deed: ControlledDeed): Promise<void> {
  const staff = await activeStaff(ctx.tx.db);
  const able = staff.filter(({ roles }) => {
    const held = permissionsOf(roles as readonly Role[]);
    return held.has(deed.permission) && held.has('control:approve');
  });
  const others = able.filter(({ id }) => id !== ctx.actor.id).length;
  const needed = deed.people - (ctx.actor.kind === 'staff' ? 1 : 0);
  if (others < needed) {
    throw controlRefusal('control.too-few-people', { needed, able: others, permission: deed.permission });
  }
  if (ctx.actor.kind !== 'staff') return;
  const since = new Date(ctx.now.getTime() - tieDays * 86_400_000);
  const ids = able.map(({ id }) => id);
  const origins = await originsOf(ctx.tx.db, [...ids, ctx.actor.id], since);
  const independent = ids.filter((id) => !areTied(id, ctx.actor.id, origins)).length;
  if (independent < needed)
    throw controlRefusal('control.too-few-independent', { needed, able: independent });
}
