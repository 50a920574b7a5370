import type { Ctx } from '#access';
import type { FileId, ReportId } from '#base/ids';
import { refuse } from './codes.ts';
import type { Vault } from './open-vault.ts';
import { setAside } from './set-aside.ts';
import type { StagedBytes } from './stage-bytes.ts';
import {
  abandon,
  deleteIncoming,
  insertSeal,
  lockSeal,
  type NewSeal,
  replaceBytes,
  type SealRow,
  type Standing,
  shareSoundSeal,
} from './store.ts';
import { insertHolding } from './store-custody.ts';
import { isRetired } from './store-keys.ts';

export interface SealFile {
  readonly staged: StagedBytes;
  readonly reportId: ReportId;
  readonly fileId: FileId;
}

/**
 * Gives staged bytes to a file record. What is known already is kept once: the fresh copy then goes to the next
 * sweep, unless the older one was destroyed, damaged or is missing, in which case the fresh one takes its place.
 * Records `file.sealed` when these bytes now stand in the store.
 */
export async function sealFile(
  ctx: Ctx,
  vault: Vault,
  input: SealFile,
): Promise<{ readonly isFirstCopy: boolean }> {
  const { db } = ctx.tx;
  const { staged, reportId, fileId } = input;
  // What is acknowledged must stand: a sweep may have taken bytes that waited for too long.
  const isOurs = await deleteIncoming(db, staged.location);
  const copy = { store: staged.storeId, place: staged.location };
  if (!isOurs || !(await stands(vault, copy))) throw refuse('vault.staging-lost');
  // A key may be retired while bytes under it still wait; nothing may be sealed that is soon unreadable.
  if (await isRetired(db, staged.keyId)) throw refuse('vault.staging-lost');
  const { isFirstCopy, former } = await settle(ctx, vault, staged);
  if (!isFirstCopy) await abandon(db, copy);
  if (former !== undefined) await setAside(ctx, vault, former);

  const note = 'This copy took the place of bytes that were damaged or missing.';
  await insertHolding(db, {
    sha256: staged.sha256,
    fileId,
    reportId,
    heldAt: ctx.now,
    by: ctx.actor,
    ...(former === undefined ? {} : { note }),
  });
  if (isFirstCopy) ctx.tx.record({ name: 'file.sealed', subject: staged.sha256 });
  return { isFirstCopy };
}

interface Settled {
  /** Whether the staged bytes are now the ones that the seal names. */
  readonly isFirstCopy: boolean;
  /** The seal as it was, whose bytes were damaged or missing. */
  readonly former?: SealRow;
}

/** Ends with the seal's row held, shared or alone, so that its bytes stay until the holder is added. */
async function settle(ctx: Ctx, vault: Vault, staged: StagedBytes): Promise<Settled> {
  const { db } = ctx.tx;
  const { location, storeId, ...facts } = staged;
  const seal: NewSeal = { ...facts, store: storeId, place: location, sealedAt: ctx.now };
  if (await isUsable(vault, await shareSoundSeal(db, staged.sha256))) return { isFirstCopy: false };
  if (await insertSeal(db, seal)) return { isFirstCopy: true };
  const known = await lockSeal(db, staged.sha256);
  if (await isUsable(vault, known)) return { isFirstCopy: false };
  await replaceBytes(db, seal);
  return { isFirstCopy: true, ...(known?.place === undefined ? {} : { former: known }) };
}

/** Whether another file record may rely on the bytes of this seal. */
async function isUsable(vault: Vault, seal: SealRow | undefined): Promise<boolean> {
  if (seal?.place === undefined || seal.isDamaged) return false;
  return await stands(vault, { store: seal.store, place: seal.place });
}

async function stands(vault: Vault, { store, place }: Standing): Promise<boolean> {
  return (await (await vault.stores.byId(store)).size(place)) !== undefined;
}
