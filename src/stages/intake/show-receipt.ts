import type { Ctx } from '#access';
import type { ReportId } from '#base/ids';
import { intakeRefusal } from './codes.ts';
import { findReceipt } from './store-receipts.ts';

export interface KeptReceipt {
  readonly reference: string;
  /** Exactly as it was signed and given out. */
  readonly receipt: string;
}

/**
 * Gives the receipt of a filed report. A service sees those of its own reports only; a report of another one is
 * answered like none. Staff see every report's.
 */
export async function showReceipt(ctx: Ctx, input: { readonly reportId: ReportId }): Promise<KeptReceipt> {
  const { reportId } = input;
  const { actor } = ctx;
  const found = await findReceipt(ctx.tx.db, reportId, actor.kind === 'provider' ? actor.id : undefined);
  const details = { reportId, subject: `report:${reportId}` };
  if (found === undefined) throw intakeRefusal('intake.unknown-report', details);
  if (found.state === 'open') throw intakeRefusal('intake.receipt-not-yet', details);
  if (found.receipt === null || found.reference === null) throw intakeRefusal('intake.receipt-none', details);
  return { reference: found.reference, receipt: found.receipt };
}
