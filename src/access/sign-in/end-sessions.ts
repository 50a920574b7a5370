import { parseStaffId } from '#base/ids';
import { sha256Of } from '#platform/random';
import { accessRefusal } from '../codes.ts';
import type { Ctx, StaffActor } from '../ctx.ts';
import { staffById } from '../store.ts';
import { signInRefusal } from './codes.ts';
import * as store from './store.ts';

/** Ends the session. Gives how its person had signed in; undefined when it had ended before. */
export async function signOut(ctx: Ctx, input: { readonly token: string }): Promise<string | undefined> {
  return await store.endSession(ctx.tx.db, sha256Of(input.token), ctx.now, 'signed-out');
}

/** Locks the session: from now on it opens nothing until its person has proved again who they are. */
export async function lockSession(ctx: Ctx, input: { readonly token: string }): Promise<void> {
  await store.lockSession(ctx.tx.db, sha256Of(input.token), ctx.now);
}

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Ends one of one's own sessions. Refuses an id that is not among them. */
export async function endOwnSession(
  ctx: Ctx<StaffActor>,
  input: { readonly sessionId: string },
): Promise<void> {
  const isId = uuidForm.test(input.sessionId);
  const ended = isId
    ? await store.endSessions(ctx.tx.db, ctx.actor.id, ctx.now, 'ended', { id: input.sessionId })
    : 0;
  if (ended === 0) throw signInRefusal('access.unknown-session');
}

/** Ends all of one's own sessions but the one that asks. Gives how many ended. */
export async function endOtherSessions(
  ctx: Ctx<StaffActor>,
  input: { readonly token: string },
): Promise<number> {
  return await store.endSessions(ctx.tx.db, ctx.actor.id, ctx.now, 'ended', {
    exceptToken: sha256Of(input.token),
  });
}

/** Ends every session of a person; they may sign in again. Gives how many ended. */
export async function endSessionsOf(ctx: Ctx, input: { readonly staffId: string }): Promise<number> {
  const id = parseStaffId(input.staffId);
  const staff = id === undefined ? undefined : await staffById(ctx.tx.db, id);
  if (staff === undefined) throw accessRefusal('access.unknown-staff');
  return await store.endSessions(ctx.tx.db, staff.id, ctx.now, 'ended-by-administrator');
}
