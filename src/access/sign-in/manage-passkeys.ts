import { newUuid } from '#platform/random';
import type { Ctx, StaffActor } from '../ctx.ts';
import { givenName } from '../given-name.ts';
import type { NewCredential } from './check-passkey.ts';
import { signInRefusal } from './codes.ts';
import * as oidcStore from './oidc-store.ts';
import * as passkeyStore from './passkey-store.ts';
import * as store from './store.ts';

const mostPasskeys = 10;

/** Keeps a new passkey under a name. Refuses one that is known already, whoever's it is, and an eleventh. */
export async function addPasskey(
  ctx: Ctx<StaffActor>,
  input: { readonly name: string; readonly credential: NewCredential },
): Promise<{ readonly id: string; readonly name: string }> {
  await store.lockStaff(ctx.tx.db, ctx.actor.id);
  const present = await passkeyStore.livePasskeys(ctx.tx.db, ctx.actor.id);
  if (present.length >= mostPasskeys) throw signInRefusal('access.passkeys-full');
  const id = newUuid();
  const name = givenName(input.name);
  const isNew = await passkeyStore.insertPasskey(ctx.tx.db, {
    id,
    staffId: ctx.actor.id,
    ...input.credential,
    name,
    now: ctx.now,
  });
  if (!isNew) throw signInRefusal('access.passkey-known');
  return { id, name };
}

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Removes one of one's own. Refuses the last one that works, unless there is another way in. */
export async function removePasskey(
  ctx: Ctx<StaffActor>,
  input: { readonly passkeyId: string; readonly linksSignIn: boolean },
): Promise<void> {
  await store.lockStaff(ctx.tx.db, ctx.actor.id);
  const present = await passkeyStore.livePasskeys(ctx.tx.db, ctx.actor.id);
  const passkey = present.find(({ id }) => id === input.passkeyId);
  if (passkey === undefined) throw signInRefusal('access.unknown-passkey');
  const others = present.filter((one) => one.id !== passkey.id && one.suspect_at === null);
  const hasOtherWay =
    others.length > 0 ||
    passkey.suspect_at !== null ||
    input.linksSignIn ||
    (await oidcStore.identityOf(ctx.tx.db, ctx.actor.id)) !== undefined;
  if (!hasOtherWay) throw signInRefusal('access.last-passkey');
  await passkeyStore.removePasskey(ctx.tx.db, ctx.actor.id, passkey.id, ctx.now);
}

export async function renamePasskey(
  ctx: Ctx<StaffActor>,
  input: { readonly passkeyId: string; readonly name: string },
): Promise<void> {
  const isId = uuidForm.test(input.passkeyId);
  const isDone =
    isId &&
    (await passkeyStore.renamePasskey(ctx.tx.db, ctx.actor.id, input.passkeyId, givenName(input.name)));
  if (!isDone) throw signInRefusal('access.unknown-passkey');
}
