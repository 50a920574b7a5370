import type { DoctorReply } from '#contract/upkeep';
import type { Command } from '../command.ts';

type Item = DoctorReply['items'][number];

const titles: readonly (readonly [Item['verdict'], string])[] = [
  ['bad', 'Put right now'],
  ['warn', 'Put right soon'],
  ['ask', 'Only you can tell'],
  ['ok', 'As it should be'],
];

export const doctorCommands: readonly Command[] = [
  {
    name: 'doctor',
    summary: 'Says what protects this machine, what is missing, and what to do about it',
    more: [
      'Looks at user, files, disk, clock, database, backups, sign-in and audit log; changes nothing. Runs whether the bureau runs or not.',
      'Exit status 1 when something has to be put right now. Run it with the same settings as the bureau.',
    ],
    examples: [
      { line: 'firstlight doctor', does: 'after setting up, and after every change of the machine' },
      { line: 'firstlight doctor --json', does: 'for monitoring: each check has a name that stays' },
    ],
    run: async (call) => {
      const reply = await call.machine.run<DoctorReply>('doctor', {}, () => undefined);
      return {
        document: reply,
        isBad: reply.counts.bad > 0,
        present: (page) => {
          for (const [verdict, title] of titles) {
            const items = reply.items.filter((item) => item.verdict === verdict);
            if (items.length === 0) continue;
            page.heading(`${title} (${items.length})`);
            for (const { name, says, todo } of items) {
              page.line(`  ${name}: ${says}`);
              if (todo !== undefined) page.line(`    ${todo}`);
            }
          }
        },
      };
    },
  },
];
