import type { Ctx } from '#access';
import { IntegrityFault } from '#base/errors';
import type { Sha256 } from '#base/ids';
import type { Vault } from './open-vault.ts';
import { openSeal, plaintextOf } from './read-sealed.ts';
import { findSeal, lockSealsForFinding, markDamaged, markVerified, type SealRow } from './store.ts';
import { type CustodyEntry, insertCustody } from './store-custody.ts';

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
    for await (const _chunk of plaintextOf(await openSeal(vault, seal)));
    return { seal };
  } catch (error) {
    if (!(error instanceof IntegrityFault)) throw error;
    return { seal, damage: error.message };
  }
}

/**
 * Writes findings down, with their custody entries; gives a verdict for each, in order. Bytes that match again,
 * because they were restored from backup, are no longer damaged. Records `file.damaged` for a seal that was sound
 * until now.
 */
export async function recordFindings(ctx: Ctx, findings: readonly Finding[]): Promise<readonly Verdict[]> {
  const { db } = ctx.tx;
  if (findings.length === 0) return [];
  const present = await lockSealsForFinding(
    db,
    findings.map(({ seal }) => seal.sha256),
  );
  const verified: Sha256[] = [];
  const entries: CustodyEntry[] = [];
  const verdicts: Verdict[] = [];
  for (const { seal, damage } of findings) {
    const { sha256 } = seal;
    const now = present.get(sha256);
    const entry = { at: ctx.now, sha256, actor: ctx.actor };
    if (now?.place === undefined || now.place !== seal.place) {
      verdicts.push('gone');
    } else if (damage === undefined) {
      const note = now.isDamaged ? { note: 'The bytes match their seal again.' } : {};
      verified.push(sha256);
      entries.push({ ...entry, act: 'verified', ...note });
      verdicts.push('verified');
    } else {
      await markDamaged(db, sha256, ctx.now, damage);
      entries.push({ ...entry, act: 'damaged', note: damage });
      if (!now.isDamaged) ctx.tx.record({ name: 'file.damaged', subject: sha256 });
      verdicts.push('damaged');
    }
  }
  await markVerified(db, verified, ctx.now);
  await insertCustody(db, entries);
  return verdicts;
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
  const [verdict = 'gone'] = await recordFindings(ctx, [finding]);
  return { verdict, ...(finding.damage === undefined ? {} : { damage: finding.damage }) };
}
