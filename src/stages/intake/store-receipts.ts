import type { Kysely } from 'kysely';
import type { ProviderId, ReportId } from '#base/ids';
import type { DB } from '#platform/database-types';
import type { ReportState } from './rules/report-state.ts';

/** The SQL of receipts. */

export interface NewReceipt {
  readonly reportId: ReportId;
  readonly providerId: ProviderId;
  readonly madeAt: Date;
  readonly keyId: string;
  readonly receipt: string;
}

export async function insertReceipt(db: Kysely<DB>, given: NewReceipt): Promise<void> {
  await db
    .insertInto('intake.receipt')
    .values({
      report_id: given.reportId,
      provider_id: given.providerId,
      made_at: given.madeAt,
      key_id: given.keyId,
      body: given.receipt,
    })
    .execute();
}

export interface ReceiptRow {
  readonly state: ReportState;
  readonly reference: string | null;
  readonly receipt: string | null;
}

/** A report's receipt; only if this service sent it, where one is named. */
export async function findReceipt(
  db: Kysely<DB>,
  reportId: ReportId,
  providerId: ProviderId | undefined,
): Promise<ReceiptRow | undefined> {
  let query = db
    .selectFrom('intake.report as report')
    .leftJoin('intake.receipt as receipt', 'receipt.report_id', 'report.id')
    .select(['report.state', 'report.reference', 'receipt.body as receipt'])
    .where('report.id', '=', reportId);
  if (providerId !== undefined) query = query.where('report.provider_id', '=', providerId);
  return (await query.executeTakeFirst()) as ReceiptRow | undefined;
}
