import type { Ctx } from '#access';
import type { ReportId } from '#base/ids';
import { releaseParts } from '#vault';
import { lockUploadsOf, markUploadsEnded, type UploadRow } from './store-uploads.ts';

/** Gives up uploads whose report's row is locked: what came in of them is let go, with a tombstone each. */
export async function endUploads(
  ctx: Ctx,
  input: { readonly reportId: ReportId; readonly uploads: readonly UploadRow[]; readonly note: string },
): Promise<void> {
  const uploadIds = input.uploads.map((upload) => upload.id);
  await markUploadsEnded(ctx.tx.db, uploadIds, ctx.now);
  await releaseParts(ctx, { uploadIds, reportId: input.reportId, note: input.note });
}

/** Gives up every upload of a report that is retracted or has expired. */
export async function endUploadsOf(
  ctx: Ctx,
  input: { readonly reportId: ReportId; readonly note: string },
): Promise<void> {
  const uploads = await lockUploadsOf(ctx.tx.db, input.reportId, ['open', 'complete']);
  await endUploads(ctx, { ...input, uploads });
}
