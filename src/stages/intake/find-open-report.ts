import type { Kysely } from 'kysely';
import type { Actor, Ctx, ProviderActor } from '#access';
import type { ProviderId, ReportId } from '#base/ids';
import type { DB } from '#platform/database-types';
import { intakeRefusal } from './codes.ts';
import type { IntakeParts } from './intake-parts.ts';
import { providerOf } from './of-provider.ts';
import { stateAt } from './rules/report-state.ts';
import { findOwnReport, type ReportRow } from './store.ts';

/**
 * Gives this service's report, locked until the transaction ends, or refuses with the reason why nothing can be
 * done with it: see `rules/report-state.ts` for the states. A report of another service, an expired one and one whose life
 * is over but not yet swept are answered exactly like one that never was.
 */
export async function lockOpenReport(ctx: Ctx<ProviderActor>, reportId: ReportId): Promise<ReportRow> {
  const row = await findOwnReport(ctx.tx.db, ctx.actor.id, reportId, 'lock');
  return openOrRefuse(row, reportId, ctx.now);
}

/** The same without a lock, to refuse early: before the bytes of an upload are taken in. */
export async function requireOpenReport(
  db: Kysely<DB>,
  providerId: ProviderId,
  reportId: ReportId,
  now: Date,
): Promise<ReportRow> {
  return openOrRefuse(await findOwnReport(db, providerId, reportId, 'look'), reportId, now);
}

/** The same in a short transaction of its own, for a body that is about to come in. */
export async function refuseUnlessOpen(
  { inTransaction, clock }: Pick<IntakeParts, 'inTransaction' | 'clock'>,
  actor: Actor,
  reportId: ReportId,
): Promise<void> {
  const { id } = providerOf(actor);
  await inTransaction(async (tx) => await requireOpenReport(tx.db, id, reportId, clock.now()), actor);
}

function openOrRefuse(row: ReportRow | undefined, reportId: ReportId, now: Date): ReportRow {
  const details = { reportId, subject: `report:${reportId}` };
  if (row === undefined) throw intakeRefusal('intake.unknown-report', details);
  if (row.erasedAt !== null) throw intakeRefusal('intake.report-erased', details);
  const state = stateAt(row.state, row.expiresAt, now);
  switch (state) {
    case 'open':
      return row;
    case 'filed':
      throw intakeRefusal('intake.report-filed', details);
    case 'retracted':
      throw intakeRefusal('intake.report-retracted', details);
    case 'expired':
      throw intakeRefusal('intake.unknown-report', details);
  }
  return state satisfies never;
}
