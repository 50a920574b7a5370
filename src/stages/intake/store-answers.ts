import { type Kysely, sql } from 'kysely';
import type { ProviderId } from '#base/ids';
import type { DB } from '#platform/database-types';

/** The SQL of answers that are kept for requests with an Idempotency-Key. */

/** Takes the key for this transaction; false while another one has it. */
export async function tryLockKey(db: Kysely<DB>, providerId: ProviderId, key: string): Promise<boolean> {
  const { rows } = await sql<{ isLocked: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${`intake.idempotency ${providerId} ${key}`}, 0)) as "isLocked"
  `.execute(db);
  return rows[0]?.isLocked === true;
}

export interface StoredAnswer {
  readonly requestSha256: string;
  readonly status: number;
  readonly body: unknown;
}

export async function findAnswer(
  db: Kysely<DB>,
  providerId: ProviderId,
  key: string,
): Promise<StoredAnswer | undefined> {
  return await db
    .selectFrom('intake.idempotency')
    .select(['request_sha256 as requestSha256', 'status', 'body'])
    .where('provider_id', '=', providerId)
    .where('key', '=', key)
    .executeTakeFirst();
}

export async function insertAnswer(
  db: Kysely<DB>,
  providerId: ProviderId,
  key: string,
  answer: StoredAnswer,
  createdAt: Date,
): Promise<void> {
  await db
    .insertInto('intake.idempotency')
    .values({
      provider_id: providerId,
      key,
      request_sha256: answer.requestSha256,
      status: answer.status,
      body: JSON.stringify(answer.body),
      created_at: createdAt,
    })
    .execute();
}

export async function deleteAnswersBefore(db: Kysely<DB>, before: Date): Promise<number> {
  const result = await db
    .deleteFrom('intake.idempotency')
    .where('created_at', '<', before)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}
