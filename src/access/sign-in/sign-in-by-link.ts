import { sha256Of } from '#platform/random';
import { accessRefusal } from '../codes.ts';
import type { Ctx } from '../ctx.ts';
import type { RequestFacts } from '../route.ts';
import { spendLinks } from '../store.ts';
import { type StartedSession, startSession } from './start-session.ts';
import { lockLink } from './store.ts';

/**
 * Spends a one-time link and starts a session. Of two who spend the same link at once, one gets in.
 * Refuses an unknown, used or expired link, and the link of a disabled account.
 */
export async function signInByLink(
  ctx: Ctx,
  input: { readonly token: string; readonly minutes: number; readonly request: RequestFacts },
): Promise<StartedSession> {
  const link = await lockLink(ctx.tx.db, sha256Of(input.token));
  if (link === undefined) throw accessRefusal('access.link-unknown');
  if (link.used_at !== null || link.expires_at <= ctx.now) throw accessRefusal('access.link-spent');
  if (link.disabled_at !== null) throw accessRefusal('access.staff-disabled');
  await spendLinks(ctx.tx.db, link.staff_id, ctx.now);
  return await startSession(ctx, {
    person: { id: link.staff_id, name: link.name, roles: link.roles },
    method: 'link',
    minutes: input.minutes,
    request: input.request,
  });
}
