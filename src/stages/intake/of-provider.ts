import type { Actor, Ctx, ProviderActor } from '#access';

/** The families of intake let only services in; that somebody else acts is a bug. */
export function providerOf(actor: Actor): ProviderActor {
  if (actor.kind !== 'provider') throw new Error('a route of services was reached by somebody else');
  return actor;
}

export function ofProvider(ctx: Ctx): Ctx<ProviderActor> {
  return { ...ctx, actor: providerOf(ctx.actor) };
}
