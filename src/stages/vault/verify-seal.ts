import type { Ctx } from '#access';
import { IntegrityFault } from '#base/errors';
import type { Sha256 } from '#base/ids';
import type { Vault } from './open-vault.ts';
import { openSeal, plaintextOf } from './read-sealed.ts';
import {
  findSeal,
  insertCustody,
  lockSealForFinding,
  markDamaged,
  markVerified,
  type SealRow,
} from './store.ts';

/** What reading a seal from end to end showed. */
export interface Finding {
  readonly seal: SealRow;
  /** Why the bytes do not match their seal; absent when they do. */
  readonly damage?: string;
}

/** `gone`: destroyed, or given another place meanwhile, so that the finding is about bytes that no longer count. */
export type Verdict = 'verified' | 'damaged' | 'gone';

/** Reads a seal from end to end. Needs no transaction and changes nothing. Throws only when the store is ill. */
export async function readSeal(vault: Vault, seal: SealRow): Promise<Finding> {
  try {
    for await (const _chunk of plaintextOf(vault, await openSeal(vault, seal)));
    return { seal };
  } catch (error) {
    if (!(error instanceof IntegrityFault)) throw error;
    return { seal, damage: error.message };
  }
}

/**
 * Writes a finding down, with its custody entry. Bytes that match again, because they were restored from backup, are
 * no longer damaged. Records `file.damaged` when a seal was sound until now.
 */
export async function recordFinding(ctx: Ctx, { seal, damage }: Finding): Promise<Verdict> {
  const { db } = ctx.tx;
  const { sha256 } = seal;
  const present = await lockSealForFinding(db, sha256);
  if (present?.place === undefined || present.place !== seal.place) return 'gone';
  const entry = { at: ctx.now, sha256, actor: ctx.actor };
  if (damage === undefined) {
    await markVerified(db, sha256, ctx.now);
    const verified = { ...entry, act: 'verified' } as const;
    const note = 'The bytes match their seal again.';
    await insertCustody(db, [present.isDamaged ? { ...verified, note } : verified]);
    return 'verified';
  }
  await markDamaged(db, sha256, ctx.now, damage);
  await insertCustody(db, [{ ...entry, act: 'damaged', note: damage }]);
  if (!present.isDamaged) ctx.tx.record({ name: 'file.damaged', subject: sha256 });
  return 'damaged';
}

/** Reads one seal from end to end and writes down what was found. No row is locked while reading. */
export async function verifySeal(
  ctx: Ctx,
  vault: Vault,
  sha256: Sha256,
): Promise<{ readonly verdict: Verdict; readonly damage?: string }> {
  const seal = await findSeal(ctx.tx.db, sha256);
  if (seal?.place === undefined) return { verdict: 'gone' };
  const finding = await readSeal(vault, seal);
  const verdict = await recordFinding(ctx, finding);
  return { verdict, ...(finding.damage === undefined ? {} : { damage: finding.damage }) };
}
