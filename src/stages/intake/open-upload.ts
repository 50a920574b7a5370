import type { Ctx, ProviderActor } from '#access';
import type { ReportId } from '#base/ids';
import { newPlaceId } from '#platform/random';
import { intakeRefusal } from './codes.ts';
import { lockOpenReport } from './find-open-report.ts';
import type { UploadMetadata } from './formats/upload-headers.ts';
import { expiryOf } from './rules/report-lifetime.ts';
import { countUnfinished, insertUpload, touchReport } from './store-uploads.ts';

/** Chosen: no client sends more files of one report at the same time, and a forgetful one is told. */
const mostUnfinished = 1000;

export interface OpenUpload {
  readonly reportId: ReportId;
  /** Undefined when the sender will say later. */
  readonly lengthBytes: number | undefined;
  readonly metadata: UploadMetadata | undefined;
}

/** Begins an upload of one file of an open report, to be sent in as many requests as it takes. */
export async function openUpload(
  ctx: Ctx<ProviderActor>,
  input: OpenUpload,
): Promise<{ readonly uploadId: string; readonly expiresAt: Date }> {
  const { db } = ctx.tx;
  const { reportId, lengthBytes, metadata } = input;
  const details = { reportId, subject: `report:${reportId}` };
  const report = await lockOpenReport(ctx, reportId);
  if (lengthBytes === 0) throw intakeRefusal('intake.file-empty', details);
  if ((await countUnfinished(db, reportId)) >= mostUnfinished) {
    throw intakeRefusal('intake.uploads-too-many', { ...details, most: mostUnfinished });
  }
  const uploadId = newPlaceId();
  const expiresAt = expiryOf(report.openedAt, ctx.now);
  await insertUpload(db, {
    id: uploadId,
    reportId,
    providerId: ctx.actor.id,
    lengthBytes,
    metadata: metadata?.text,
    uploadName: metadata?.uploadName,
    openedAt: ctx.now,
  });
  await touchReport(db, reportId, ctx.now, expiresAt);
  return { uploadId, expiresAt };
}
