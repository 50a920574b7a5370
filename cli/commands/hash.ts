import type { Command } from '../command.ts';
import { searchPath } from '../environment.ts';
import { hashFiles } from '../hash-files.ts';

export const hashCommands: readonly Command[] = [
  {
    name: 'hash',
    summary: 'Hashes files on this machine: MD5, SHA-1, SHA-256 and, of pictures, PDQ',
    more: [
      'Needs no running bureau, sends nothing anywhere and writes nothing. Pictures are decoded in processes of their own.',
      'With --json: a list in the order of the files. "pdqOrientations" has eight hashes by the names of the published',
      'vectors; what cannot be decoded has "error" instead of "pdq". Transparent pictures are hashed as seen on white.',
      'Exit status 1 when a file could not be read at all.',
    ],
    arguments: [{ name: 'FILE', isRepeatable: true, summary: 'a file; several may be named' }],
    examples: [
      { line: 'firstlight hash picture.jpg', does: 'one file' },
      { line: 'firstlight hash --json folder/*', does: 'many, for a program' },
    ],
    run: async (call) => {
      const startedMs = performance.now();
      const speed = ({ files, sizeBytes }: { files: number; sizeBytes: number }): string => {
        const seconds = (performance.now() - startedMs) / 1000;
        const each = files / seconds;
        const rate = each >= 10 ? each.toFixed(0) : each.toFixed(1);
        return `${(sizeBytes / 1e6).toFixed(1)} MB in ${seconds.toFixed(2)} s, ${rate} files a second`;
      };
      const { items, sizeBytes, unread } = await hashFiles(call.arguments, searchPath(), (progress) =>
        call.progress(`${progress.files} of ${call.arguments.length} files, ${speed(progress)}`),
      );
      const hashed = items.filter(({ pdq }) => pdq !== undefined).length;
      call.progress(
        `${items.length} ${items.length === 1 ? 'file' : 'files'}, ${hashed} with PDQ: ${speed({ files: items.length, sizeBytes })}`,
      );
      return {
        document: items,
        isBad: unread > 0,
        present: (page) => {
          for (const item of items) {
            page.heading(item.file);
            page.facts([
              ['Media type', item.mediaType],
              ['MD5', item.md5],
              ['SHA-1', item.sha1],
              ['SHA-256', item.sha256],
              ['PDQ', item.pdq],
              ['Quality', qualityText(item.pdqQuality)],
              ['Partial', item.isPartial ? 'part of the picture is missing' : undefined],
              ['Not hashed', item.error],
            ]);
          }
        },
      };
    },
  },
];

/** Below this a near match says nothing (PDQ's own advice; `/pdq/README.md` of ThreatExchange). */
const leastQuality = 50;

function qualityText(quality: number | undefined): string | undefined {
  if (quality === undefined) return undefined;
  return quality < leastQuality ? `${quality}, too flat to be matched` : `${quality}`;
}
