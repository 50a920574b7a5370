import type { Ctx } from '#access';
import type { Vault } from './open-vault.ts';
import { dueForVerification, tryToVerify } from './store-verify.ts';
import { readPage, shortened } from './verify-page.ts';
import { recordFindings } from './verify-seal.ts';

const pageFiles = 64;
const dayMs = 24 * 60 * 60 * 1000;

/**
 * Reads the next files that are due: what was sealed lately and never read back, then what was not read for longest.
 * A file is due a day before its time is up. One page at a time; two at once do not read the same.
 * @returns what was read, and whether more is due
 */
export async function verifyDue(
  ctx: Ctx,
  vault: Vault,
): Promise<{ readonly files: number; readonly damaged: number; readonly isComplete: boolean }> {
  const { db } = ctx.tx;
  if (!(await tryToVerify(db))) return { files: 0, damaged: 0, isComplete: true };
  const before = new Date(ctx.now.getTime() - Math.max(vault.verifyDays - 1, 0.5) * dayMs);
  const due = await dueForVerification(db, before, pageFiles);
  const page = shortened(due);
  const verdicts = await recordFindings(ctx, await readPage(vault, page));
  return {
    files: page.length,
    damaged: verdicts.filter((verdict) => verdict === 'damaged').length,
    isComplete: due.length < pageFiles && page.length === due.length,
  };
}
