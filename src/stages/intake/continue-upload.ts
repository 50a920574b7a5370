import type { Ctx, ProviderActor } from '#access';
import { newToken } from '#platform/random';
import { keepParts, type StagedPart } from '#vault';
import { intakeRefusal } from './codes.ts';
import { lockUpload, type NamedUpload } from './find-upload.ts';
import { expiryOf } from './rules/report-lifetime.ts';
import { touchReport, type UploadRow, updateProgress, updateWriter } from './store-uploads.ts';

export interface TakeUp extends NamedUpload {
  /** Where the sender thinks that the upload stands. */
  readonly offsetBytes: number;
  /** The length where the sender says it with this request. */
  readonly lengthBytes: number | undefined;
}

export interface Turn extends NamedUpload {
  readonly actor: ProviderActor;
  readonly writer: string;
  readonly offsetBytes: number;
  readonly lengthBytes: number | undefined;
  readonly uploadName: string | undefined;
}

/**
 * Gives one request the turn to add bytes. Whoever had it before may add nothing from now on: a sender that lost its
 * connection goes on at once, on whichever server, and no lock outlives a process that was killed.
 */
export async function takeUpUpload(ctx: Ctx<ProviderActor>, input: TakeUp): Promise<Turn> {
  const { upload } = await lockUpload(ctx, input);
  refuseOtherOffset(upload, input.offsetBytes);
  if (upload.state !== 'open') {
    throw intakeRefusal('intake.upload-complete', {
      reportId: input.reportId,
      subject: `report:${input.reportId}`,
    });
  }
  const lengthBytes = settledLength(upload, input.lengthBytes);
  const writer = newToken();
  await updateWriter(ctx.tx.db, { id: upload.id, writer, lengthBytes });
  const { reportId, uploadId, offsetBytes } = input;
  const { uploadName } = upload;
  return { actor: ctx.actor, reportId, uploadId, writer, offsetBytes, lengthBytes, uploadName };
}

/** Said once, a length stays. */
function settledLength(upload: UploadRow, said: number | undefined): number | undefined {
  const { lengthBytes, offsetBytes, reportId } = upload;
  const isOther = said !== undefined && lengthBytes !== undefined && said !== lengthBytes;
  if (isOther || (said !== undefined && said < Math.max(offsetBytes, 1))) {
    throw intakeRefusal('intake.upload-length', { reportId, subject: `report:${reportId}` });
  }
  return lengthBytes ?? said;
}

function refuseOtherOffset(upload: UploadRow, offsetBytes: number): void {
  if (upload.offsetBytes === offsetBytes) return;
  const { reportId } = upload;
  throw intakeRefusal('intake.upload-offset', {
    reportId,
    subject: `report:${reportId}`,
    offsetBytes: upload.offsetBytes,
  });
}

/** Locks report and upload for the holder of the turn; refuses when another request has it by now. */
export async function holdTurn(ctx: Ctx<ProviderActor>, turn: Turn) {
  const { report, upload } = await lockUpload(ctx, turn);
  if (upload.writer !== turn.writer) {
    throw intakeRefusal('intake.upload-taken-over', {
      reportId: turn.reportId,
      subject: `report:${turn.reportId}`,
    });
  }
  refuseOtherOffset(upload, turn.offsetBytes);
  return { report, upload };
}

/**
 * Adds staged parts to the upload and moves the report's life on. Records `upload.completed` when the last byte is
 * among them: then the file is sealed by a job.
 */
export async function continueUpload(
  ctx: Ctx<ProviderActor>,
  input: { readonly turn: Turn; readonly parts: readonly StagedPart[] },
): Promise<{ readonly turn: Turn; readonly isComplete: boolean; readonly expiresAt: Date }> {
  const { turn, parts } = input;
  const { report } = await holdTurn(ctx, turn);
  const offsetBytes = turn.offsetBytes + parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  const isComplete = offsetBytes === turn.lengthBytes;
  await keepParts(ctx, { uploadId: turn.uploadId, parts });
  const expiresAt = expiryOf(report.openedAt, ctx.now);
  await updateProgress(ctx.tx.db, {
    id: turn.uploadId,
    offsetBytes,
    lengthBytes: turn.lengthBytes,
    state: isComplete ? 'complete' : 'open',
    modifiedAt: ctx.now,
  });
  await touchReport(ctx.tx.db, turn.reportId, ctx.now, expiresAt);
  if (isComplete) ctx.tx.record({ name: 'upload.completed', subject: turn.uploadId });
  return { turn: { ...turn, offsetBytes }, isComplete, expiresAt };
}
