import { open } from 'node:fs/promises';
import type { LetGoReply, ResealRunItem, RestoredReply, VaultReply } from '#contract/vault';
import type { Command, CommandGroup } from '../command.ts';
import { CannotDo } from '../failures.ts';
import type { Page } from '../page.ts';
import { runFacts, watchRun } from '../watch-run.ts';

export const vaultGroup: CommandGroup = {
  name: 'vault',
  summary: 'Where evidence stands, and what was found damaged',
};

export const vaultCommands: readonly Command[] = [
  {
    name: 'vault status',
    summary: 'Shows how much stands where, what is damaged, and what is on its way',
    examples: [{ line: 'firstlight vault status', does: 'stores, verification, copies set aside, runs' }],
    run: async (call) => {
      const reply = await call.bureau.get<VaultReply>('/v1/desk/vault');
      return { document: reply, present: (page) => presentStatus(reply, page) };
    },
  },
  {
    name: 'vault move',
    summary: 'Moves all evidence to the store that new evidence goes to',
    more: [
      'Set FIRSTLIGHT_STORE first and start every process anew. Each file is read back whole in its new place before the old copy goes.',
      'The bureau goes on working meanwhile. Ending this command stops nothing; whatever stops the bureau, it continues.',
    ],
    options: [
      {
        name: 'to',
        value: 'STORE',
        choices: ['local', 's3'],
        isRequired: true,
        summary: 'which kind of store',
      },
      { name: 'background', summary: 'ends at once and leaves the work to the bureau' },
    ],
    examples: [
      { line: 'firstlight vault move --to s3', does: 'from the local folder to the object store' },
      { line: 'firstlight vault move --to local --background', does: 'and back, without watching' },
    ],
    run: async (call) => {
      const started = await call.bureau.post<ResealRunItem>('/v1/desk/vault/move', { to: call.option('to') });
      const run = call.isSet('background') ? started : await watchRun(call, started);
      return {
        document: run,
        isBad: run.leftFiles > 0,
        present: (page) => {
          page.facts(runFacts(run, page));
          if (run.doneAt === undefined) page.line('See how far it is with "firstlight vault status".');
        },
      };
    },
  },
  {
    name: 'vault restore-file',
    summary: 'Gives a damaged or lost file its bytes back, from a sealed copy',
    more: [
      'The copy is a sealed file as it stood in the evidence store. It is taken only if it is whole and holds exactly these bytes.',
      'The damaged copy is set aside; let it go when nobody needs it any more.',
    ],
    arguments: [
      { name: 'SHA256', summary: 'which file, from "firstlight verify" or "firstlight attention list"' },
      { name: 'FILE', summary: 'the sealed copy, from a backup' },
    ],
    examples: [
      {
        line: `firstlight vault restore-file ${'4b'.repeat(32)} /backup/4/b/4b4b…`,
        does: 'from the folder of a backup',
      },
    ],
    run: async (call) => {
      const [sha256 = '', path = ''] = call.arguments;
      const handle = await open(path, 'r').catch((cause: unknown) => {
        throw new CannotDo(`The file ${path} cannot be read: check its name and whose it is.`, { cause });
      });
      try {
        const { size } = await handle.stat();
        const reply = await call.bureau.putBytes<RestoredReply>(
          `/v1/desk/vault/files/${encodeURIComponent(sha256)}`,
          handle.createReadStream({ autoClose: false }),
          size,
        );
        return {
          document: reply,
          present: (page) => {
            page.line(
              `Restored: ${reply.sha256}, ${page.size(reply.sizeBytes)}. It is read once more by a job.`,
            );
            page.line(`When nobody needs the damaged copy: firstlight vault let-go ${reply.sha256}`);
          },
        };
      } finally {
        await handle.close();
      }
    },
  },
  {
    name: 'vault let-go',
    summary: 'Removes the damaged copies of a file that is sound again',
    arguments: [{ name: 'SHA256', summary: 'which file, from "firstlight vault status"' }],
    examples: [{ line: `firstlight vault let-go ${'4b'.repeat(32)}`, does: 'after it was looked into' }],
    run: async (call) => {
      const [sha256 = ''] = call.arguments;
      const reply = await call.bureau.post<LetGoReply>(
        `/v1/desk/vault/files/${encodeURIComponent(sha256)}/let-go`,
        {},
      );
      return {
        document: reply,
        present: (page) =>
          page.line(`Damaged copies let go: ${reply.copies}. They are removed within minutes.`),
      };
    },
  },
];

function presentStatus(reply: VaultReply, page: Page): void {
  const { days, damaged, unread, oldest } = reply.verification;
  page.facts([
    ['New evidence goes to', reply.store],
    ['Damaged files', damaged],
    ['Not read back yet', unread],
    ['Read longest ago', oldest === undefined ? undefined : page.time(oldest)],
    ['Every file is read within', `${days} days`],
  ]);
  page.line();
  page.table(
    [
      { title: 'Store', cell: (item) => item.id, isFlexible: true },
      { title: 'Files', cell: (item) => item.files, isNumber: true },
      { title: 'Size', cell: (item) => page.size(item.sizeBytes), isNumber: true },
    ],
    reply.stores,
    'Nothing is sealed yet.',
  );
  if (reply.setAside.length > 0) {
    page.heading('Damaged copies set aside');
    page.table(
      [
        { title: 'SHA-256', cell: (item) => item.sha256 },
        { title: 'Since', cell: (item) => page.time(item.since) },
        { title: 'Reason', cell: (item) => item.reason, isFlexible: true },
      ],
      reply.setAside,
      '',
    );
  }
  const [latest] = reply.runs;
  if (latest === undefined) return;
  page.heading(latest.kind === 'rotate' ? 'Latest rotation' : 'Latest move');
  page.facts(runFacts(latest, page));
}
