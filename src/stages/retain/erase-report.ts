import type { Ctx, DigestKey } from '#access';
import { eraseAssessment } from '#assess';
import type { ReportId } from '#base/ids';
import { dropFacts } from '#fingerprint';
import { eraseReport as eraseContent } from '#intake';
import { letGoFiles, releaseFiles } from '#vault';
import { reportFacts, takeTurns } from './store.ts';
import { findErasure, markErased, stopErasure } from './store-erasures.ts';

type Outcome = 'erased' | 'stopped' | 'nothing-to-do';

/**
 * Erases one report whose erasure is approved: its content and what was written about it go in this transaction,
 * its hold on the bytes ends, and the bytes that no other report holds are destroyed after the commit. A hold that
 * was placed in between stops it.
 */
export async function eraseApproved(
  ctx: Ctx,
  digestKey: DigestKey,
  input: { readonly reportId: ReportId },
): Promise<Outcome> {
  const { db } = ctx.tx;
  const { reportId } = input;
  await takeTurns(db, [reportId]);
  const row = await findErasure(db, reportId);
  if (row?.state !== 'approved') return 'nothing-to-do';
  const [facts] = await reportFacts(db, [reportId]);
  if (facts?.isHeld === true) {
    await stopErasure(db, reportId);
    return 'stopped';
  }
  return (await emptyReport(ctx, digestKey, reportId)) ? 'erased' : 'nothing-to-do';
}

/** Empties the report wherever it is told of, and notes what the certificate will say. */
export async function emptyReport(ctx: Ctx, digestKey: DigestKey, reportId: ReportId): Promise<boolean> {
  const content = await eraseContent(ctx, { reportId });
  if (content === undefined) return false;
  const words = await eraseAssessment(ctx, { reportId });
  await releaseFiles(ctx, { reportId });
  const files = await letGoFiles(ctx, { reportId });
  const shared = new Set(files.filter(({ isShared }) => isShared).map(({ fileId }) => fileId));
  const gone = files.filter(({ isShared }) => !isShared).map(({ sha256 }) => sha256);
  await dropFacts(ctx, { sha256s: gone });
  await markErased(ctx.tx.db, reportId, {
    at: ctx.now,
    places: [...new Set(files.filter(({ isShared }) => !isShared).flatMap(({ places }) => places))],
    facts: {
      reference: content.reference,
      environment: content.environment,
      profile: content.profile,
      filedAt: content.filedAt.toISOString(),
      documentDigest: digestKey.digest(`document\n${content.documentSha256}`),
      files: content.files.map(({ fileId, sha256 }) => ({
        fileId,
        digest: digestKey.digest(`file\n${sha256}`),
        isShared: shared.has(fileId),
      })),
      counts: { ...content.counts, ...words, filesKeptForOthers: shared.size },
    },
  });
  return true;
}
