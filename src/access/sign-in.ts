import type { StaffId } from '#base/ids';
import type { Role } from '#contract/administration';
import { newToken, sha256Of } from '#platform/random';
import { accessRefusal } from './codes.ts';
import type { Ctx, StaffActor } from './ctx.ts';
import * as store from './store.ts';

export interface StartedSession {
  readonly actor: StaffActor;
  /** Goes into the cookie; only its SHA-256 is kept. */
  readonly token: string;
  readonly expiresAt: Date;
}

/**
 * Spends a one-time link and starts a session. Of two who spend the same link at once, one gets in.
 * Refuses an unknown, used or expired link, and the link of a disabled account.
 */
export async function signIn(
  ctx: Ctx,
  input: { token: string; sessionHours: number },
): Promise<StartedSession> {
  const link = await store.lockLink(ctx.tx.db, sha256Of(input.token));
  if (link === undefined) throw accessRefusal('access.link-unknown');
  if (link.used_at !== null || link.expires_at <= ctx.now) throw accessRefusal('access.link-spent');
  if (link.disabled_at !== null) throw accessRefusal('access.staff-disabled');
  await store.spendLinks(ctx.tx.db, link.staff_id, ctx.now);
  const token = newToken();
  const expiresAt = new Date(ctx.now.getTime() + input.sessionHours * 60 * 60 * 1000);
  await store.insertSession(ctx.tx.db, {
    tokenSha256: sha256Of(token),
    staffId: link.staff_id,
    now: ctx.now,
    expiresAt,
  });
  const actor: StaffActor = {
    kind: 'staff',
    id: link.staff_id as StaffId,
    name: link.name,
    roles: link.roles as Role[],
  };
  return { actor, token, expiresAt };
}

export async function signOut(ctx: Ctx, input: { token: string }): Promise<void> {
  await store.endSession(ctx.tx.db, sha256Of(input.token), ctx.now);
}
