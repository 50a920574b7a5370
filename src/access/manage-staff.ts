import { parseStaffId } from '#base/ids';
import type { Role } from '#contract/administration';
import { newToken, newUuid, sha256Of } from '#platform/random';
import { accessRefusal } from './codes.ts';
import type { Ctx } from './ctx.ts';
import { givenName } from './given-name.ts';
import * as store from './store.ts';

/** How long a one-time link may lie unused. Chosen: long enough to walk to a desk tomorrow. */
const linkLifetimeMs = 24 * 60 * 60 * 1000;

export interface IssuedLink {
  readonly staffId: string;
  /** Shown once; only its SHA-256 is kept. */
  readonly token: string;
  readonly expiresAt: Date;
}

/** Adds a member of staff and issues their first sign-in link. Refuses a name that is in use. */
export async function addStaff(
  ctx: Ctx,
  input: { name: string; roles: readonly Role[] },
): Promise<IssuedLink> {
  const id = newUuid();
  const isNew = await store.insertStaff(ctx.tx.db, {
    id,
    name: givenName(input.name),
    roles: [...new Set(input.roles)],
    now: ctx.now,
  });
  if (!isNew) throw accessRefusal('access.name-taken');
  return await issueLink(ctx, id);
}

/** Issues a new one-time link; unused ones before it stop working. */
export async function issueSignInLink(ctx: Ctx, input: { staffId: string }): Promise<IssuedLink> {
  const staff = await knownStaff(ctx, input.staffId);
  if (staff.disabled_at !== null) throw accessRefusal('access.staff-disabled');
  return await issueLink(ctx, staff.id);
}

/** Ends every session and link of the person. Their rows stay, because the trail names them. */
export async function disableStaff(ctx: Ctx, input: { staffId: string }): Promise<void> {
  const staff = await knownStaff(ctx, input.staffId);
  await store.disableStaff(ctx.tx.db, staff.id, ctx.now);
}

async function knownStaff(ctx: Ctx, staffId: string) {
  const id = parseStaffId(staffId);
  const staff = id === undefined ? undefined : await store.staffById(ctx.tx.db, id);
  if (staff === undefined) throw accessRefusal('access.unknown-staff');
  return staff;
}

async function issueLink(ctx: Ctx, staffId: string): Promise<IssuedLink> {
  const token = newToken();
  const expiresAt = new Date(ctx.now.getTime() + linkLifetimeMs);
  await store.spendLinks(ctx.tx.db, staffId, ctx.now);
  await store.insertLink(ctx.tx.db, { tokenSha256: sha256Of(token), staffId, now: ctx.now, expiresAt });
  return { staffId, token, expiresAt };
}

const firstAdministrator = 'First administrator';

/**
 * The token of a sign-in link for the first administrator while nobody has ever signed in; undefined afterwards.
 * Each start before that issues a new link, so that a lost one locks nobody out.
 */
export async function firstSignInLink(ctx: Ctx): Promise<string | undefined> {
  const staff = await store.listStaff(ctx.tx.db, ctx.now);
  if (staff.some((row) => row.last_seen_at !== null)) return undefined;
  const known = staff.find((row) => row.name === firstAdministrator && row.disabled_at === null);
  const link =
    known === undefined
      ? await addStaff(ctx, { name: firstAdministrator, roles: ['administrator'] })
      : await issueLink(ctx, known.id);
  return link.token;
}
