import { resolve } from 'node:path';
import type { AcceptLossReply } from '#contract/audit-log';
import { exportLog } from '../audit/export.ts';
import { keyOption, witnessOption } from '../audit/keys.ts';
import { checkProof, proveReport } from '../audit/prove.ts';
import { verifyBureau, verifyFolder } from '../audit/verify.ts';
import type { Command, CommandOption } from '../command.ts';

const fromOption: CommandOption = {
  name: 'from',
  value: 'FILE',
  summary: 'an older checkpoint or proof that was kept: the log must continue it',
};

/** Commands about the audit log as a whole: to take it out, to verify it, to prove single rows. */
export const auditLogCommands: readonly Command[] = [
  {
    name: 'audit export',
    summary: 'Writes the whole audit log into a folder that can be verified anywhere',
    more: [
      'The folder holds the log as transparency logs share it today (C2SP tlog-tiles). Run it again to go on where it',
      'broke off or to add what is new; the checkpoint before is kept, and the new log must continue it.',
    ],
    options: [
      { name: 'out', value: 'FOLDER', summary: 'where to (default ./audit-export)' },
      {
        name: 'proposal',
        value: 'ID',
        summary: 'the approved proposal, where two people must agree to an export',
      },
    ],
    examples: [
      { line: 'firstlight audit export --out /media/court/audit', does: 'for a court or a regulator' },
    ],
    run: exportLog,
  },
  {
    name: 'audit verify',
    summary: 'Verifies the audit log: of an exported folder without a bureau, or of the running bureau',
    more: [
      'Computes every hash anew, from the rows up to the signature. Names every row that was changed, removed, put in or',
      'moved, a missing end, and a log that does not continue what was signed before. Exit status 1 when anything is found.',
    ],
    arguments: [{ name: 'FOLDER', isOptional: true, summary: 'a folder that "audit export" wrote' }],
    options: [keyOption, witnessOption, fromOption],
    examples: [
      { line: 'firstlight audit verify', does: 'the running bureau, once a month' },
      { line: 'firstlight audit verify /media/court/audit --key VKEY', does: 'anywhere, by anyone' },
    ],
    run: async (call) => {
      const [folder] = call.arguments;
      return folder === undefined ? await verifyBureau(call) : await verifyFolder(call, resolve(folder));
    },
  },
  {
    name: 'audit prove',
    summary: 'Writes the audit rows about one report, each with the proof that it stands in the log',
    more: ['What is in the file says nothing about any other row.'],
    arguments: [{ name: 'REPORT', summary: 'the number of the report' }],
    options: [
      { name: 'out', value: 'FILE', summary: 'where to (default ./report-REPORT.proof.json)' },
      fromOption,
      keyOption,
    ],
    examples: [
      { line: 'firstlight audit prove 1000002', does: 'for a court that asks about one report' },
      {
        line: 'firstlight audit prove 1000002 --from old.proof.json',
        does: 'and that nothing was rewritten since',
      },
    ],
    run: proveReport,
  },
  {
    name: 'audit check',
    summary: 'Checks a file of "audit prove" without a bureau',
    arguments: [{ name: 'FILE', summary: 'the file, or one single .tlog-proof that carries its entry' }],
    options: [keyOption, witnessOption],
    examples: [
      { line: 'firstlight audit check report-1000002.proof.json --key VKEY', does: 'anywhere, by anyone' },
    ],
    run: checkProof,
  },
  {
    name: 'audit accept-loss',
    summary: 'Says that what a database that was set back no longer holds is lost, so that sealing goes on',
    more: [
      'Only after the newest backup was restored. The loss is written into the audit by name; a witness will not cosign',
      'until its operator agrees as well.',
    ],
    options: [{ name: 'why', value: 'TEXT', isRequired: true, summary: 'what happened, in a sentence' }],
    examples: [
      {
        line: 'firstlight audit accept-loss --why "disk failed; restored the backup of 02:00"',
        does: 'after a restore',
      },
    ],
    run: async (call) => {
      const body = { why: call.option('why') ?? '' };
      const reply = await call.bureau.post<AcceptLossReply>('/v1/desk/audit-log/accept-loss', body);
      return {
        document: reply,
        present: (page) =>
          page.line(
            `Recorded: ${reply.seen} entries were signed, and the log goes on from ${reply.size}. Sealing starts again within seconds.`,
          ),
      };
    },
  },
];
