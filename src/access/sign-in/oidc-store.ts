import { type Kysely, sql } from 'kysely';
import type { Role } from '#contract/administration';
import type { DB } from '#platform/database-types';

/** The SQL of people who come by their agency, and of their trips there. */
type Db = Kysely<DB>;

export async function setRoles(db: Db, staffId: string, roles: readonly Role[]): Promise<void> {
  await db
    .updateTable('access.staff')
    .set({ roles: [...roles] })
    .where('id', '=', staffId)
    .execute();
}

export async function identityOf(db: Db, staffId: string) {
  return await db
    .selectFrom('access.identity')
    .selectAll()
    .where('staff_id', '=', staffId)
    .executeTakeFirst();
}

/** Locks the identity with its person, so that of two first sign-ins one makes the person. */
export async function lockIdentity(db: Db, issuer: string, subject: string) {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${issuer}\n${subject}`}, 0))`.execute(db);
  return await db
    .selectFrom('access.identity as i')
    .innerJoin('access.staff as m', 'm.id', 'i.staff_id')
    .select(['i.staff_id', 'm.name', 'm.roles', 'm.disabled_at'])
    .where('i.issuer', '=', issuer)
    .where('i.subject', '=', subject)
    .executeTakeFirst();
}

export async function insertIdentity(
  db: Db,
  row: { readonly issuer: string; readonly subject: string; readonly staffId: string; readonly now: Date },
): Promise<void> {
  await db
    .insertInto('access.identity')
    .values({
      issuer: row.issuer,
      subject: row.subject,
      staff_id: row.staffId,
      created_at: row.now,
      last_sign_in_at: row.now,
    })
    .execute();
}

export async function noteIdentityUsed(db: Db, issuer: string, subject: string, now: Date): Promise<void> {
  await db
    .updateTable('access.identity')
    .set({ last_sign_in_at: now })
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .execute();
}

export interface Trip {
  readonly stateSha256: Buffer;
  readonly browserSha256: Buffer;
  readonly sessionSha256: Buffer | null;
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly expiresAt: Date;
}

export async function insertTrip(db: Db, trip: Trip): Promise<void> {
  await db
    .insertInto('access.oidc_trip')
    .values({
      state_sha256: trip.stateSha256,
      browser_sha256: trip.browserSha256,
      session_sha256: trip.sessionSha256,
      nonce: trip.nonce,
      code_verifier: trip.codeVerifier,
      expires_at: trip.expiresAt,
    })
    .execute();
}

/** Spends a trip, whoever comes back with it. */
export async function spendTrip(db: Db, stateSha256: Buffer) {
  return await db
    .deleteFrom('access.oidc_trip')
    .where('state_sha256', '=', stateSha256)
    .returningAll()
    .executeTakeFirst();
}
