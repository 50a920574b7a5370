import { type Kysely, sql } from 'kysely';
import type { Role } from '#contract/administration';
import type { Environment } from '#contract/shapes';
import type { DB } from '#platform/database-types';

/** The SQL of access; the only file that writes its tables, but for the audit row in `audit.ts`. */
type Db = Kysely<DB>;

/** Credentials of a user name that work at `now`: the present one and one in its grace time. */
export async function credentialsByUsername(db: Db, username: string, now: Date) {
  return await db
    .selectFrom('access.credential as c')
    .innerJoin('access.provider as p', 'p.id', 'c.provider_id')
    .select([
      'c.id',
      'c.username',
      'c.password_hash',
      'c.provider_id',
      'p.name',
      'p.environment',
      'p.suspended_at',
    ])
    .where('c.username', '=', username)
    .where((eb) => eb.or([eb('c.retired_at', 'is', null), eb('c.retired_at', '>', now)]))
    .orderBy('c.created_at', 'desc')
    .limit(4)
    .execute();
}

export async function noteCredentialUsed(db: Db, credentialId: string, now: Date): Promise<void> {
  await db
    .updateTable('access.credential')
    .set({ last_used_at: now })
    .where('id', '=', credentialId)
    .execute();
}

export async function noteSessionUsed(
  db: Db,
  tokenSha256: Buffer,
  staffId: string,
  now: Date,
): Promise<void> {
  await db
    .updateTable('access.session')
    .set({ last_seen_at: now })
    .where('token_sha256', '=', tokenSha256)
    .execute();
  await db.updateTable('access.staff').set({ last_seen_at: now }).where('id', '=', staffId).execute();
}

export async function insertStaff(
  db: Db,
  row: { id: string; name: string; roles: readonly Role[]; now: Date },
): Promise<boolean> {
  const result = await db
    .insertInto('access.staff')
    .values({ id: row.id, name: row.name, roles: [...row.roles], created_at: row.now })
    .onConflict((oc) => oc.doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function staffById(db: Db, id: string) {
  return await db.selectFrom('access.staff').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function listStaff(db: Db, now: Date) {
  return await db
    .selectFrom('access.staff as m')
    .selectAll('m')
    .select((eb) => [
      eb
        .selectFrom('access.passkey as k')
        .select((count) => count.fn.countAll<string>().as('n'))
        .whereRef('k.staff_id', '=', 'm.id')
        .where('k.removed_at', 'is', null)
        .where('k.suspect_at', 'is', null)
        .as('passkeys'),
      eb
        .selectFrom('access.session as s')
        .select((count) => count.fn.countAll<string>().as('n'))
        .whereRef('s.staff_id', '=', 'm.id')
        .where('s.ended_at', 'is', null)
        .where('s.expires_at', '>', now)
        .as('sessions'),
      eb
        .exists(eb.selectFrom('access.identity as i').select('i.issuer').whereRef('i.staff_id', '=', 'm.id'))
        .as('is_from_agency'),
    ])
    .orderBy(sql`m.disabled_at desc nulls first`)
    .orderBy('m.name')
    .execute();
}

export async function disableStaff(db: Db, id: string, now: Date): Promise<void> {
  await db
    .updateTable('access.staff')
    .set({ disabled_at: now })
    .where('id', '=', id)
    .where('disabled_at', 'is', null)
    .execute();
  await db
    .updateTable('access.session')
    .set({ ended_at: now, ended_because: 'disabled' })
    .where('staff_id', '=', id)
    .where('ended_at', 'is', null)
    .execute();
  await spendLinks(db, id, now);
}

/** A new link makes the unused ones before it worthless. */
export async function spendLinks(db: Db, staffId: string, now: Date): Promise<void> {
  await db
    .updateTable('access.sign_in_link')
    .set({ used_at: now })
    .where('staff_id', '=', staffId)
    .where('used_at', 'is', null)
    .execute();
}

export async function insertLink(
  db: Db,
  row: { tokenSha256: Buffer; staffId: string; now: Date; expiresAt: Date },
): Promise<void> {
  await db
    .insertInto('access.sign_in_link')
    .values({
      token_sha256: row.tokenSha256,
      staff_id: row.staffId,
      created_at: row.now,
      expires_at: row.expiresAt,
    })
    .execute();
}

export async function insertProvider(
  db: Db,
  row: { id: string; name: string; environment: Environment; now: Date },
): Promise<boolean> {
  const result = await db
    .insertInto('access.provider')
    .values({ id: row.id, name: row.name, environment: row.environment, created_at: row.now })
    .onConflict((oc) => oc.doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function lockProvider(db: Db, id: string) {
  return await db
    .selectFrom('access.provider')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

export async function setProviderSuspended(db: Db, id: string, at: Date | null): Promise<void> {
  await db.updateTable('access.provider').set({ suspended_at: at }).where('id', '=', id).execute();
}

export async function insertCredential(
  db: Db,
  row: { id: string; providerId: string; username: string; passwordHash: string; now: Date },
): Promise<void> {
  await db
    .insertInto('access.credential')
    .values({
      id: row.id,
      provider_id: row.providerId,
      username: row.username,
      password_hash: row.passwordHash,
      created_at: row.now,
    })
    .execute();
}

/** Lets every working credential of the service end at `at` at the latest. */
export async function retireCredentials(db: Db, providerId: string, at: Date): Promise<void> {
  await db
    .updateTable('access.credential')
    .set({ retired_at: at })
    .where('provider_id', '=', providerId)
    .where((eb) => eb.or([eb('retired_at', 'is', null), eb('retired_at', '>', at)]))
    .execute();
}

export async function listProviders(db: Db, now: Date) {
  const rows = await sql<{
    id: string;
    name: string;
    environment: Environment;
    created_at: Date;
    suspended_at: Date | null;
    username: string;
    credential_issued_at: Date;
    old_until: Date | null;
    last_used_at: Date | null;
    reports: string;
  }>`
    select p.id, p.name, p.environment, p.created_at, p.suspended_at, c.username, c.created_at as credential_issued_at,
      (select max(o.retired_at) from access.credential o where o.provider_id = p.id and o.retired_at > ${now}) as old_until,
      (select max(u.last_used_at) from access.credential u where u.provider_id = p.id) as last_used_at,
      (select count(*) from intake.report r where r.provider_id = p.id and r.state = 'filed') as reports
    from access.provider p
    join lateral (select username, created_at from access.credential c where c.provider_id = p.id
      order by c.created_at desc, c.retired_at desc nulls first limit 1) c on true
    order by lower(p.name), p.environment`.execute(db);
  return rows.rows;
}
