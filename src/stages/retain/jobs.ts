import { askForDeed, type Ctx, done, type JobDefinition, type JobResult } from '#access';
import { Refusal } from '#base/errors';
import { parseReportId, type ReportId } from '#base/ids';
import { approveErasures } from './approve-erasures.ts';
import { certifyErasure } from './certify-erasure.ts';
import { destroyEvidence, mostPerProposal } from './controlled-deeds.ts';
import { eraseApproved } from './erase-report.ts';
import { repeatErasures } from './repeat-erasures.ts';
import type { RetainParts } from './retain-parts.ts';
import { currentSchedules } from './store.ts';
import { type DueRow, listDue } from './store-due.ts';

/** Lists that wait for people at one time; more would only be passed through unread. */
const mostProposals = 5;
/** What one run of a standing schedule approves: the next day goes on. */
const mostStanding = 1000;

const contentTables = [
  'intake.report',
  'intake.document',
  'intake.identifier',
  'intake.party',
  'intake.report_file',
  'assess.assessment',
  'assess.decision',
] as const;

/**
 * The jobs of retention. Each may run twice, out of order, or be killed half way.
 * @param given asked when a job runs, so that queues can be made by whoever runs none
 */
export function retainJobs(given: () => RetainParts): readonly JobDefinition[] {
  return [
    {
      // After `erasure.approved`.
      name: 'erase-report',
      subjectKind: 'report',
      isPatient: true,
      run: async (ctx, subject) =>
        await withReport(subject, async (reportId) => {
          const outcome = await eraseApproved(ctx, given().digestKey, { reportId });
          if (outcome === 'erased') return done;
          return outcome === 'stopped'
            ? {
                kind: 'failed',
                reason:
                  'A legal hold was placed after the destruction was approved, so nothing was destroyed.',
              }
            : { kind: 'skipped', reason: 'The erasure of this report is not approved, or has run.' };
        }),
    },
    {
      // After `report.erased`.
      name: 'certify-erasure',
      subjectKind: 'report',
      isPatient: true,
      run: async (ctx, subject) =>
        await withReport(subject, async (reportId) =>
          (await certifyErasure(ctx, given(), { reportId })) === 'certified'
            ? done
            : { kind: 'skipped', reason: 'There is nothing to certify.' },
        ),
    },
    {
      name: 'propose-destruction',
      schedule: '20 4 * * *',
      run: async (ctx) => await proposeDestruction(ctx),
    },
    {
      name: 'repeat-erasures',
      schedule: '*/5 * * * *',
      run: async (ctx) => {
        const { repeated } = await repeatErasures(ctx, given());
        return repeated > 0 ? done : { kind: 'skipped', reason: 'Nothing that was erased is back.' };
      },
    },
    {
      name: 'vacuum-erased',
      schedule: '50 4 * * *',
      run: async () => {
        const isSwept = await given().vacuum(contentTables);
        // Autovacuum does it as well, only later; nothing that anybody sees is different afterwards.
        return { kind: 'skipped', reason: isSwept ? 'Swept.' : 'This role may not; autovacuum does it.' };
      },
    },
  ];
}

async function withReport(
  subject: string,
  run: (reportId: ReportId) => Promise<JobResult>,
): Promise<JobResult> {
  const reportId = parseReportId(subject);
  return reportId === undefined
    ? { kind: 'failed', reason: 'The subject is not the number of a report.' }
    : await run(reportId);
}

/** Asks people about what is due, in lists that they can look through; what a standing schedule covers is approved. */
async function proposeDestruction(ctx: Ctx): Promise<JobResult> {
  const { db } = ctx.tx;
  let acted = 0;
  const schedules = await currentSchedules(db);
  for (const schedule of schedules.filter(({ isStanding }) => isStanding)) {
    const rows = await listDue(db, {
      only: 'ready',
      profile: schedule.profile,
      limit: mostStanding,
      now: ctx.now,
    });
    if (rows.length === 0) continue;
    acted += await approveErasures(ctx, {
      ground: 'schedule',
      reportIds: idsOf(rows),
      approvedBy: [
        {
          id: schedule.proposalId ?? 'schedule',
          name: schedule.setBy,
          at: schedule.since.toISOString(),
          part: 'set-schedule',
        },
      ],
      proposalId: null,
    });
  }
  const asking = schedules.filter(({ isStanding }) => !isStanding);
  for (const { profile } of asking) {
    for (let lists = 0; lists < mostProposals; lists += 1) {
      const rows = await listDue(db, { only: 'ready', profile, limit: mostPerProposal, now: ctx.now });
      if (rows.length === 0 || (await openLists(ctx)) >= mostProposals) break;
      const refused = await ask(ctx, rows);
      if (refused !== undefined) return { kind: 'failed', reason: refused };
      acted += rows.length;
    }
  }
  return acted > 0 ? done : { kind: 'skipped', reason: 'Nothing is due that is not asked for already.' };
}

/** Undefined when it was asked; else why not, for the list of what needs attention. */
async function ask(ctx: Ctx, rows: readonly DueRow[]): Promise<string | undefined> {
  try {
    await askForDeed(ctx, destroyEvidence, {
      input: { ground: 'schedule', reportIds: idsOf(rows) },
      reason: 'due by schedule',
    });
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

async function openLists(ctx: Ctx): Promise<number> {
  const row = await ctx.tx.db
    .selectFrom('access.proposal')
    .select((eb) => eb.fn.countAll<string>().as('n'))
    .where('deed', '=', destroyEvidence.name)
    .where('state', '=', 'open')
    .where('expires_at', '>', ctx.now)
    .executeTakeFirstOrThrow();
  return Number(row.n);
}

function idsOf(rows: readonly DueRow[]): ReportId[] {
  return rows.map(({ reportId }) => reportId);
}
