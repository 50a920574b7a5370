import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { IntegrityFault } from '#base/errors';
import type { DB } from '#platform/database-types';
import type { Logger } from '#platform/log';
import { isDatabaseUnavailable } from '#platform/postgres-errors';
import { noteAttention, resolveAttention } from '../attention.ts';
import { isGivenUp } from './accept-loss.ts';
import { type Anchor, sentenceOf, standingOf } from './anchor.ts';
import { batchRows, type Sealed, type SealingParts, sealBatch } from './seal-batch.ts';
import { newestCheckpoint } from './store.ts';
import { sealingActor, type WitnessParts, witnessLog } from './witness-log.ts';

export interface SealerParts extends SealingParts, WitnessParts {
  readonly db: Kysely<DB>;
  readonly log: Logger;
  readonly anchor: Anchor;
}

/** Seals the audit log of a bureau; every worker has one, and one of them at a time seals. */
export interface Sealer {
  /** Seals everything that waits now, asks the witnesses whose turn it is, and says how many rows were sealed. */
  readonly sealAll: () => Promise<number>;
  /** Goes on until it is stopped, however often it fails. */
  readonly keepSealing: (pauseSeconds: number) => { readonly stop: () => Promise<void> };
}

/** Under this name a person finds what stops the sealing. */
export const sealingJob = 'seal-audit-log';
const sealingSubject = 'audit-log';
/** What goes on is told again after a while, in case somebody took it off the list. */
const tellAgainMs = 60_000;

export function createSealer(parts: SealerParts): Sealer {
  let hasTrouble = true;
  let toldAtMs = Number.NEGATIVE_INFINITY;
  const seal = async (ending?: AbortSignal): Promise<number> => {
    await settleHistory(parts);
    let count = 0;
    for (;;) {
      const sealed = await sealOnce(parts);
      if (sealed.kind === 'idle') break;
      await parts.anchor.write(sealed.checkpoint.note);
      count += sealed.count;
      if (sealed.count < batchRows || ending?.aborted === true) break;
    }
    await witnessLog(parts);
    return count;
  };
  const step = async (ending: AbortSignal): Promise<void> => {
    try {
      await seal(ending);
      if (hasTrouble) await settle(parts);
      hasTrouble = false;
      toldAtMs = Number.NEGATIVE_INFINITY;
    } catch (error) {
      hasTrouble = true;
      if (isDatabaseUnavailable(error)) parts.log.warn({ err: error }, 'sealing waits for the database');
      else if (performance.now() - toldAtMs > tellAgainMs) {
        toldAtMs = performance.now();
        await tell(parts, error);
      }
    }
  };
  return {
    sealAll: async () => await seal(),
    keepSealing: (pauseSeconds) => {
      const ending = new AbortController();
      const running = (async () => {
        while (!ending.signal.aborted) {
          await step(ending.signal);
          await sleep(pauseSeconds * 1000, undefined, { signal: ending.signal }).catch(() => {});
        }
      })();
      return {
        stop: async () => {
          ending.abort();
          await running;
        },
      };
    },
  };
}

/**
 * The anchor follows what other machines sealed. Where a loss was accepted, it is set to what there is; else nothing
 * is signed against what was signed.
 */
async function settleHistory({ db, anchor }: SealerParts): Promise<void> {
  const seen = await anchor.read();
  const trouble = sentenceOf(await standingOf(db, seen));
  if (trouble !== undefined && !(seen !== undefined && (await isGivenUp(db, seen))))
    throw new IntegrityFault('audit-log:history', trouble);
  const newest = await newestCheckpoint(db);
  if (newest === undefined) {
    if (seen !== undefined) await anchor.forget();
  } else if (trouble !== undefined || newest.size !== seen?.size) {
    await anchor.write(newest.note);
  }
}

async function sealOnce(parts: SealerParts): Promise<Sealed> {
  const { clock, log } = parts;
  return await parts.inTransaction(
    async (tx) => await sealBatch({ tx, actor: sealingActor, now: clock.now(), log }, parts),
    sealingActor,
  );
}

/** What stops the sealing is on the list of what needs attention, once, until it is settled. */
async function tell(parts: SealerParts, error: unknown): Promise<void> {
  parts.log.error({ err: error }, 'the audit log could not be sealed');
  const reason = error instanceof Error ? error.message : 'The audit log could not be sealed.';
  const item = { job: sealingJob, subject: sealingSubject, attempts: 1, now: parts.clock.now() };
  await parts
    .inTransaction(
      async (tx) => await noteAttention(tx, { ...item, reason: reason.slice(0, 500) }),
      sealingActor,
    )
    .catch((cause: unknown) => parts.log.error({ err: cause }, 'nobody could be told'));
}

async function settle(parts: SealerParts): Promise<void> {
  const item = { job: sealingJob, subject: sealingSubject, now: parts.clock.now() };
  await parts.inTransaction(async (tx) => await resolveAttention(tx, item), sealingActor);
}
