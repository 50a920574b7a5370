import type { Ctx, ProviderActor } from '#access';
import { intakeRefusal } from './codes.ts';
import { findAnswer, insertAnswer, tryLockKey } from './store-answers.ts';

export interface OnceInput {
  /** The Idempotency-Key; undefined where the sender gave none, and then the work is simply done. */
  readonly key: string | undefined;
  /** Digest over method, path and body: what makes two requests the same. */
  readonly requestSha256: string;
}

export interface OnceAnswer {
  readonly status: number;
  readonly body: unknown;
  /** Whether this is the answer of an earlier request, and nothing was done now. */
  readonly isReplay: boolean;
}

/**
 * Does `work` once for each key of a service and answers every repetition with the stored answer (draft-ietf-httpapi-
 * idempotency-key-header). Work and answer commit together, so a request that failed or was refused leaves nothing
 * and may be sent again with the same key.
 */
export async function answerOnce(
  ctx: Ctx<ProviderActor>,
  input: OnceInput,
  work: () => Promise<{ readonly status: number; readonly body: unknown }>,
): Promise<OnceAnswer> {
  const { key, requestSha256 } = input;
  if (key === undefined) return { ...(await work()), isReplay: false };
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) throw intakeRefusal('intake.key-malformed');
  if (!(await tryLockKey(ctx.tx.db, ctx.actor.id, key))) throw intakeRefusal('intake.key-in-flight');
  const stored = await findAnswer(ctx.tx.db, ctx.actor.id, key);
  if (stored !== undefined) {
    if (stored.requestSha256 !== requestSha256) throw intakeRefusal('intake.key-reused');
    return { status: stored.status, body: stored.body, isReplay: true };
  }
  const answer = await work();
  await insertAnswer(ctx.tx.db, ctx.actor.id, key, { requestSha256, ...answer }, ctx.now);
  return { ...answer, isReplay: false };
}
