import type { Call } from './command.ts';
import type { MachineProgress } from './machine.ts';

const doing: Readonly<Record<string, string>> = {
  evidence: 'Copying evidence',
  tables: 'Reading tables',
  cluster: "Copying the database's files",
  database: 'Bringing the database back',
  erasures: 'Erasing again',
  verify: 'Checking files',
  audit: 'Checking the audit log',
  prune: 'Removing',
};

/** Says how far a part on the machine is, in a line that the next one replaces. */
export function showProgress(call: Call): (progress: MachineProgress) => void {
  return ({ phase, done, total, unit }) => {
    const what = doing[phase] ?? phase;
    const amount = unit === 'bytes' ? `${Math.round(done / 1e6)} MB` : `${done} ${unit}`;
    const share =
      total === undefined || total === 0 ? '' : ` of ${total} (${Math.floor((done / total) * 100)} %)`;
    call.progress(`${what}: ${amount}${share}`);
  };
}
