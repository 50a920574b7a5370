import type { Kysely } from 'kysely';
import type { ProviderId, ReportId } from '#base/ids';
import type { Ctx, ProviderActor } from '#access';
import type { DB } from '#platform/database-types';
import { intakeRefusal } from './codes.ts';
import { findOwnReport, type ReportRow } from './store.ts';

/**
 * Gives this service's report, locked until the transaction ends, or refuses with the reason why nothing can be
 * done with it. The states, in the words of the protocol:
 *   open ─ add a file, describe a file ─▶ open
 *   open ─ file ─▶ filed        open ─ retract ─▶ retracted        open ─ lifetime over ─▶ expired
 * Nothing leads out of the other three. A report of another service, an expired one and one whose life is over
 * but not yet swept are answered exactly like one that never was.
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
): Promise<void> {
  openOrRefuse(await findOwnReport(db, providerId, reportId, 'look'), reportId, now);
}

function openOrRefuse(row: ReportRow | undefined, reportId: ReportId, now: Date): ReportRow {
  const details = { reportId, subject: `report:${reportId}` };
  if (row === undefined) throw intakeRefusal('intake.unknown-report', details);
  switch (row.state) {
    case 'filed':
      throw intakeRefusal('intake.report-filed', details);
    case 'retracted':
      throw intakeRefusal('intake.report-retracted', details);
    case 'expired':
      throw intakeRefusal('intake.unknown-report', details);
    case 'open':
      if (row.expiresAt !== null && row.expiresAt <= now) throw intakeRefusal('intake.unknown-report', details);
      return row;
  }
  return row.state satisfies never;
}
