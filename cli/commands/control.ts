import type { ControlledDeedsReply, EmergencyCodesReply, Proposal } from '#contract/control';
import type { Command, CommandGroup } from '../command.ts';
import { CannotDo, WrongUsage } from '../failures.ts';
import type { Page } from '../page.ts';
import { walkPages } from '../paging.ts';
import { findStaff } from './staff.ts';

export const controlGroups: readonly CommandGroup[] = [
  { name: 'proposal', summary: 'What nobody does alone: asking for it; people approve in the console' },
  { name: 'break-glass', summary: 'Ways in for an emergency' },
];

export const controlCommands: readonly Command[] = [
  {
    name: 'proposal list',
    summary: 'Shows proposals, the newest first',
    options: [
      {
        name: 'state',
        value: 'STATE',
        choices: ['open', 'ended', 'all'],
        summary: 'which ones (default open)',
      },
      {
        name: 'limit',
        value: 'N',
        whole: { least: 1, most: 10_000 },
        summary: 'at most so many (default 100)',
      },
    ],
    examples: [{ line: 'firstlight proposal list', does: 'what waits for people' }],
    run: async (call) => {
      const query = { state: call.option('state') };
      const reply = await walkPages<Proposal>(
        call.bureau,
        '/v1/desk/proposals',
        query,
        call.number('limit') ?? 100,
      );
      return {
        document: reply,
        present: (page) =>
          page.table<Proposal>(
            [
              { title: 'Asked', cell: (item) => page.time(item.askedAt) },
              { title: 'Deed', cell: (item) => item.deed },
              { title: 'State', cell: stateOf },
              { title: 'By', cell: (item) => item.askedBy.name, isFlexible: true },
              { title: 'What happens', cell: (item) => item.sentence, isFlexible: true },
              { title: 'Id', cell: (item) => item.id },
            ],
            reply.items,
            'No proposal is there.',
          ),
      };
    },
  },
  {
    name: 'proposal deeds',
    summary: 'Shows every deed that nobody does alone, with what it takes',
    examples: [{ line: 'firstlight proposal deeds --json', does: 'with the form of each input' }],
    run: async (call) => {
      const reply = await call.bureau.get<ControlledDeedsReply>('/v1/desk/controlled-deeds');
      return {
        document: reply,
        present: (page) =>
          page.table<ControlledDeedsReply['items'][number]>(
            [
              { title: 'Deed', cell: (item) => item.name },
              { title: 'People', cell: (item) => item.people, isNumber: true },
              { title: 'Who may agree', cell: (item) => item.heldBy.join(', '), isFlexible: true },
            ],
            reply.items,
            'Nothing is under two-person control.',
          ),
      };
    },
  },
  {
    name: 'proposal propose',
    summary: 'Asks for a deed that nobody does alone',
    more: ['This machine is nobody, so as many people approve as the deed needs. They do so in the console.'],
    arguments: [{ name: 'DEED', summary: 'its name, from "firstlight proposal deeds"' }],
    options: [
      { name: 'reason', value: 'TEXT', isRequired: true, summary: 'why; whoever approves reads it' },
      { name: 'input', value: 'JSON', summary: 'what exactly; ids and numbers only (default {})' },
    ],
    examples: [
      {
        line: 'firstlight proposal propose rotate-keys --reason "yearly"',
        does: 'a new key for the evidence',
      },
      {
        line: `firstlight proposal propose bulk-export --input '{"what":"audit"}' --reason "yearly check"`,
        does: 'leave to take out the audit log',
      },
      {
        line: `firstlight proposal propose destroy-evidence --input '{"ground":"order","reportIds":["1000002"]}' --reason "order 12/26"`,
        does: 'the content of one report',
      },
    ],
    run: async (call) => {
      const [deed = ''] = call.arguments;
      const body = { deed, input: inputOf(call.option('input')), reason: call.option('reason') ?? '' };
      const proposal = await call.bureau.post<Proposal>('/v1/desk/proposals', body);
      return { document: proposal, present: (page) => presentProposal(page, proposal) };
    },
  },
  {
    name: 'proposal withdraw',
    summary: 'Takes back what this machine asked for',
    arguments: [{ name: 'ID', summary: 'the id from "firstlight proposal list"' }],
    examples: [
      { line: 'firstlight proposal withdraw 0b6f3a52-7c1e-4c0b-9c39-0d7a0f6f2f11', does: 'ends it' },
    ],
    run: async (call) => {
      const [id = ''] = call.arguments;
      const proposal = await call.bureau.post<Proposal>(
        `/v1/desk/proposals/${encodeURIComponent(id)}/withdrawal`,
        {},
      );
      return { document: proposal, present: (page) => page.line('Withdrawn.') };
    },
  },
  {
    name: 'break-glass codes',
    summary: 'Prints a sheet of one-time codes with which a person signs in when every other way is away',
    more: [
      'The codes are shown only now, and earlier ones of the person stop working. Print them, seal them in an envelope,',
      'and keep it where the person can get it at night. Every use is told to supervisors and reviewed within a day.',
    ],
    arguments: [
      { name: 'NAME|ID', summary: 'the name of the person, or the id from "firstlight staff list"' },
    ],
    examples: [{ line: 'firstlight break-glass codes "Ada Example"', does: 'ten codes, each for once' }],
    run: async (call) => {
      const { id } = await findStaff(call);
      const reply = await call.bureau.post<EmergencyCodesReply>(`/v1/desk/staff/${id}/emergency-codes`, {});
      return {
        document: reply,
        present: (page) => {
          page.heading(`Emergency codes of ${reply.name}`);
          for (const [at, code] of reply.codes.entries()) page.line(`${String(at + 1).padStart(2)}  ${code}`);
          page.line();
          page.line('Each works once. They are shown only now; a new sheet replaces this one.');
        },
      };
    },
  },
];

function inputOf(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Answered below.
  }
  throw new WrongUsage('--input is no JSON object: give it like \'{"what":"audit"}\', in single quotes.');
}

function stateOf(item: Proposal): string {
  return item.state === 'open' ? `waits for ${item.needed}` : item.state;
}

function presentProposal(page: Page, proposal: Proposal): void {
  if (proposal.state !== 'open') throw new CannotDo(`The proposal has ended already: ${proposal.state}.`);
  page.heading('Proposed');
  page.facts([
    ['What happens', proposal.sentence],
    ['Waits for', proposal.needed === 1 ? 'one person' : `${proposal.needed} people`],
    ['Until', page.time(proposal.expiresAt)],
    ['Id', proposal.id],
  ]);
  page.line();
  page.line('People approve it in the console under Approvals.');
}
