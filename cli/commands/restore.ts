import { resolve } from 'node:path';
import type { RestoreReply } from '#contract/upkeep';
import type { Command } from '../command.ts';
import { showProgress } from '../machine-progress.ts';
import { folderOf, fromOption, keyOption, keySettings } from './backup.ts';

export const restoreCommands: readonly Command[] = [
  {
    name: 'restore',
    summary: 'Brings a backup back onto an empty machine and checks everything',
    more: [
      'The data folder must be empty: a restore writes over nothing. With DATABASE_URL set, the tables go into that database, which must be empty too.',
      'Every sealed file is read, the audit log is verified and the counts are compared. Exit status 1 when anything does not hold.',
      'An interrupted restore goes on when the same command is repeated; until it has ended nothing starts on the folder.',
    ],
    options: [
      fromOption,
      keyOption,
      { name: 'to', value: 'FOLDER', summary: 'the new data folder (default FIRSTLIGHT_DATA, else ./data)' },
      { name: 'backup', value: 'ID', summary: 'which one (default the newest)' },
      {
        name: 'at',
        value: 'TIME',
        summary:
          'a moment as 2026-11-24T18:30:00Z, or latest for the end of the kept log (built-in database)',
      },
    ],
    examples: [
      {
        line: 'firstlight restore --from /mnt/backup/bureau --key /mnt/safe/backup.key',
        does: 'the newest backup',
      },
      {
        line: 'firstlight restore --from /mnt/backup/bureau --key backup.key --to ./drill --at latest',
        does: 'a drill beside the running bureau, up to the last minute',
      },
    ],
    run: async (call) => {
      const to = call.option('to');
      const options = {
        folder: folderOf(call, 'from'),
        backup: call.option('backup'),
        at: call.option('at'),
      };
      const settings = { ...keySettings(call), FIRSTLIGHT_DATA: to === undefined ? undefined : resolve(to) };
      const reply = await call.machine.run<RestoreReply>('restore', options, showProgress(call), settings);
      const isBad = reply.damaged.length + reply.audit.faults.length + reply.differences.length > 0;
      return {
        document: reply,
        isBad,
        present: (page) => {
          page.line(`Backup ${reply.backup} is restored into ${reply.dataFolder}.`);
          page.facts([
            ['As of', reply.asOf === undefined ? 'the end of the kept log' : page.time(reply.asOf)],
            ['Rows', reply.rows],
            [
              'Evidence',
              `${reply.evidence.files} files, ${page.size(reply.evidence.sizeBytes)} brought back`,
            ],
            ['Verified', `${reply.verifiedFiles} sealed files`],
            ['Audit log', `${reply.audit.entries} entries verified`],
            ['Erased again', reply.erasedAgain],
            ['Jobs to run', reply.jobs],
            ['Next report', `${reply.nextReportId} at the least, so that no number comes twice`],
          ]);
          for (const { sha256, reason } of reply.damaged) page.line(`Damaged: ${sha256}: ${reason}`);
          for (const fault of [...reply.audit.faults, ...reply.differences])
            page.line(`Does not hold: ${fault}`);
          page.line();
          page.line(
            isBad
              ? 'Keep the backup and the damaged machine as they are, and look into each line above before the bureau is started.'
              : 'Everything holds. Start the bureau with "npm start". Staff sign in anew; check suspended services and disabled staff against your own notes since the backup.',
          );
        },
      };
    },
  },
];
