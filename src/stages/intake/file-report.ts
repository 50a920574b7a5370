import { type Ctx, DefectList, type ProviderActor } from '#access';
import { Refusal } from '#base/errors';
import type { ReportId } from '#base/ids';
import { sha256Hex } from '#platform/random';
import { intakeCodes, intakeRefusal } from './codes.ts';
import { lockOpenReport } from './find-open-report.ts';
import { batchedDefects } from './rules/batched-report.ts';
import { type Signing, signReceipt } from './sign-receipt.ts';
import { type FileRow, fileIdsOf, filesForFiling, markFiled, type ReportRow, sentTreesOf } from './store.ts';
import { lockUploadsOf } from './store-uploads.ts';

export interface FiledReport {
  /** The unique reference (URN) that the service keeps. */
  readonly reference: string;
  readonly filedAt: Date;
  readonly documentSha256: string;
  /** The service's earlier report with the same document and the same files; only ever a remark. */
  readonly duplicateOf: ReportId | undefined;
  /** Every file in the order of arrival. */
  readonly files: readonly FileRow[];
  /** The signed receipt; the same text may be read again at any time. */
  readonly receipt: string;
}

/**
 * Files an open report for good: gives it its reference, signs its receipt and hands it to the bureau
 * (`report.filed`). Of two that file at once the second finds it filed. Refuses while bytes of it are on their way.
 * Throws a DefectList when a whole-report rule is broken.
 */
export async function fileReport(
  ctx: Ctx<ProviderActor>,
  signing: Signing,
  input: { readonly reportId: ReportId },
): Promise<FiledReport> {
  const { db } = ctx.tx;
  const { reportId } = input;
  const report = await lockOpenReport(ctx, reportId).catch(
    async (error: unknown) => await tellReceiptAgain(ctx, reportId, error),
  );
  await refuseBrokenBatch(ctx, report);
  const files = await filesForFiling(db, ctx.actor.id, report);
  const reference = `FL-${ctx.now.getUTCFullYear()}-${reportId}`;
  const filing = { reference, filedAt: ctx.now, digest: filingDigest(report, files) };
  const marked = await markFiled(db, ctx.actor.id, reportId, filing);
  if (marked === undefined) return await refuseUnfinished(ctx, reportId);
  const receipt = await signReceipt(ctx, signing, { report, files, reference, ...marked });
  ctx.tx.record({ name: 'report.filed', subject: reportId });
  return {
    reference,
    filedAt: ctx.now,
    documentSha256: report.documentSha256,
    duplicateOf: marked.duplicateOf ?? undefined,
    files,
    receipt,
  };
}

/** Bytes that were acknowledged belong to the report: it is not filed without them, and not by mistake. */
async function refuseUnfinished(ctx: Ctx<ProviderActor>, reportId: ReportId): Promise<never> {
  const uploads = await lockUploadsOf(ctx.tx.db, reportId, ['open', 'complete']);
  const open = uploads.filter((upload) => upload.state === 'open' && upload.offsetBytes > 0);
  const details = { reportId, subject: `report:${reportId}` };
  if (open.length > 0) {
    const uploadIds = open.slice(0, mostNamed).map((upload) => upload.id);
    throw intakeRefusal('intake.uploads-unfinished', { ...details, uploadIds });
  }
  throw intakeRefusal('intake.uploads-sealing', details);
}

/** So many uploads are named in one refusal. */
const mostNamed = 100;

/** A client that lost the receipt files again: the refusal then names the files that were filed. */
async function tellReceiptAgain(ctx: Ctx<ProviderActor>, reportId: ReportId, error: unknown): Promise<never> {
  if (!(error instanceof Refusal) || error.code !== 'intake.report-filed') throw error;
  const fileIds = await fileIdsOf(ctx.tx.db, reportId);
  throw intakeRefusal('intake.report-filed', { ...error.details, fileIds });
}

async function refuseBrokenBatch(ctx: Ctx<ProviderActor>, report: ReportRow): Promise<void> {
  if (report.batchReason === null) return;
  const trees = await sentTreesOf(ctx.tx.db, report.id);
  const defects = batchedDefects({ batchReason: report.batchReason, ...trees });
  if (defects.length === 0) return;
  const { status } = intakeCodes['intake.filing-invalid'];
  throw new DefectList('intake.filing-invalid', status, defects, `report:${report.id}`);
}

/** Equal for two reports with the same document and the same files, in whichever order the files came. */
function filingDigest(report: ReportRow, files: readonly FileRow[]): string {
  return sha256Hex([report.documentSha256, ...files.map((file) => file.sha256).sort()].join('\n'));
}
