import { parseProviderId, parseReportId } from '#base/ids';
import { type Brief, type BriefFile, type ReportListItem, urgencyLabels } from '#contract/desk';
import type { Command, CommandGroup } from '../command.ts';
import { WrongUsage } from '../failures.ts';
import type { Page } from '../page.ts';
import { walkPages } from '../paging.ts';
import { environmentOption, providerNamed } from './provider.ts';

export const reportGroup: CommandGroup = {
  name: 'report',
  summary: 'Reports as they stand; showing one leaves its audit row',
};

export const reportCommands: readonly Command[] = [
  {
    name: 'report list',
    summary: 'Lists reports, newest first',
    options: [
      { ...environmentOption, summary: 'only production or only sandbox' },
      {
        name: 'state',
        value: 'STATE',
        choices: ['open', 'filed', 'retracted', 'expired'],
        summary: 'only reports in this state',
      },
      { name: 'provider', value: 'NAME|ID', summary: 'only reports of this service' },
      {
        name: 'limit',
        value: 'N',
        whole: { least: 1, most: 100_000 },
        summary: 'at most so many (default 50)',
      },
      { name: 'cursor', value: 'CURSOR', summary: 'go on where a list with "next" ended' },
    ],
    examples: [
      { line: 'firstlight report list --state filed --limit 10', does: 'the ten newest filed reports' },
      {
        line: 'firstlight report list --provider "Example Chat" --environment sandbox --json',
        does: 'for a program',
      },
    ],
    run: async (call) => {
      const environment = call.option('environment');
      const named = call.option('provider');
      const isId = named === undefined || parseProviderId(named) !== undefined;
      const provider = isId ? named : (await providerNamed(call.bureau, named, environment)).id;
      const query = { environment, state: call.option('state'), provider, cursor: call.option('cursor') };
      const reply = await walkPages<ReportListItem>(
        call.bureau,
        '/v1/desk/reports',
        query,
        call.number('limit') ?? 50,
      );
      return {
        document: reply,
        present: (page) => {
          page.table(reportColumns(page), reply.items, 'No report matches.');
          if (reply.next !== undefined) page.line(`More follow: add --cursor ${reply.next}`);
        },
      };
    },
  },
  {
    name: 'report show',
    summary: 'Shows one report: its facts, who is in it, and its files with their hashes',
    more: ['Evidence itself is never shown here. The audit trail notes that the report was read.'],
    arguments: [{ name: 'ID', summary: 'the number of the report' }],
    examples: [
      { line: 'firstlight report show 1000002', does: 'for reading' },
      { line: 'firstlight report show 1000002 --json', does: 'everything that the API knows' },
    ],
    run: async (call) => {
      const [id = ''] = call.arguments;
      if (parseReportId(id) === undefined) {
        throw new WrongUsage(
          `"${id}" is not a report number: it is a whole number without leading zero, as 1000002.`,
        );
      }
      const brief = await call.bureau.get<Brief>(`/v1/desk/reports/${id}`);
      return { document: brief, present: (page) => presentBrief(page, brief) };
    },
  },
];

function reportColumns(page: Page) {
  return [
    { title: 'Report', cell: (item: ReportListItem) => item.reportId, isNumber: true },
    { title: 'Filed', cell: (item: ReportListItem) => page.time(item.filedAt) ?? 'not yet' },
    { title: 'State', cell: (item: ReportListItem) => item.deskState ?? item.state },
    { title: 'Urgency', cell: (item: ReportListItem) => urgencyLabel(item.urgency) },
    { title: 'Service', cell: (item: ReportListItem) => item.provider.name, isFlexible: true },
    { title: 'Environment', cell: (item: ReportListItem) => item.provider.environment },
    { title: 'Incident', cell: (item: ReportListItem) => item.incidentType, isFlexible: true },
    { title: 'Files', cell: (item: ReportListItem) => item.files, isNumber: true },
    { title: 'Reference', cell: (item: ReportListItem) => item.reference },
  ];
}

function urgencyLabel(urgency: number | undefined): string {
  return urgency === undefined ? '' : (urgencyLabels[urgency - 1] ?? String(urgency));
}

function presentBrief(page: Page, brief: Brief): void {
  page.heading(`Report ${brief.reportId}`);
  page.facts([
    ['Reference', brief.reference],
    ['Service', `${brief.provider.name} (${brief.provider.environment})`],
    ['State', brief.state === undefined ? brief.reportState : `${brief.reportState}, ${brief.state}`],
    ['Taken by', brief.takenBy?.name],
    ['Incident', `${brief.incidentType}, ${page.time(brief.incidentAt) ?? ''}`],
    ['Incidents', brief.incidents],
    ['Opened', page.time(brief.openedAt)],
    ['Filed', page.time(brief.filedAt) ?? 'not yet'],
    ['Arrived by', `${brief.door}, profile ${brief.profile}`],
    ['Declared priority', brief.declaredPriority],
    ['Synthetic', brief.isSynthetic ? 'yes: invented for trying out' : undefined],
    ['Same as', brief.duplicateOf],
    ['Sent again as', brief.duplicates.join(', ')],
    ['Earlier reports', brief.priorReports.join(', ')],
    ['Document SHA-256', brief.documentSha256],
  ]);
  presentJudgement(page, brief);
  for (const party of brief.parties) {
    // Identifiers of no party in particular stand under this role.
    page.heading(party.role === 'report' ? 'Of the report as a whole' : `Party: ${party.role}`);
    page.facts(party.identifiers.map((identifier) => [identifier.kind, identifier.value] as const));
    if (party.identifiers.length === 0) page.line('Nothing that identifies this party was sent.');
  }
  if (brief.parties.length < brief.partyCount) {
    page.line(`Only ${brief.parties.length} of ${brief.partyCount} parties are shown.`);
  }
  page.heading(`Files: ${brief.fileCount}`);
  page.table(fileColumns(page), brief.files, 'No file was sent.');
  if (brief.files.length < brief.fileCount) page.line(`Only the first ${brief.files.length} are listed.`);
}

function presentJudgement(page: Page, brief: Brief): void {
  if (brief.urgency !== undefined) {
    page.heading(`Urgency: ${urgencyLabel(brief.urgency)}`);
    for (const reason of brief.urgencyReasons) page.line(`- ${reason.sentence}`);
  }
  if (brief.completeness !== undefined) {
    page.heading(`Completeness: ${Math.round(brief.completeness.share * 100)} %`);
    for (const reason of brief.completeness.missing) page.line(`- ${reason.sentence}`);
  }
  if (brief.decisions.length > 0) {
    page.heading('Decisions');
    for (const decision of brief.decisions) {
      const undone = decision.undoneAt === undefined ? '' : `, undone ${page.time(decision.undoneAt) ?? ''}`;
      const reason = decision.reason === undefined ? '' : `: ${decision.reason}`;
      page.line(`${page.time(decision.at) ?? ''}  ${decision.kind}, ${decision.by.name}${undone}${reason}`);
    }
  }
}

function fileColumns(page: Page) {
  return [
    { title: '#', cell: (file: BriefFile) => file.position, isNumber: true },
    { title: 'Size', cell: (file: BriefFile) => page.size(file.sizeBytes), isNumber: true },
    { title: 'Type', cell: (file: BriefFile) => file.mediaType ?? 'unknown', isFlexible: true },
    { title: 'Seal', cell: (file: BriefFile) => file.sealState },
    { title: 'Other reports', cell: (file: BriefFile) => file.otherReports, isNumber: true },
    { title: 'Name as sent', cell: (file: BriefFile) => file.originalFileName, isFlexible: true },
    { title: 'SHA-256', cell: (file: BriefFile) => file.sha256, isFlexible: true },
  ];
}
