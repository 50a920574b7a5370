import type { Ctx, ProviderActor } from '#access';
import type { FileId, ReportId } from '#base/ids';
import { newFileId } from '#platform/random';
import { type StagedBytes, sealFile, type Vault } from '#vault';
import { lockOpenReport } from './find-open-report.ts';
import { expiryOf } from './rules/report-lifetime.ts';
import { insertFile } from './store.ts';

export interface AddFile {
  readonly reportId: ReportId;
  readonly staged: StagedBytes;
  /** The name that came with the upload, fit for the database; data only, never a path. */
  readonly uploadName: string | undefined;
}

export interface AddedFile {
  readonly fileId: FileId;
  readonly expiresAt: Date;
}

/**
 * Adds staged bytes to an open report as its next file: sealed in the vault, recorded here, the report's life
 * moved on. The report's row is locked first, so the count is the position, whoever else uploads at the same time.
 */
export async function addFile(ctx: Ctx<ProviderActor>, vault: Vault, input: AddFile): Promise<AddedFile> {
  const report = await lockOpenReport(ctx, input.reportId);
  const fileId = newFileId();
  await sealFile(ctx, vault, { staged: input.staged, reportId: input.reportId, fileId });
  const expiresAt = expiryOf(report.openedAt, ctx.now);
  await insertFile(ctx.tx.db, {
    id: fileId,
    reportId: input.reportId,
    position: report.fileCount + 1,
    sha256: input.staged.sha256,
    sha1: input.staged.sha1,
    md5: input.staged.md5,
    sizeBytes: input.staged.sizeBytes,
    uploadName: input.uploadName,
    receivedAt: ctx.now,
    expiresAt,
  });
  return { fileId, expiresAt };
}
