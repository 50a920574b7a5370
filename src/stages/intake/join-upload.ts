import type { Kysely } from 'kysely';
import type { Ctx } from '#access';
import type { DB } from '#platform/database-types';
import { newFileId } from '#platform/random';
import { discardStaged, dropParts, joinParts, type StagedBytes, sealFile, type Vault } from '#vault';
import { expiryOf } from './rules/report-lifetime.ts';
import { insertFile, lockReport } from './store.ts';
import { findUpload, markUploadSealed, type UploadRow } from './store-uploads.ts';

export interface JoinParts {
  readonly vault: Vault;
  /** For what happens outside the job's transaction: staging the whole file. */
  readonly db: Kysely<DB>;
}

/**
 * Makes one sealed file of a report out of an upload whose bytes are all here. The long part holds no lock. Of two
 * runs at once one seals and the other removes what it made. Throws IntegrityFault when a part does not read back.
 * @returns false when there is nothing to do: sealed already, or given up
 */
export async function joinUpload(ctx: Ctx, parts: JoinParts, uploadId: string): Promise<boolean> {
  const waiting = await findUpload(ctx.tx.db, uploadId, 'look');
  if (waiting?.state !== 'complete') return false;
  const { offsetBytes: sizeBytes } = waiting;
  const staged = await joinParts(parts.vault, parts.db, { uploadId, sizeBytes }, ctx.now);
  try {
    const isSealed = await sealJoined(ctx, parts.vault, waiting, staged);
    if (!isSealed) await discardStaged(parts.vault, parts.db, staged);
    return isSealed;
  } catch (error) {
    await discardStaged(parts.vault, parts.db, staged);
    throw error;
  }
}

async function sealJoined(
  ctx: Ctx,
  vault: Vault,
  { id, reportId }: UploadRow,
  staged: StagedBytes,
): Promise<boolean> {
  const { db } = ctx.tx;
  const report = await lockReport(db, reportId);
  const upload = await findUpload(db, id, 'lock');
  if (report?.state !== 'open' || upload?.state !== 'complete') return false;
  const fileId = newFileId();
  await sealFile(ctx, vault, { staged, reportId, fileId });
  await insertFile(db, {
    id: fileId,
    reportId,
    position: report.fileCount + 1,
    sha256: staged.sha256,
    sha1: staged.sha1,
    md5: staged.md5,
    sizeBytes: staged.sizeBytes,
    uploadName: upload.uploadName,
    receivedAt: ctx.now,
    expiresAt: expiryOf(report.openedAt, ctx.now),
  });
  await markUploadSealed(db, { id, fileId, lengthBytes: staged.sizeBytes, at: ctx.now });
  await dropParts(ctx, { uploadId: id, loose: [] });
  return true;
}
