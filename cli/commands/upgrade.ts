import type { UpgradeItem, UpgradeReply } from '#contract/upkeep';
import type { Command } from '../command.ts';
import { WrongUsage } from '../failures.ts';
import { folderOf, fromOption, keyOption, keySettings } from './backup.ts';

const words: Readonly<Record<UpgradeItem['state'], string>> = {
  fine: 'fine',
  note: 'changes',
  act: 'DO FIRST',
};

export const upgradeCommands: readonly Command[] = [
  {
    name: 'upgrade',
    summary: 'Tells what the installed release would change on the bureau',
    more: [
      'Changes nothing. Works while the bureau of the release before runs, and when it is stopped. Exit status 1 when something has to be done first.',
      'Upgrading itself is: install the release, run this, back up, start.',
    ],
    options: [{ name: 'check', isRequired: false, summary: 'the only thing it does' }, fromOption, keyOption],
    examples: [
      { line: 'firstlight upgrade --check', does: 'after installing a release, before starting it' },
    ],
    run: async (call) => {
      if (!call.isSet('check')) throw new WrongUsage('Say "firstlight upgrade --check": it changes nothing.');
      const reply = await call.machine.run<UpgradeReply>(
        'upgrade-check',
        { folder: folderOf(call, 'from') },
        () => undefined,
        keySettings(call),
      );
      return {
        document: reply,
        isBad: !reply.isFine,
        present: (page) => {
          page.table<UpgradeItem>(
            [
              { title: 'About', cell: (item) => item.subject },
              { title: '', cell: (item) => words[item.state] },
              { title: 'What', cell: (item) => item.sentence },
            ],
            reply.items,
            '',
          );
          page.line();
          page.line(
            reply.isFine
              ? 'The bureau can be started with this release.'
              : 'Do what is marked, then run this again.',
          );
        },
      };
    },
  },
];
