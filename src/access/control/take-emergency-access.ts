import { parseReportId } from '#base/ids';
import { newUuid } from '#platform/random';
import type { Ctx, StaffActor } from '../ctx.ts';
import { permissionsOf, permissionsOfEmergency } from '../permissions.ts';
import { controlRefusal } from './codes.ts';
import { countUnreviewedOf, endEmergency, insertEmergency, openEmergency } from './emergency-store.ts';
import type { AccessEvent } from './events.ts';

/** R63: every use is reviewed within 24 hours. */
const reviewWithinHours = 24;
/** Somebody who needs more than this has become a reader of the line; that is a role, and a supervisor gives it. */
const mostUnreviewed = 10;

export interface TakenEmergency {
  readonly id: string;
  readonly endsAt: Date;
  readonly reviewBy: Date;
}

/**
 * Opens one report to somebody whose role does not, for a bounded time and with a reason. Supervisors are told at
 * once and one of them, never the person, reviews it. Needs nothing outside this bureau.
 * Taking it again ends the earlier one and begins anew, with its own review.
 */
export async function takeEmergencyAccess(
  ctx: Ctx<StaffActor>,
  input: { readonly reportId: string; readonly reason: string; readonly minutes: number },
): Promise<TakenEmergency> {
  const { db } = ctx.tx;
  const reportId = parseReportId(input.reportId);
  const subject = `report:${input.reportId}`;
  if (reportId === undefined || !(await isReport(ctx, reportId)))
    throw controlRefusal('control.unknown-report', { subject });
  const held = permissionsOf(ctx.actor.roles);
  if (permissionsOfEmergency.every((permission) => held.has(permission)))
    throw controlRefusal('control.emergency-not-needed', { subject });
  if ((await countUnreviewedOf(db, ctx.actor.id)) >= mostUnreviewed)
    throw controlRefusal('control.too-many-emergencies', { subject });
  const known = await openEmergency(db, ctx.actor.id, reportId, ctx.now);
  if (known !== undefined) await endEmergency(db, known, ctx.actor.id, ctx.now);
  const id = newUuid();
  const endsAt = new Date(ctx.now.getTime() + input.minutes * 60_000);
  const reviewBy = reviewTime(ctx.now);
  await insertEmergency(db, {
    id,
    kind: 'report',
    staffId: ctx.actor.id,
    reportId,
    reason: input.reason.trim(),
    openedAt: ctx.now,
    endsAt,
    reviewBy,
  });
  ctx.tx.record({ name: 'emergency.waits', subject: id } satisfies AccessEvent);
  return { id, endsAt, reviewBy };
}

export function reviewTime(openedAt: Date): Date {
  return new Date(openedAt.getTime() + reviewWithinHours * 3_600_000);
}

async function isReport(ctx: Ctx, reportId: string): Promise<boolean> {
  const row = await ctx.tx.db
    .selectFrom('intake.report')
    .select('id')
    .where('id', '=', reportId)
    .where('state', '=', 'filed')
    .executeTakeFirst();
  return row !== undefined;
}
