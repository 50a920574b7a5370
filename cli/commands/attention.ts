import type { AttentionItem, AttentionReply } from '#contract/administration';
import type { Command, CommandGroup } from '../command.ts';
import { CannotDo, WrongUsage } from '../failures.ts';

export const attentionGroup: CommandGroup = {
  name: 'attention',
  summary: 'Work that failed and waits for a person',
};

export const attentionCommands: readonly Command[] = [
  {
    name: 'attention list',
    summary: 'Shows what failed and why',
    examples: [{ line: 'firstlight attention list', does: 'the reasons, oldest first' }],
    run: async (call) => {
      const reply = await call.bureau.get<AttentionReply>('/v1/desk/attention');
      return {
        document: reply,
        present: (page) =>
          page.table<AttentionItem>(
            [
              { title: 'Since', cell: (item) => page.time(item.since) },
              { title: 'Job', cell: (item) => item.job },
              { title: 'Subject', cell: (item) => item.subject, isFlexible: true },
              { title: 'Attempts', cell: (item) => item.attempts, isNumber: true },
              { title: 'State', cell: (item) => (item.isRetrying ? 'running again' : 'waits') },
              { title: 'Reason', cell: (item) => item.reason, isFlexible: true },
              { title: 'Id', cell: (item) => item.id },
            ],
            reply.items,
            'Nothing needs attention.',
          ),
      };
    },
  },
  {
    name: 'attention retry',
    summary: 'Runs failed work again',
    more: ['Do away with the reason first: what fails again comes back to the list.'],
    arguments: [{ name: 'ID', isOptional: true, summary: 'the id from "firstlight attention list"' }],
    options: [{ name: 'all', summary: 'everything on the list that is not already running again' }],
    examples: [
      { line: 'firstlight attention retry 0b6f3a52-7c1e-4c0b-9c39-0d7a0f6f2f11', does: 'one' },
      { line: 'firstlight attention retry --all', does: 'all of them' },
    ],
    run: async (call) => {
      const [id] = call.arguments;
      if ((id === undefined) !== call.isSet('all')) throw new WrongUsage('Give either one ID or --all.');
      const { items } = await call.bureau.get<AttentionReply>('/v1/desk/attention');
      const wanted =
        id === undefined ? items.filter((item) => !item.isRetrying) : items.filter((item) => item.id === id);
      if (id !== undefined && wanted.length === 0) {
        throw new CannotDo(`Nothing with the id ${id} needs attention: see "firstlight attention list".`);
      }
      for (const [at, item] of wanted.entries()) {
        call.progress(`${at + 1} of ${wanted.length}`);
        await call.bureau.post(`/v1/desk/attention/${encodeURIComponent(item.id)}/retry`, {});
      }
      return {
        document: { items: wanted.map((item) => ({ id: item.id, job: item.job, subject: item.subject })) },
        present: (page) =>
          page.line(
            wanted.length === 0
              ? 'Nothing needs attention.'
              : `Running again: ${wanted.length}. What fails again comes back to the list.`,
          ),
      };
    },
  },
];
