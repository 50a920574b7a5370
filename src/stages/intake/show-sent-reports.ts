import type { Ctx, ProviderActor } from '#access';
import type { ReportId } from '#base/ids';
import type { Notice, SentListReply, SentReport, SentReportReply } from '#contract/intake';
import { intakeRefusal } from './codes.ts';

/** Largest page of `GET /v1/reports`. */
export const mostPerPage = 200;
const usualPage = 50;

const columns = [
  'id',
  'state',
  'profile',
  'reference',
  'opened_at',
  'expires_at',
  'filed_at',
  'ended_at',
  'erased_at',
  'file_count',
  'incident_count',
  'duplicate_of',
  'is_synthetic',
] as const;

/** One report of the asking service, tombstones included. Refuses `intake.unknown-report` for any other. */
export async function showSentReport(
  ctx: Ctx<ProviderActor>,
  input: { readonly reportId: ReportId },
): Promise<SentReportReply> {
  const row = await ctx.tx.db
    .selectFrom('intake.report')
    .select([...columns, 'document_sha256', 'warnings'])
    .where('id', '=', input.reportId)
    .where('provider_id', '=', ctx.actor.id)
    .executeTakeFirst();
  if (row === undefined) {
    throw intakeRefusal('intake.unknown-report', {
      reportId: input.reportId,
      subject: `report:${input.reportId}`,
    });
  }
  const shown = shownReport(row, ctx.now);
  const isKept = row.erased_at === null && (shown.state === 'open' || shown.state === 'filed');
  const warnings = row.warnings as unknown as readonly Notice[];
  return {
    ...shown,
    documentSha256: row.document_sha256,
    warnings: warnings.map(({ element, rule, message }) => ({ element, rule, message })),
    fileList: isKept ? await filesShown(ctx, input.reportId) : [],
  };
}

async function filesShown(ctx: Ctx<ProviderActor>, reportId: ReportId): Promise<SentReportReply['fileList']> {
  const rows = await ctx.tx.db
    .selectFrom('intake.report_file')
    .select(['id', 'position', 'md5', 'sha256', 'size_bytes', 'received_at', 'described_at'])
    .where('report_id', '=', reportId)
    .orderBy('position')
    .execute();
  return rows.map((file) => ({
    fileId: file.id,
    position: file.position,
    md5: file.md5,
    sha256: file.sha256,
    sizeBytes: Number(file.size_bytes),
    receivedAt: file.received_at.toISOString(),
    isDescribed: file.described_at !== null,
  }));
}

/** Reports of the asking service, newest first; the cursor is the number of the last one shown, made opaque. */
export async function listSentReports(
  ctx: Ctx<ProviderActor>,
  query: { readonly limit?: number; readonly cursor?: string },
): Promise<SentListReply> {
  const limit = query.limit ?? usualPage;
  let rows = ctx.tx.db
    .selectFrom('intake.report')
    .select(columns)
    .where('provider_id', '=', ctx.actor.id)
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (query.cursor !== undefined) rows = rows.where('id', '<', numberOf(query.cursor));
  const found = await rows.execute();
  const items = found.slice(0, limit).map((row) => shownReport(row, ctx.now));
  const last = items.at(-1);
  if (found.length <= limit || last === undefined) return { items };
  return { items, next: Buffer.from(`r${last.reportId}`).toString('base64url') };
}

function numberOf(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!/^r[1-9][0-9]{0,17}$/.test(text)) throw intakeRefusal('intake.cursor-unknown');
  return text.slice(1);
}

interface ShownRow {
  readonly id: string;
  readonly state: string;
  readonly profile: string;
  readonly reference: string | null;
  readonly opened_at: Date;
  readonly expires_at: Date | null;
  readonly filed_at: Date | null;
  readonly ended_at: Date | null;
  readonly erased_at: Date | null;
  readonly file_count: number;
  readonly incident_count: number;
  readonly duplicate_of: string | null;
  readonly is_synthetic: boolean;
}

/** An open report whose life is over is shown as expired, swept or not. */
function shownReport(row: ShownRow, now: Date): SentReport {
  const isOver = row.state === 'open' && row.expires_at !== null && row.expires_at <= now;
  const endedAt = isOver ? row.expires_at : row.ended_at;
  return {
    reportId: row.id,
    state: isOver ? 'expired' : (row.state as SentReport['state']),
    profile: row.profile as SentReport['profile'],
    ...(row.reference === null ? {} : { reference: row.reference }),
    openedAt: row.opened_at.toISOString(),
    ...(row.expires_at === null || isOver ? {} : { expiresAt: row.expires_at.toISOString() }),
    ...(row.filed_at === null ? {} : { filedAt: row.filed_at.toISOString() }),
    ...(endedAt === null ? {} : { endedAt: endedAt.toISOString() }),
    ...(row.erased_at === null ? {} : { erasedAt: row.erased_at.toISOString() }),
    files: row.file_count,
    incidents: row.incident_count,
    ...(row.duplicate_of === null ? {} : { duplicateOf: row.duplicate_of }),
    isSynthetic: row.is_synthetic,
  };
}
