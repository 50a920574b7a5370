import type { Kysely } from 'kysely';
import { parseReportId } from '#base/ids';
import type { DB } from '#platform/database-types';
import type { Identity } from '../identify.ts';
import { permissionsOfEmergency } from '../permissions.ts';
import type { RequestFacts, Route } from '../route.ts';
import { openEmergency } from './emergency-store.ts';

/**
 * Somebody who lacks the permission may hold it for one report, for a while, because they took emergency access to it.
 * Asked only where the answer would be a refusal, so that nobody else pays for it.
 */
export async function inEmergency(
  db: Kysely<DB>,
  identity: Identity,
  asked: { readonly route: Route; readonly params: unknown; readonly now: Date },
): Promise<Identity> {
  const { actor, holds, session } = identity;
  const { permission } = asked.route;
  const isOpen = actor.kind === 'staff' && session?.state === 'open';
  if (!isOpen || holds.has(permission) || !permissionsOfEmergency.includes(permission)) return identity;
  const { reportId = '' } = asked.params as { readonly reportId?: string };
  if (parseReportId(reportId) === undefined) return identity;
  const emergency = await openEmergency(db, actor.id, reportId, asked.now);
  if (emergency === undefined) return identity;
  return { ...identity, holds: new Set([...holds, permission]), emergency };
}

/** The request as its handler sees it: with the emergency that it is made in. */
export function underEmergency(request: RequestFacts, identity: Identity): RequestFacts {
  const { emergency } = identity;
  return emergency === undefined ? request : { ...request, emergency };
}

/** Every act in an emergency says so, beside the task it had. */
export function whyIn(emergency: string | undefined, why: string | undefined): string | undefined {
  if (emergency === undefined || why?.includes(emergency) === true) return why;
  return why === undefined ? `emergency ${emergency}` : `emergency ${emergency}; ${why}`;
}
