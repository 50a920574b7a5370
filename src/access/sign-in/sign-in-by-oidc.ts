import { newUuid } from '#platform/random';
import { accessRefusal } from '../codes.ts';
import type { Ctx, StaffActor } from '../ctx.ts';
import type { RequestFacts } from '../route.ts';
import { insertStaff } from '../store.ts';
import { signInRefusal } from './codes.ts';
import type { AgencyPerson } from './oidc-client.ts';
import * as oidcStore from './oidc-store.ts';
import {
  type Person,
  type RenewedSession,
  renewSession,
  type StartedSession,
  startSession,
} from './start-session.ts';
import * as store from './store.ts';

/**
 * Signs in whom the agency confirmed; makes the person at the first time. Roles are what the agency's groups say now:
 * when they changed, the person's other sessions end. Refuses an account that was disabled here.
 */
export async function signInByOidc(
  ctx: Ctx,
  input: { readonly person: AgencyPerson; readonly minutes: number; readonly request: RequestFacts },
): Promise<StartedSession> {
  const known = await oidcStore.lockIdentity(ctx.tx.db, input.person.issuer, input.person.subject);
  if (known !== undefined && known.disabled_at !== null) {
    throw accessRefusal('access.staff-disabled', { subject: `staff:${known.staff_id}` });
  }
  const person =
    known === undefined ? await makePerson(ctx, input.person) : await refreshPerson(ctx, known, input.person);
  return await startSession(ctx, { person, method: 'oidc', minutes: input.minutes, request: input.request });
}

/** Unlocks the session and makes it fresh. Refuses anybody but its person. */
export async function renewByOidc(
  ctx: Ctx<StaffActor>,
  input: { readonly person: AgencyPerson; readonly sessionSha256: Buffer },
): Promise<RenewedSession> {
  const known = await oidcStore.lockIdentity(ctx.tx.db, input.person.issuer, input.person.subject);
  if (known?.staff_id !== ctx.actor.id) throw signInRefusal('access.other-person');
  await oidcStore.noteIdentityUsed(ctx.tx.db, input.person.issuer, input.person.subject, ctx.now);
  return await renewSession(ctx, input);
}

async function makePerson(ctx: Ctx, agency: AgencyPerson): Promise<Person> {
  const id = newUuid();
  const row = { id, roles: agency.roles, now: ctx.now };
  // Two people of one name must be told apart in the audit trail.
  const names = [agency.name, `${agency.name.slice(0, 88)} (${id.slice(0, 8)})`];
  for (const name of names) {
    if (await insertStaff(ctx.tx.db, { ...row, name })) {
      await oidcStore.insertIdentity(ctx.tx.db, { ...agency, staffId: id, now: ctx.now });
      return { id, name, roles: agency.roles };
    }
  }
  throw accessRefusal('access.name-taken');
}

async function refreshPerson(
  ctx: Ctx,
  known: { readonly staff_id: string; readonly name: string; readonly roles: readonly string[] },
  agency: AgencyPerson,
): Promise<Person> {
  const isSame = [...known.roles].sort().join() === [...agency.roles].sort().join();
  if (!isSame) {
    await oidcStore.setRoles(ctx.tx.db, known.staff_id, agency.roles);
    await store.endSessions(ctx.tx.db, known.staff_id, ctx.now, 'roles-changed');
  }
  await oidcStore.noteIdentityUsed(ctx.tx.db, agency.issuer, agency.subject, ctx.now);
  return { id: known.staff_id, name: known.name, roles: agency.roles };
}
