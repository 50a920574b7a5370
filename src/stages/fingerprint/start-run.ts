import type { Ctx } from '#access';
import { decoderVersion } from '#decoder';
import { newUuid } from '#platform/random';
import {
  countWanted,
  type FingerprintRun,
  insertRun,
  type RunScope,
  runById,
  runUnderWay,
} from './store-run.ts';

/**
 * Asks for many files to be looked at, by the workers. One run at a time: what is under way is given back as it is,
 * and its job is asked for again in case the worker that had it is gone. Records `fingerprints.due`.
 */
export async function startRun(ctx: Ctx, input: { readonly scope: RunScope }): Promise<FingerprintRun> {
  const { db } = ctx.tx;
  const id = newUuid();
  const isNew =
    (await runUnderWay(db)) === undefined &&
    (await insertRun(db, {
      id,
      scope: input.scope,
      at: ctx.now,
      by: ctx.actor,
      total: await countWanted(db, input.scope, decoderVersion),
    }));
  const run = isNew ? await runById(db, id) : await runUnderWay(db);
  if (run === undefined) throw new Error('a run ended at the moment another one was asked for');
  ctx.tx.record({ name: 'fingerprints.due', subject: run.id });
  return run;
}
