import type { Kysely } from 'kysely';
import type { Ctx, ProviderActor } from '#access';
import type { ProviderId, ReportId } from '#base/ids';
import type { DB } from '#platform/database-types';
import { intakeRefusal } from './codes.ts';
import { lockOpenReport, requireOpenReport } from './find-open-report.ts';
import type { ReportRow } from './store.ts';
import { findOwnUpload, type UploadRow } from './store-uploads.ts';

export interface NamedUpload {
  readonly reportId: ReportId;
  readonly uploadId: string;
}

/** An upload of another service, or of another report, is answered exactly like one that never was. */
export async function requireUpload(
  db: Kysely<DB>,
  providerId: ProviderId,
  { reportId, uploadId }: NamedUpload,
  lock: 'lock' | 'look' = 'look',
): Promise<UploadRow> {
  const isId = /^[0-9a-f]{32}$/.test(uploadId);
  const row = isId ? await findOwnUpload(db, providerId, reportId, uploadId, lock) : undefined;
  if (row === undefined)
    throw intakeRefusal('intake.unknown-upload', { reportId, subject: `report:${reportId}` });
  if (row.state === 'ended')
    throw intakeRefusal('intake.upload-ended', { reportId, subject: `report:${reportId}` });
  return row;
}

/** The upload and its open report, both locked, report first. */
export async function lockUpload(
  ctx: Ctx<ProviderActor>,
  named: NamedUpload,
): Promise<{ readonly report: ReportRow; readonly upload: UploadRow }> {
  const report = await lockOpenReport(ctx, named.reportId);
  return { report, upload: await requireUpload(ctx.tx.db, ctx.actor.id, named, 'lock') };
}

/** The upload of a report that is open now, without a lock. */
export async function requireOpenUpload(
  db: Kysely<DB>,
  providerId: ProviderId,
  named: NamedUpload,
  now: Date,
): Promise<UploadRow> {
  await requireOpenReport(db, providerId, named.reportId, now);
  return await requireUpload(db, providerId, named);
}
