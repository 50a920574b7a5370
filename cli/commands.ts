import type { Command, CommandGroup } from './command.ts';
import { attentionCommands, attentionGroup } from './commands/attention.ts';
import { auditLogCommands } from './commands/audit.ts';
import { backupCommands, backupGroup } from './commands/backup.ts';
import { certificateCommands, certificateGroup } from './commands/certificate.ts';
import { controlCommands, controlGroups } from './commands/control.ts';
import { doctorCommands } from './commands/doctor.ts';
import { fingerprintCommands } from './commands/fingerprint.ts';
import { hashCommands } from './commands/hash.ts';
import { keysCommands, keysGroup } from './commands/keys.ts';
import { oversightCommands } from './commands/oversight.ts';
import { providerCommands, providerGroup } from './commands/provider.ts';
import { receiptCommands, receiptGroup } from './commands/receipt.ts';
import { reportCommands, reportGroup } from './commands/report.ts';
import { restoreCommands } from './commands/restore.ts';
import { staffCommands, staffGroup } from './commands/staff.ts';
import { upgradeCommands } from './commands/upgrade.ts';
import { vaultCommands, vaultGroup } from './commands/vault.ts';
import { verifyCommands } from './commands/verify.ts';

/** The whole command line as data, in the order that help shows it. */
export const commands: readonly Command[] = [
  ...providerCommands,
  ...staffCommands,
  ...reportCommands,
  ...receiptCommands,
  ...attentionCommands,
  ...oversightCommands,
  ...controlCommands,
  ...certificateCommands,
  ...auditLogCommands,
  ...verifyCommands,
  ...hashCommands,
  ...fingerprintCommands,
  ...vaultCommands,
  ...keysCommands,
  ...backupCommands,
  ...restoreCommands,
  ...upgradeCommands,
  ...doctorCommands,
];

export const groups: readonly CommandGroup[] = [
  providerGroup,
  staffGroup,
  reportGroup,
  receiptGroup,
  attentionGroup,
  ...controlGroups,
  certificateGroup,
  vaultGroup,
  keysGroup,
  backupGroup,
  { name: 'audit', summary: 'Who did what, why and when' },
];
