import type { Ctx, ProviderActor } from '#access';
import type { FileId, ReportId } from '#base/ids';
import { sha256Hex } from '#platform/random';
import { intakeRefusal } from './codes.ts';
import { lockOpenReport } from './find-open-report.ts';
import type { FileDetailsDraft } from './formats/report-draft.ts';
import { expiryOf } from './rules/report-lifetime.ts';
import { findFile } from './store.ts';
import { insertFileDetails } from './store-contents.ts';

export interface DescribeFile {
  readonly reportId: ReportId;
  /** Undefined when what was sent has not the form of a file id: then no file has it. */
  readonly fileId: FileId | undefined;
  readonly details: FileDetailsDraft;
  readonly document: { readonly bytes: Uint8Array; readonly mediaType: string };
}

/** Takes in what a service says about one file of an open report; once per file. Moves the report's life on. */
export async function describeFile(
  ctx: Ctx<ProviderActor>,
  input: DescribeFile,
): Promise<{ readonly fileId: FileId; readonly expiresAt: Date }> {
  const { reportId, fileId } = input;
  const report = await lockOpenReport(ctx, reportId);
  const details = { reportId, subject: `report:${reportId}` };
  const file = fileId === undefined ? undefined : await findFile(ctx.tx.db, reportId, fileId);
  if (fileId === undefined || file === undefined) throw intakeRefusal('intake.unknown-file', details);
  if (file.describedAt !== null) throw intakeRefusal('intake.file-described', { ...details, fileId });
  const document = { ...input.document, sha256: sha256Hex(input.document.bytes) };
  const expiresAt = expiryOf(report.openedAt, ctx.now);
  const given = { reportId, fileId, details: input.details, document, describedAt: ctx.now, expiresAt };
  await insertFileDetails(ctx.tx.db, given);
  return { fileId, expiresAt };
}
