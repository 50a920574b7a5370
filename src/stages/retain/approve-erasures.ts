import type { Ctx } from '#access';
import type { ReportId } from '#base/ids';
import { newUuid } from '#platform/random';
import { retainRefusal, someOf, subjectOf } from './codes.ts';
import { recordEvent } from './events.ts';
import { dueAt, type Standing, standingOf } from './rules/due-date.ts';
import { currentSchedules, type ReportFacts, reportFacts, type ScheduleRow, takeTurns } from './store.ts';
import { type DecidedBy, insertErasure } from './store-erasures.ts';

export interface ErasureOrder {
  readonly reportIds: readonly ReportId[];
  /** `schedule`: due by it and decided. `order`: a court or a rule orders it, whatever the schedule says. */
  readonly ground: 'schedule' | 'order';
}

export interface CheckedReport {
  readonly facts: ReportFacts;
  readonly schedule: ScheduleRow;
  readonly dueAt: Date;
}

const refusedFor = {
  erased: 'retain.erased-already',
  approved: 'retain.approved-already',
  held: 'retain.on-hold',
  kept: 'retain.not-due',
  undecided: 'retain.undecided',
} as const satisfies Record<Exclude<Standing, 'ready'>, string>;

/** Gives what is known of the reports, or refuses with the numbers of those that may not be destroyed and why. */
export async function checkErasures(ctx: Ctx, order: ErasureOrder): Promise<readonly CheckedReport[]> {
  const { db } = ctx.tx;
  await takeTurns(db, order.reportIds);
  const schedules = new Map((await currentSchedules(db)).map((row) => [row.profile, row]));
  const known = new Map((await reportFacts(db, order.reportIds)).map((facts) => [facts.reportId, facts]));
  const unknown = order.reportIds.filter((reportId) => !known.has(reportId));
  if (unknown.length > 0) throw refusal('retain.unknown-report', unknown);
  const checked = [...known.values()].map((facts): CheckedReport & { readonly standing: Standing } => {
    const schedule = schedules.get(facts.profile);
    if (schedule === undefined) throw new Error(`there is no schedule for the profile ${facts.profile}`);
    const due = dueAt(facts.filedAt, schedule.contentMonths);
    const isApproved = facts.erasureState === 'approved' || facts.erasureState === 'erased';
    const standing = standingOf(
      { ...facts, dueAt: due, isErased: facts.erasedAt !== null, isApproved },
      ctx.now,
    );
    return { facts, schedule, dueAt: due, standing };
  });
  // An order does away with the term and with the decision, never with a hold.
  const lets: readonly Standing[] = order.ground === 'order' ? ['ready', 'kept', 'undecided'] : ['ready'];
  for (const standing of ['erased', 'approved', 'held', 'kept', 'undecided'] as const) {
    if (lets.includes(standing)) continue;
    const refused = checked.filter((one) => one.standing === standing).map((one) => one.facts.reportId);
    if (refused.length > 0) throw refusal(refusedFor[standing], refused);
  }
  return checked;
}

function refusal(code: Parameters<typeof retainRefusal>[0], reportIds: readonly string[]) {
  const [first = ''] = reportIds;
  return retainRefusal(code, { subject: subjectOf(first), reports: someOf(reportIds) });
}

/** Puts the reports on the register as approved; a job erases each. Records `erasure.approved` for every one. */
export async function approveErasures(
  ctx: Ctx,
  order: ErasureOrder & { readonly approvedBy: readonly DecidedBy[]; readonly proposalId: string | null },
): Promise<number> {
  const reports = await checkErasures(ctx, order);
  for (const { facts, schedule, dueAt: due } of reports) {
    await insertErasure(ctx.tx.db, {
      reportId: facts.reportId,
      id: newUuid(),
      ground: order.ground,
      basis: schedule.basis,
      scheduleProfile: schedule.profile,
      scheduleVersion: schedule.version,
      dueAt: due,
      approvedAt: ctx.now,
      approvedBy: order.approvedBy,
      proposalId: order.proposalId,
    });
    recordEvent(ctx.tx, { name: 'erasure.approved', subject: facts.reportId });
  }
  return reports.length;
}
