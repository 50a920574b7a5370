import type { RegisterItem, RegisterReply } from '#contract/administration';
import type { AuditRow, StatusReply } from '#contract/desk';
import type { Command } from '../command.ts';
import { WrongUsage } from '../failures.ts';
import type { Page } from '../page.ts';
import { walkPages } from '../paging.ts';
import { environmentOption } from './provider.ts';

/** Commands that look at the bureau as a whole. */
export const oversightCommands: readonly Command[] = [
  {
    name: 'status',
    summary: 'Shows how the bureau stands: reports, the line, files, jobs',
    options: [{ ...environmentOption, summary: 'whose reports are counted (default production)' }],
    examples: [
      { line: 'firstlight status', does: 'for people' },
      { line: 'firstlight status --environment sandbox', does: 'what services sent to try things out' },
      { line: 'firstlight status --json', does: 'for a monitor' },
    ],
    run: async (call) => {
      const query = { environment: call.option('environment') };
      const status = await call.bureau.get<StatusReply>('/v1/desk/status', query);
      return { document: status, present: (page) => presentStatus(page, status) };
    },
  },
  {
    name: 'audit list',
    summary: 'Lists who did what, why and when',
    options: [
      {
        name: 'order',
        value: 'ORDER',
        choices: ['oldest', 'newest'],
        summary: 'which end comes first (default oldest)',
      },
      {
        name: 'outcome',
        value: 'OUTCOME',
        choices: ['done', 'refused', 'failed'],
        summary: 'only what came out so',
      },
      { name: 'subject', value: 'KIND:ID', summary: 'only what was done with this, as report:1000002' },
      {
        name: 'limit',
        value: 'N',
        whole: { least: 1, most: 100_000 },
        summary: 'at most so many (default 100)',
      },
      { name: 'cursor', value: 'CURSOR', summary: 'go on where a list with "next" ended' },
    ],
    examples: [
      {
        line: 'firstlight audit list --subject report:1000002',
        does: 'everybody who read or changed one report',
      },
      { line: 'firstlight audit list --order newest --outcome refused', does: 'who was turned away lately' },
      { line: 'firstlight audit list --limit 1000 --json', does: 'for a program' },
    ],
    run: async (call) => {
      const subject = call.option('subject');
      if (subject !== undefined && !/^[a-z-]+:./.test(subject)) {
        throw new WrongUsage(`"${subject}" is no subject: give its kind and its id, as report:1000002.`);
      }
      const query = {
        subject,
        order: call.option('order'),
        outcome: call.option('outcome'),
        cursor: call.option('cursor'),
      };
      const reply = await walkPages<AuditRow>(
        call.bureau,
        '/v1/desk/audit',
        query,
        call.number('limit') ?? 100,
      );
      return {
        document: reply,
        present: (page) => {
          page.table<AuditRow>(
            [
              { title: 'When', cell: (row) => page.time(row.at) },
              { title: 'Who', cell: (row) => row.actor.name, isFlexible: true },
              { title: 'Did', cell: (row) => row.action },
              {
                title: 'Outcome',
                cell: (row) => (row.code === undefined ? row.outcome : `${row.outcome}, ${row.code}`),
              },
              { title: 'Subject', cell: (row) => row.subject, isFlexible: true },
              { title: 'Why', cell: (row) => row.why, isFlexible: true },
            ],
            reply.items,
            'No audit row matches.',
          );
          if (reply.next !== undefined) page.line(`More follow: add --cursor ${reply.next}`);
        },
      };
    },
  },
  {
    name: 'register',
    summary: 'Shows every door of the API with its permission, audit action and holders',
    examples: [{ line: 'firstlight register', does: 'what each role can reach' }],
    run: async (call) => {
      const reply = await call.bureau.get<RegisterReply>('/v1/desk/register');
      return {
        document: reply,
        present: (page) =>
          page.table<RegisterItem>(
            [
              { title: 'Method', cell: (item) => item.method },
              { title: 'Path', cell: (item) => item.path },
              { title: 'Permission', cell: (item) => item.permission },
              { title: 'Audit', cell: (item) => item.audit, isFlexible: true },
              { title: 'Held by', cell: (item) => item.heldBy.join(', '), isFlexible: true },
            ],
            reply.items,
            'The register is empty.',
          ),
      };
    },
  },
];

function presentStatus(page: Page, status: StatusReply): void {
  const { reports, desk, files, jobs, auditLog } = status;
  const demonstration = status.isDemonstration ? ', a demonstration with invented reports' : '';
  page.heading(`${status.bureau} (Firstlight ${status.version}${demonstration})`);
  const oldest = page.time(desk.oldestWaitingAt);
  page.facts([
    [
      `Reports, ${status.environment}`,
      `${reports.filed} filed, ${reports.open} open, ${reports.retracted} retracted, ${reports.expired} expired`,
    ],
    [`Line, ${status.environment}`, `${desk.waiting} waiting, ${desk.taken} taken, ${desk.decided} decided`],
    ['Oldest waiting', oldest],
    ['Files', `${files.records} sent, ${files.seals} sealed, ${page.size(files.sizeBytes)}`],
    [
      'Audit log',
      auditLog &&
        `${auditLog.size} rows sealed, ${auditLog.pending} waiting${auditLog.sealedAt === undefined ? '' : `, last ${page.time(auditLog.sealedAt)}`}`,
    ],
    ['Jobs', `${jobs.waiting} waiting, ${jobs.running} running`],
    [
      'Need attention',
      jobs.needAttention === 0 ? 'nothing' : `${jobs.needAttention}: see "firstlight attention list"`,
    ],
  ]);
}
