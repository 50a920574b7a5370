import type { EvidenceKeyItem, EvidenceKeyListReply, ResealRunItem } from '#contract/vault';
import type { Command, CommandGroup } from '../command.ts';
import { runFacts, watchRun } from '../watch-run.ts';

export const keysGroup: CommandGroup = {
  name: 'keys',
  summary: 'The keys that evidence is sealed under',
};

const backUp =
  'Back the key file up now, apart from the evidence: without its newest key nothing sealed from here on can be read.';

export const keysCommands: readonly Command[] = [
  {
    name: 'keys list',
    summary: 'Shows the keys by id, what is sealed under each, and how far a rotation is',
    examples: [{ line: 'firstlight keys list', does: 'never shows the keys themselves' }],
    run: async (call) => {
      const reply = await call.bureau.get<EvidenceKeyListReply>('/v1/desk/keys');
      return {
        document: reply,
        present: (page) => {
          page.table<EvidenceKeyItem>(
            [
              { title: 'Key', cell: (item) => item.id, isFlexible: true },
              { title: 'Kept in', cell: (item) => (item.kind === 'kms' ? 'key service' : 'key file') },
              {
                title: 'Made',
                cell: (item) => (item.madeAt === undefined ? undefined : page.time(item.madeAt)),
              },
              { title: 'State', cell: stateOf },
              { title: 'Files', cell: (item) => item.files, isNumber: true },
              { title: 'Size', cell: (item) => page.size(item.sizeBytes), isNumber: true },
              { title: 'Set aside', cell: (item) => item.setAside, isNumber: true },
            ],
            reply.items,
            'There is no key yet.',
          );
          if (reply.rotation === undefined) return;
          page.heading('Rotation');
          page.facts(runFacts(reply.rotation, page));
        },
      };
    },
  },
  {
    name: 'keys rotate',
    summary: 'Makes a new key and seals everything again under it',
    more: [
      'New evidence is sealed under the new key at once. What stands is sealed again in the background; it stays readable all the time.',
      'With a key service, the configured key takes the place of older ones.',
      `${backUp}`,
    ],
    options: [{ name: 'wait', summary: 'shows progress until everything is sealed under the new key' }],
    examples: [
      { line: 'firstlight keys rotate', does: 'begins, and ends at once' },
      { line: 'firstlight keys rotate --wait', does: 'stays until it is done; ending it stops nothing' },
    ],
    run: async (call) => {
      const started = await call.bureau.post<ResealRunItem>('/v1/desk/keys/rotation', {});
      const run = call.isSet('wait') ? await watchRun(call, started) : started;
      return {
        document: run,
        isBad: run.doneAt !== undefined && (run.leftFiles > 0 || run.problem !== undefined),
        present: (page) => {
          page.facts(runFacts(run, page));
          page.line();
          page.line(run.target.startsWith('arn:') ? 'The key is kept by the key service.' : backUp);
          if (run.doneAt === undefined) page.line('See how far it is with "firstlight keys list".');
        },
      };
    },
  },
  {
    name: 'keys retire',
    summary: 'Takes away a key that nothing is sealed under any more',
    more: [
      'Refused while a single file stands under it, damaged ones included.',
      'Backups made before the rotation still need the key: keep the key file that belongs to them as long as them.',
    ],
    arguments: [{ name: 'KEY', summary: 'the id from "firstlight keys list"' }],
    examples: [
      {
        line: 'firstlight keys retire 0b6f3a52-7c1e-4c0b-9c39-0d7a0f6f2f11',
        does: 'after a rotation is done',
      },
    ],
    run: async (call) => {
      const [keyId = ''] = call.arguments;
      const reply = await call.bureau.post<EvidenceKeyListReply>('/v1/desk/keys/retirement', { keyId });
      return {
        document: reply,
        present: (page) => {
          page.line(`Nothing is sealed under ${keyId} from now on.`);
          page.line(
            'It leaves the key file within moments; "firstlight keys list" shows when. Then back the key file up anew.',
          );
        },
      };
    },
  },
];

function stateOf(item: EvidenceKeyItem): string {
  if (item.isCurrent) return 'current';
  if (item.removedAt !== undefined) return 'taken away';
  if (item.retiredAt !== undefined) return 'being taken away';
  return 'for reading';
}
