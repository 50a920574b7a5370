import type { Kysely } from 'kysely';
import type { DB } from '#platform/database-types';

/** The SQL of passkeys and the challenges they answer. */
type Db = Kysely<DB>;

export async function insertChallenge(
  db: Db,
  row: {
    readonly challenge: string;
    readonly purpose: ChallengePurpose;
    readonly sessionSha256: Buffer | null;
    readonly expiresAt: Date;
  },
): Promise<void> {
  await db
    .insertInto('access.challenge')
    .values({
      challenge: row.challenge,
      purpose: row.purpose,
      session_sha256: row.sessionSha256,
      expires_at: row.expiresAt,
    })
    .execute();
}

export type ChallengePurpose = 'sign-in' | 'register' | 'renew';

/** Spends a challenge. Gives whether it was there for this purpose and session, and not too old. */
export async function spendChallenge(
  db: Db,
  row: {
    readonly challenge: string;
    readonly purpose: ChallengePurpose;
    readonly sessionSha256: Buffer | null;
    readonly now: Date;
  },
): Promise<boolean> {
  const spent = await db
    .deleteFrom('access.challenge')
    .where('challenge', '=', row.challenge)
    .returning(['purpose', 'session_sha256', 'expires_at'])
    .executeTakeFirst();
  if (spent === undefined || spent.expires_at <= row.now || spent.purpose !== row.purpose) return false;
  if (spent.session_sha256 === null || row.sessionSha256 === null)
    return spent.session_sha256 === row.sessionSha256;
  return spent.session_sha256.equals(row.sessionSha256);
}

export async function passkeyByCredential(db: Db, credentialId: string) {
  return await db
    .selectFrom('access.passkey as k')
    .innerJoin('access.staff as m', 'm.id', 'k.staff_id')
    .select([
      'k.id',
      'k.staff_id',
      'k.credential_id',
      'k.public_key',
      'k.counter',
      'k.removed_at',
      'k.suspect_at',
      'm.name',
      'm.roles',
      'm.disabled_at',
    ])
    .where('k.credential_id', '=', credentialId)
    .executeTakeFirst();
}

export async function livePasskeys(db: Db, staffId: string) {
  return await db
    .selectFrom('access.passkey')
    .select([
      'id',
      'credential_id',
      'transports',
      'name',
      'is_synced',
      'created_at',
      'last_used_at',
      'suspect_at',
    ])
    .where('staff_id', '=', staffId)
    .where('removed_at', 'is', null)
    .orderBy('created_at')
    .limit(20)
    .execute();
}

export interface NewPasskey {
  readonly id: string;
  readonly staffId: string;
  readonly credentialId: string;
  readonly publicKey: Buffer;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly name: string;
  readonly isSynced: boolean;
  readonly now: Date;
}

export async function insertPasskey(db: Db, row: NewPasskey): Promise<boolean> {
  const result = await db
    .insertInto('access.passkey')
    .values({
      id: row.id,
      staff_id: row.staffId,
      credential_id: row.credentialId,
      public_key: row.publicKey,
      counter: row.counter,
      transports: [...row.transports],
      name: row.name,
      is_synced: row.isSynced,
      created_at: row.now,
    })
    .onConflict((oc) => oc.doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Moves the counter on from what it was when the signature was checked; false when somebody was faster or removed it. */
export async function advancePasskey(
  db: Db,
  row: { readonly id: string; readonly counterBefore: number; readonly counter: number; readonly now: Date },
): Promise<boolean> {
  const result = await db
    .updateTable('access.passkey')
    .set({ counter: row.counter, last_used_at: row.now })
    .where('id', '=', row.id)
    .where('counter', '=', String(row.counterBefore))
    .where('removed_at', 'is', null)
    .where('suspect_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function suspectPasskey(db: Db, id: string, now: Date): Promise<void> {
  await db
    .updateTable('access.passkey')
    .set({ suspect_at: now })
    .where('id', '=', id)
    .where('suspect_at', 'is', null)
    .execute();
}

export async function removePasskey(db: Db, staffId: string, id: string, now: Date): Promise<boolean> {
  const result = await db
    .updateTable('access.passkey')
    .set({ removed_at: now })
    .where('id', '=', id)
    .where('staff_id', '=', staffId)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function renamePasskey(db: Db, staffId: string, id: string, name: string): Promise<boolean> {
  const result = await db
    .updateTable('access.passkey')
    .set({ name })
    .where('id', '=', id)
    .where('staff_id', '=', staffId)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
