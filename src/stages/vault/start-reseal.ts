import type { Ctx } from '#access';
import { newUuid } from '#platform/random';
import { refuse } from './codes.ts';
import type { Vault } from './open-vault.ts';
import type { NewRun, ResealRun, ResealTarget } from './reseal-run.ts';
import { insertRun, isAnythingLeft, leftToDo, runById, runUnderWay } from './store-reseal.ts';

/**
 * Asks for a new key and for everything to be sealed again under it. With a key file the key is made by the run's
 * first step, under the id that is given back here; with a key service it is the one that is configured, and then
 * there must be something that is sealed under another.
 * A rotation that is under way is given back as it is. Records `reseal.due`.
 */
export async function startRotation(ctx: Ctx, vault: Vault): Promise<ResealRun> {
  const { kmsKeyId } = vault.keys;
  const target: ResealTarget = { kind: 'rotate', target: kmsKeyId ?? newUuid() };
  const underWay = await runUnderWay(ctx.tx.db);
  if (underWay?.kind === 'rotate') return underWay;
  if (kmsKeyId !== undefined && !(await isAnythingLeft(ctx.tx.db, target))) {
    throw refuse('vault.nothing-to-rotate');
  }
  return await begin(ctx, target);
}

/** Asks for everything to be moved to the store that new evidence goes to. Records `reseal.due`. */
export async function startMove(
  ctx: Ctx,
  vault: Vault,
  input: { readonly to: 'local' | 's3' },
): Promise<ResealRun> {
  const { id } = vault.store;
  if ((id === 'local') !== (input.to === 'local')) throw refuse('vault.not-the-store', { store: id });
  const underWay = await runUnderWay(ctx.tx.db);
  if (underWay?.kind === 'move' && underWay.target === id) return underWay;
  return await begin(ctx, { kind: 'move', target: id });
}

async function begin(ctx: Ctx, target: ResealTarget): Promise<ResealRun> {
  const { db } = ctx.tx;
  const { files, sizeBytes } = await leftToDo(db, target);
  const run: NewRun = {
    ...target,
    id: newUuid(),
    askedAt: ctx.now,
    askedBy: ctx.actor,
    totalFiles: files,
    totalBytes: sizeBytes,
  };
  if (!(await insertRun(db, run))) throw refuse('vault.reseal-under-way');
  ctx.tx.record({ name: 'reseal.due', subject: run.id });
  const added = await runById(db, run.id);
  if (added === undefined) throw new Error('a run that was added is not there');
  return added;
}
