import { parseProviderId } from '#base/ids';
import type { CredentialReply } from '#contract/administration';
import type { Environment } from '#contract/shapes';
import { newToken, newUuid } from '#platform/random';
import { accessRefusal } from './codes.ts';
import type { Ctx } from './ctx.ts';
import { givenName } from './given-name.ts';
import { hashPassword } from './passwords.ts';
import * as store from './store.ts';

/** Adds a service in one environment, with its first credential. The password is in the answer and nowhere else. */
export async function addProvider(
  ctx: Ctx,
  input: { name: string; environment: Environment },
): Promise<CredentialReply> {
  const id = newUuid();
  const name = givenName(input.name);
  const isNew = await store.insertProvider(ctx.tx.db, {
    id,
    name,
    environment: input.environment,
    now: ctx.now,
  });
  if (!isNew) throw accessRefusal('access.name-taken');
  const username = usernameOf(name, input.environment, id);
  return await issueCredential(ctx, { id, name, environment: input.environment, username });
}

/**
 * Gives the service a new password under the same user name. The old one works for `graceHours` more, 0 after a leak.
 */
export async function rotateCredential(
  ctx: Ctx,
  input: { providerId: string; graceHours: number },
): Promise<CredentialReply> {
  const provider = await knownProvider(ctx, input.providerId);
  const until = new Date(ctx.now.getTime() + input.graceHours * 60 * 60 * 1000);
  await store.retireCredentials(ctx.tx.db, provider.id, until);
  const environment = provider.environment === 'sandbox' ? 'sandbox' : 'production';
  const username = usernameOf(provider.name, environment, provider.id);
  return await issueCredential(ctx, { id: provider.id, name: provider.name, environment, username });
}

/** A suspended service is refused at once, whatever it holds; its reports stay. */
export async function suspendProvider(ctx: Ctx, input: { providerId: string }): Promise<void> {
  const provider = await knownProvider(ctx, input.providerId);
  if (provider.suspended_at === null) await store.setProviderSuspended(ctx.tx.db, provider.id, ctx.now);
}

export async function resumeProvider(ctx: Ctx, input: { providerId: string }): Promise<void> {
  const provider = await knownProvider(ctx, input.providerId);
  await store.setProviderSuspended(ctx.tx.db, provider.id, null);
}

async function knownProvider(ctx: Ctx, providerId: string) {
  const id = parseProviderId(providerId);
  const provider = id === undefined ? undefined : await store.lockProvider(ctx.tx.db, id);
  if (provider === undefined) throw accessRefusal('access.unknown-provider');
  return provider;
}

async function issueCredential(
  ctx: Ctx,
  service: { id: string; name: string; environment: Environment; username: string },
): Promise<CredentialReply> {
  const password = newToken();
  await store.insertCredential(ctx.tx.db, {
    id: newUuid(),
    providerId: service.id,
    username: service.username,
    passwordHash: await hashPassword(password),
    now: ctx.now,
  });
  return { ...service, password };
}

/** A user name that a person recognises and no other service has: name, environment and the start of the id. */
function usernameOf(name: string, environment: Environment, id: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40);
  return `${slug === '' ? 'service' : slug}-${environment}-${id.slice(0, 8)}`;
}
