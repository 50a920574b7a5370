import { Type } from 'typebox';
import type { Ctx, StaffActor } from '#access';
import { parseReportId, type ReportId } from '#base/ids';
import { assessRefusal, refuseUnknown } from './codes.ts';

/** What the desk's routes have in common. */
export const ReportParams = Type.Object({ reportId: Type.String({ pattern: '^[A-Za-z0-9-]{1,40}$' }) });

export function idOf(text: string): ReportId {
  return parseReportId(text) ?? refuseUnknown(text);
}

/** A machine may hold every permission but is nobody who could answer for a decision. */
export function named(ctx: Ctx): Ctx<StaffActor> {
  const { actor } = ctx;
  if (actor.kind !== 'staff') throw assessRefusal('assess.named-person-needed');
  return { ...ctx, actor };
}
