import { accessRefusal } from '../codes.ts';
import type { Ctx, StaffActor } from '../ctx.ts';
import type { RequestFacts } from '../route.ts';
import type { ProvedPasskey } from './check-passkey.ts';
import { signInRefusal } from './codes.ts';
import * as oidcStore from './oidc-store.ts';
import * as passkeyStore from './passkey-store.ts';
import { type RenewedSession, renewSession, type StartedSession, startSession } from './start-session.ts';

/**
 * How long passkeys of people who come through their agency work without it. Chosen: a service that is down comes back
 * within a week; somebody who left the agency is out after one.
 */
const agencyDaysLimit = 7;

/** Signs in the person whose passkey was proved. Refuses a disabled account, and one that its agency must confirm first. */
export async function signInByPasskey(
  ctx: Ctx,
  input: { readonly passkey: ProvedPasskey; readonly minutes: number; readonly request: RequestFacts },
): Promise<StartedSession> {
  const { passkey } = input;
  const subject = `staff:${passkey.staffId}`;
  if (passkey.isDisabled) throw accessRefusal('access.staff-disabled', { subject });
  const identity = await oidcStore.identityOf(ctx.tx.db, passkey.staffId);
  const agencyMs = agencyDaysLimit * 24 * 60 * 60_000;
  if (identity !== undefined && ctx.now.getTime() - identity.last_sign_in_at.getTime() > agencyMs) {
    throw signInRefusal('access.oidc-needed', { subject });
  }
  await spendProof(ctx, passkey);
  return await startSession(ctx, {
    person: { id: passkey.staffId, name: passkey.name, roles: passkey.roles },
    method: 'passkey',
    minutes: input.minutes,
    request: input.request,
  });
}

/** Unlocks the session and makes it fresh. Refuses the passkey of anybody but its person. */
export async function renewByPasskey(
  ctx: Ctx<StaffActor>,
  input: { readonly passkey: ProvedPasskey; readonly sessionSha256: Buffer },
): Promise<RenewedSession> {
  if (input.passkey.staffId !== ctx.actor.id) throw signInRefusal('access.other-person');
  await spendProof(ctx, input.passkey);
  return await renewSession(ctx, input);
}

async function spendProof(ctx: Ctx, passkey: ProvedPasskey): Promise<void> {
  const isUsed = await passkeyStore.advancePasskey(ctx.tx.db, { ...passkey, now: ctx.now });
  // Removed or used elsewhere between check and deed: the signature says nothing any more.
  if (!isUsed) throw signInRefusal('access.challenge-spent');
}
