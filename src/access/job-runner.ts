import { type Kysely, sql } from 'kysely';
import { IntegrityFault, Refusal } from '#base/errors';
import type { Clock } from '#platform/clock';
import type { DB } from '#platform/database-types';
import type { Delivery } from '#platform/jobs';
import type { Logger } from '#platform/log';
import { inSpan } from '#platform/traces';
import type { Tx } from '#platform/transaction';
import { noteAttention, resolveAttention } from './attention.ts';
import { recordAudit } from './audit.ts';
import type { Actor } from './ctx.ts';
import type { JobDefinition, JobResult } from './job.ts';

export interface JobRunnerParts {
  readonly db: Kysely<DB>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Runs work in one transaction, with no more rights than this actor needs. */
  readonly inTransaction: <T>(work: (tx: Tx) => Promise<T>, actor: Actor) => Promise<T>;
}

/**
 * Runs deliveries. In one transaction: the job's deeds, its audit row when it changed something, and the closing of
 * an item that needed attention. A job ends in one of four ways:
 * done or skipped; failed for good (needs attention at once); thrown (retried with back-off, needs attention after
 * the last attempt); killed at every attempt (the dead-letter queue brings it here, needs attention).
 */
export function createJobRunner(definitions: readonly JobDefinition[], parts: JobRunnerParts) {
  const byName = new Map(definitions.map((definition) => [definition.name, definition]));

  return async function runDelivery(delivery: Delivery): Promise<void> {
    const definition = byName.get(delivery.name);
    if (delivery.isDead || definition === undefined) {
      const reason =
        definition === undefined
          ? 'This version of the bureau has no such job.'
          : 'The worker was stopped at every attempt before the job could end.';
      await needsAttention(parts, delivery, reason);
      return;
    }
    try {
      await inSpan(
        `job ${delivery.name}`,
        { 'firstlight.job': delivery.name, 'firstlight.attempt': delivery.attempt },
        async () => await runOnce(parts, definition, delivery),
      );
    } catch (error) {
      const isFinal = error instanceof IntegrityFault || error instanceof Refusal;
      parts.log.warn(
        { err: error, job: delivery.name, subject: delivery.subject, attempt: delivery.attempt },
        'job failed',
      );
      if (!isFinal && !delivery.isLast) throw error;
      await needsAttention(parts, delivery, reasonOf(error));
    }
  };
}

/**
 * One delivery of the same job on the same subject after the other: a queue may give it out again while the worker that
 * has it is only slow, and the second then finds the first one's work done instead of doing it as well.
 */
async function takeTurn(tx: Tx, { name, subject }: Delivery): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`job ${name} ${subject}`}, 0))`.execute(tx.db);
}

async function runOnce(parts: JobRunnerParts, definition: JobDefinition, delivery: Delivery): Promise<void> {
  const now = parts.clock.now();
  const actor = actorOf(definition.name);
  const log = parts.log.child({ job: definition.name, subject: delivery.subject });
  await parts.inTransaction(async (tx) => {
    await takeTurn(tx, delivery);
    const result: JobResult = await definition.run({ tx, actor, now, log }, delivery.subject);
    if (result.kind === 'failed') {
      await noteAttention(tx, {
        job: delivery.name,
        subject: delivery.subject,
        reason: result.reason,
        attempts: delivery.attempt,
        now,
      });
    } else {
      await resolveAttention(tx, { job: delivery.name, subject: delivery.subject, now });
    }
    // A job by the clock that found nothing to do changed nothing and leaves no row.
    if (result.kind === 'skipped') return;
    await recordAudit(tx, {
      at: now,
      actor,
      action: definition.name,
      outcome: result.kind === 'failed' ? 'failed' : 'done',
      subject:
        definition.subjectKind === undefined ? undefined : `${definition.subjectKind}:${delivery.subject}`,
      why: `job ${definition.name}`,
    });
  }, actor);
}

async function needsAttention(parts: JobRunnerParts, delivery: Delivery, reason: string): Promise<void> {
  const now = parts.clock.now();
  const actor = actorOf(delivery.name);
  await parts.inTransaction(async (tx) => {
    await noteAttention(tx, {
      job: delivery.name,
      subject: delivery.subject,
      reason,
      attempts: delivery.attempt,
      now,
    });
  }, actor);
}

function actorOf(job: string): Actor {
  return { kind: 'system', id: `job:${job}`, name: job };
}

const longestReason = 500;

/** The error's own words without its details, which may repeat stored values. */
function reasonOf(error: unknown): string {
  const text =
    error instanceof Error ? `${error.name}: ${error.message}` : 'The job failed without saying why.';
  return text.length > longestReason ? `${text.slice(0, longestReason)}…` : text;
}
