import type { Kysely } from 'kysely';
import type { DB } from '#platform/database-types';

/** The SQL of sessions and links. That of passkeys and of the agency stands beside it, that of counts in `throttle.ts`. */
type Db = Kysely<DB>;

export type SignInMethod = 'link' | 'passkey' | 'oidc' | 'emergency';
export type EndReason =
  | 'signed-out'
  | 'ended'
  | 'ended-by-administrator'
  | 'replaced'
  | 'disabled'
  | 'roles-changed';

/** A session that has neither ended nor expired, with its person; whether it is locked is for `sessionState` to say. */
export async function sessionByToken(db: Db, tokenSha256: Buffer, now: Date) {
  return await db
    .selectFrom('access.session as s')
    .innerJoin('access.staff as m', 'm.id', 's.staff_id')
    .select((eb) => [
      's.id',
      's.staff_id',
      'm.name',
      'm.roles',
      's.expires_at',
      's.method',
      's.emergency_id',
      's.locked_at',
      's.last_seen_at',
      's.proved_at',
      eb
        .exists(
          eb
            .selectFrom('access.passkey as k')
            .select('k.id')
            .whereRef('k.staff_id', '=', 's.staff_id')
            .where('k.removed_at', 'is', null)
            .where('k.suspect_at', 'is', null),
        )
        .$castTo<boolean>()
        .as('has_passkey'),
      eb
        .exists(
          eb.selectFrom('access.identity as i').select('i.issuer').whereRef('i.staff_id', '=', 's.staff_id'),
        )
        .$castTo<boolean>()
        .as('is_from_agency'),
    ])
    .where('s.token_sha256', '=', tokenSha256)
    .where('s.ended_at', 'is', null)
    .where('s.expires_at', '>', now)
    .where('m.disabled_at', 'is', null)
    .executeTakeFirst();
}

/** Of these sessions, those whose streams may go on: not over, not locked, not idle. */
export async function stillOpen(
  db: Db,
  tokens: readonly Buffer[],
  now: Date,
  idleMinutes: number,
): Promise<ReadonlySet<string>> {
  const seenAfter = new Date(now.getTime() - idleMinutes * 60_000);
  const rows = await db
    .selectFrom('access.session as s')
    .innerJoin('access.staff as m', 'm.id', 's.staff_id')
    .select('s.token_sha256')
    .where('s.token_sha256', 'in', [...tokens])
    .where('s.ended_at', 'is', null)
    .where('s.locked_at', 'is', null)
    .where('s.expires_at', '>', now)
    .where('s.last_seen_at', '>', seenAfter)
    .where('m.disabled_at', 'is', null)
    .execute();
  return new Set(rows.map((row) => row.token_sha256.toString('hex')));
}

export interface NewSession {
  readonly tokenSha256: Buffer;
  readonly staffId: string;
  readonly now: Date;
  readonly expiresAt: Date;
  readonly method: SignInMethod;
  readonly remoteAddress: string;
  readonly device: string;
  /** The emergency that a printed code was used in; every act of the session is tagged with it. */
  readonly emergencyId?: string;
}

export async function insertSession(db: Db, row: NewSession): Promise<void> {
  await db
    .insertInto('access.session')
    .values({
      token_sha256: row.tokenSha256,
      staff_id: row.staffId,
      created_at: row.now,
      last_seen_at: row.now,
      proved_at: row.now,
      expires_at: row.expiresAt,
      method: row.method,
      emergency_id: row.emergencyId ?? null,
      remote_address: row.remoteAddress,
      device: row.device,
    })
    .execute();
}

/** Gives how its person had signed in; undefined when it had ended before. */
export async function endSession(
  db: Db,
  tokenSha256: Buffer,
  now: Date,
  because: EndReason,
): Promise<string | undefined> {
  const ended = await db
    .updateTable('access.session')
    .set({ ended_at: now, ended_because: because })
    .where('token_sha256', '=', tokenSha256)
    .where('ended_at', 'is', null)
    .returning('method')
    .executeTakeFirst();
  return ended?.method;
}

/** Ends sessions of one person: all, all but one, or one by its id. Gives how many ended. */
export async function endSessions(
  db: Db,
  staffId: string,
  now: Date,
  because: EndReason,
  which: { readonly exceptToken?: Buffer; readonly id?: string } = {},
): Promise<number> {
  let query = db
    .updateTable('access.session')
    .set({ ended_at: now, ended_because: because })
    .where('staff_id', '=', staffId)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now);
  if (which.exceptToken !== undefined) query = query.where('token_sha256', '!=', which.exceptToken);
  if (which.id !== undefined) query = query.where('id', '=', which.id);
  const result = await query.executeTakeFirst();
  return Number(result.numUpdatedRows);
}

export async function lockSession(db: Db, tokenSha256: Buffer, now: Date): Promise<void> {
  await db
    .updateTable('access.session')
    .set({ locked_at: now })
    .where('token_sha256', '=', tokenSha256)
    .where('locked_at', 'is', null)
    .execute();
}

/**
 * Its person proved again who they are: unlocked, in use, fresh for dangerous deeds, and from now on under another token.
 * Gives when it expires, as before; undefined where it was over.
 */
export async function renewSession(
  db: Db,
  tokenSha256: Buffer,
  next: { readonly tokenSha256: Buffer; readonly now: Date },
): Promise<Date | undefined> {
  const { now } = next;
  const renewed = await db
    .updateTable('access.session')
    .set({ token_sha256: next.tokenSha256, locked_at: null, last_seen_at: now, proved_at: now })
    .where('token_sha256', '=', tokenSha256)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('expires_at')
    .executeTakeFirst();
  return renewed?.expires_at;
}

/** The newest first; a person with more than this many has a script that signs in. */
const mostListed = 50;

export async function listSessions(db: Db, staffId: string, now: Date) {
  return await db
    .selectFrom('access.session')
    .select([
      'id',
      'token_sha256',
      'created_at',
      'last_seen_at',
      'expires_at',
      'locked_at',
      'method',
      'device',
      'remote_address',
    ])
    .where('staff_id', '=', staffId)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('last_seen_at', 'desc')
    .limit(mostListed)
    .execute();
}

export type SessionRow = Awaited<ReturnType<typeof listSessions>>[number];

/** Locks the link, so that of two people who press at once only one gets in. */
export async function lockLink(db: Db, tokenSha256: Buffer) {
  return await db
    .selectFrom('access.sign_in_link as l')
    .innerJoin('access.staff as m', 'm.id', 'l.staff_id')
    .select(['l.staff_id', 'l.expires_at', 'l.used_at', 'm.name', 'm.roles', 'm.disabled_at'])
    .where('l.token_sha256', '=', tokenSha256)
    .forUpdate('l')
    .executeTakeFirst();
}

/** What nobody came back for. Gives how many rows went. */
export async function sweepExpired(db: Db, now: Date): Promise<number> {
  let swept = 0n;
  for (const table of ['access.challenge', 'access.oidc_trip', 'access.throttle'] as const) {
    const result = await db.deleteFrom(table).where('expires_at', '<=', now).executeTakeFirst();
    swept += result.numDeletedRows;
  }
  return Number(swept);
}

/** Locks the person's row, so that two deeds about their ways in wait for each other. */
export async function lockStaff(db: Db, staffId: string) {
  return await db
    .selectFrom('access.staff')
    .selectAll()
    .where('id', '=', staffId)
    .forUpdate()
    .executeTakeFirst();
}
