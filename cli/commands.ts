import type { Command, CommandGroup } from './command.ts';
import { attentionCommands, attentionGroup } from './commands/attention.ts';
import { oversightCommands } from './commands/oversight.ts';
import { providerCommands, providerGroup } from './commands/provider.ts';
import { reportCommands, reportGroup } from './commands/report.ts';
import { staffCommands, staffGroup } from './commands/staff.ts';
import { verifyCommands } from './commands/verify.ts';

/** The whole command line as data, in the order that help shows it. */
export const commands: readonly Command[] = [
  ...providerCommands,
  ...staffCommands,
  ...reportCommands,
  ...attentionCommands,
  ...oversightCommands,
  ...verifyCommands,
];

export const groups: readonly CommandGroup[] = [
  providerGroup,
  staffGroup,
  reportGroup,
  attentionGroup,
  { name: 'audit', summary: 'Who did what, why and when' },
];
