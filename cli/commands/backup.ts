import { resolve } from 'node:path';
import type {
  BackupExtractReply,
  BackupFacts,
  BackupListReply,
  BackupPruneReply,
  BackupReply,
  BackupVerifyReply,
} from '#contract/upkeep';
import type { Call, Command, CommandGroup, CommandOption } from '../command.ts';
import { WrongUsage } from '../failures.ts';
import { showProgress } from '../machine-progress.ts';

export const backupGroup: CommandGroup = {
  name: 'backup',
  summary: 'Looks after the backups that there are',
};

export const fromOption: CommandOption = {
  name: 'from',
  value: 'FOLDER',
  summary: 'the folder of the backups (default FIRSTLIGHT_BACKUP_FOLDER)',
};

export const keyOption: CommandOption = {
  name: 'key',
  value: 'FILE',
  summary: 'the backup key (default FIRSTLIGHT_BACKUP_KEY_FILE, else keys/backup.key of the data folder)',
};

/** What the part's configuration is to say. */
export function keySettings(call: Call): Readonly<Record<string, string | undefined>> {
  const key = call.option('key');
  return { FIRSTLIGHT_BACKUP_KEY_FILE: key === undefined ? undefined : resolve(key) };
}

export function folderOf(call: Call, option: 'from' | 'to'): string | undefined {
  const path = call.option(option);
  return path === undefined ? undefined : resolve(path);
}

const createCommand: Command = {
  name: 'backup',
  summary: 'Backs up database, evidence and keys while the bureau runs',
  more: [
    'Everything in it is encrypted under the backup key. Keep a copy of that key on another machine: without it no backup can be read.',
    'Evidence that an earlier backup in the same folder holds is not copied again. An interrupted backup never counts; the next one goes on from what it copied.',
    'With FIRSTLIGHT_BACKUP_FOLDER set, the built-in database also keeps its log there, and a point in time can be restored.',
  ],
  options: [
    { name: 'to', value: 'FOLDER', summary: 'where backups go (default FIRSTLIGHT_BACKUP_FOLDER)' },
    keyOption,
    { name: 'keyless', summary: "leaves the bureau's own keys out; keep them apart yourself" },
  ],
  examples: [
    { line: 'firstlight backup --to /mnt/backup/bureau', does: 'once a night' },
    { line: 'firstlight backup --json', does: 'for a scheduler; exit status 0 only if it is complete' },
  ],
  run: async (call) => {
    const options = {
      folder: folderOf(call, 'to'),
      withoutKeys: call.isSet('keyless') ? 'yes' : undefined,
    };
    const reply = await call.machine.run<BackupReply>(
      'backup',
      options,
      showProgress(call),
      keySettings(call),
    );
    const { manifest } = reply;
    return {
      document: reply,
      present: (page) => {
        const { evidence } = manifest;
        page.line(`Backup ${manifest.id} is complete in ${reply.folder}.`);
        page.facts([
          ['Database', `${rowsOf(manifest)} rows as of ${page.time(manifest.database.snapshotAt) ?? ''}`],
          ['Evidence', `${evidence.files} files, ${page.size(evidence.sizeBytes)}`],
          ['Copied now', `${evidence.addedFiles} files, ${page.size(evidence.addedBytes)}`],
          ['Keys', manifest.keys.length === 0 ? 'left out' : manifest.keys.join(', ')],
          ['Point in time', reply.isArchived ? 'from now on' : 'no; set FIRSTLIGHT_BACKUP_FOLDER for it'],
        ]);
        if (evidence.missing.length > 0) {
          page.line(
            `${evidence.missing.length} sealed files have no bytes in the store any more and could not be copied. Run "firstlight verify".`,
          );
        }
        if (reply.isNewKey) {
          page.line();
          page.line(`A new backup key was made: ${reply.keyFile}`);
          page.line(
            'Copy it to another machine or a safe NOW. Whoever loses it loses every backup; whoever has it and a backup can read everything.',
          );
        }
      },
    };
  },
};

const listCommand: Command = {
  name: 'backup list',
  summary: 'Shows the backups in a folder',
  options: [fromOption, keyOption],
  examples: [{ line: 'firstlight backup list', does: 'the newest first' }],
  run: async (call) => {
    const options = { folder: folderOf(call, 'from') };
    const reply = await call.machine.run<BackupListReply>(
      'backup-list',
      options,
      () => undefined,
      keySettings(call),
    );
    return {
      document: reply,
      present: (page) =>
        page.table<BackupListReply['items'][number]>(
          [
            { title: 'Backup', cell: (item) => item.id },
            { title: 'Begun', cell: (item) => page.time(item.startedAt) },
            { title: 'State', cell: (item) => item.state },
            { title: 'Rows', cell: (item) => item.manifest && rowsOf(item.manifest), isNumber: true },
            { title: 'Files', cell: (item) => item.manifest?.evidence.files, isNumber: true },
            {
              title: 'Size',
              cell: (item) => item.manifest && page.size(item.manifest.evidence.sizeBytes),
              isNumber: true,
            },
            {
              title: 'Any moment from',
              cell: (item) => (item.reach === undefined ? '' : page.time(item.reach.from)),
            },
            { title: 'Why', cell: (item) => item.reason, isFlexible: true },
          ],
          reply.items,
          `There is no backup in ${reply.folder}.`,
        ),
    };
  },
};

const verifyCommand: Command = {
  name: 'backup verify',
  summary: 'Reads a backup from end to end and compares it with what was written',
  more: ['Exit status 1 when anything is damaged; each file is listed with its reason.'],
  options: [
    fromOption,
    keyOption,
    { name: 'backup', value: 'ID', summary: 'which one (default the newest)' },
    { name: 'quick', summary: 'compares sizes only' },
  ],
  examples: [{ line: 'firstlight backup verify', does: 'once a month, and after moving the folder' }],
  run: async (call) => {
    const options = {
      folder: folderOf(call, 'from'),
      backup: call.option('backup'),
      quick: call.isSet('quick') ? 'yes' : undefined,
    };
    const reply = await call.machine.run<BackupVerifyReply>(
      'backup-verify',
      options,
      showProgress(call),
      keySettings(call),
    );
    return {
      document: reply,
      isBad: reply.damaged.length > 0,
      present: (page) => {
        page.line(
          `${reply.checkedFiles} files of backup ${reply.manifest.id} checked, ${page.size(reply.checkedBytes)}.`,
        );
        if (reply.erasedFiles > 0)
          page.line(`${reply.erasedFiles} were erased for good since, as they should be.`);
        if (reply.damaged.length === 0) {
          page.line('Every one is as it was written.');
          return;
        }
        page.line(
          `Damaged: ${reply.damaged.length}. Run "firstlight backup" now: it copies again what is missing.`,
        );
        page.line();
        page.table<BackupVerifyReply['damaged'][number]>(
          [
            { title: 'File', cell: (item) => item.file },
            { title: 'Reason', cell: (item) => item.reason, isFlexible: true },
            { title: 'SHA-256 of the sealed file', cell: (item) => item.sha256 },
          ],
          reply.damaged,
          '',
        );
      },
    };
  },
};

const pruneCommand: Command = {
  name: 'backup prune',
  summary: 'Removes old backups and the evidence and log that only they needed',
  options: [
    fromOption,
    keyOption,
    {
      name: 'keep',
      value: 'N',
      whole: { least: 1, most: 10_000 },
      isRequired: true,
      summary: 'how many of the newest stay',
    },
  ],
  examples: [{ line: 'firstlight backup prune --keep 14', does: 'after each nightly backup' }],
  run: async (call) => {
    const options = { folder: folderOf(call, 'from'), keep: call.option('keep') };
    const reply = await call.machine.run<BackupPruneReply>(
      'backup-prune',
      options,
      showProgress(call),
      keySettings(call),
    );
    return {
      document: reply,
      present: (page) =>
        page.line(
          `${reply.kept.length} backups kept, ${reply.removedBackups.length} removed, with ${reply.removedFiles} files (${page.size(reply.removedBytes)}) and ${reply.removedWal} pieces of the log.`,
        ),
    };
  },
};

const extractCommand: Command = {
  name: 'backup extract',
  summary: 'Takes one sealed file out of the newest backup that holds it whole',
  more: ['The file comes out as it stood in the evidence store: encrypted. Nobody sees what is in it.'],
  arguments: [
    { name: 'SHA256', summary: 'which file, from "firstlight verify" or "firstlight attention list"' },
  ],
  options: [
    fromOption,
    keyOption,
    { name: 'out', value: 'FILE', summary: 'where to (default ./SHA256.sealed)' },
  ],
  examples: [
    { line: `firstlight backup extract ${'4b'.repeat(32)}`, does: 'then "firstlight vault restore-file"' },
  ],
  run: async (call) => {
    const sha256 = (call.arguments[0] ?? '').toLowerCase();
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new WrongUsage('SHA256 is 64 hexadecimal digits.');
    const options = {
      folder: folderOf(call, 'from'),
      sha256,
      out: resolve(call.option('out') ?? `${sha256}.sealed`),
    };
    const reply = await call.machine.run<BackupExtractReply>(
      'backup-extract',
      options,
      () => undefined,
      keySettings(call),
    );
    return {
      document: reply,
      present: (page) => {
        page.line(
          `Written from backup ${reply.backup}: ${reply.file} (${page.size(reply.sizeBytes)}, encrypted).`,
        );
        page.line(`Give it back with: firstlight vault restore-file ${reply.sha256} ${reply.file}`);
      },
    };
  },
};

export const backupCommands: readonly Command[] = [
  createCommand,
  listCommand,
  verifyCommand,
  pruneCommand,
  extractCommand,
];

function rowsOf(manifest: BackupFacts): number {
  return Object.values(manifest.database.tables).reduce((sum, rows) => sum + rows, 0);
}
