import type { FingerprintLine } from '#contract/fingerprint';
import type { Command } from '../command.ts';
import { CannotDo } from '../failures.ts';

export const fingerprintCommands: readonly Command[] = [
  {
    name: 'fingerprint',
    summary: 'Has the files fingerprinted that are not yet, or all of them again',
    more: [
      'The workers do it; progress goes to standard error. Nothing stops when you stop looking: run it again to go on',
      'looking. What cannot be decoded stands under "firstlight attention list" with its reason.',
    ],
    options: [{ name: 'all', summary: 'every file again, for example after an upgrade of the decoder' }],
    examples: [
      { line: 'firstlight fingerprint', does: 'what is missing' },
      { line: 'firstlight fingerprint --all', does: 'everything again' },
    ],
    run: async (call) => {
      const scope = call.isSet('all') ? 'all' : 'missing';
      const startedMs = performance.now();
      let last: FingerprintLine | undefined;
      await call.bureau.postForLines<FingerprintLine>('/v1/desk/fingerprints', { scope }, (line) => {
        last = line;
        call.progress(progressText(line, performance.now() - startedMs));
      });
      if (last?.done !== true) {
        throw new CannotDo(
          'The bureau stopped telling before the run was done: look at its log, then run "firstlight fingerprint" again. The run goes on.',
        );
      }
      const { done: _, isWaiting: __, ...facts } = last;
      return {
        document: facts,
        present: (page) => {
          page.line(`${facts.files} files, ${page.size(facts.sizeBytes)}; ${facts.hashed} pictures hashed.`);
          if (facts.unreadable > 0)
            page.line(`${facts.unreadable} could not be decoded: see "firstlight attention list".`);
          if (facts.leftOut > 0) page.line(`${facts.leftOut} were damaged or destroyed meanwhile.`);
        },
      };
    },
  },
];

function progressText(line: FingerprintLine, elapsedMs: number): string {
  if (line.isWaiting && !line.done) return 'Waits for a worker';
  const share = line.total === 0 ? 100 : Math.floor((line.files / line.total) * 100);
  const rate = elapsedMs > 0 ? (line.files / elapsedMs) * 1000 : 0;
  return `${line.files} of ${line.total} files (${share} %), ${rate.toFixed(1)} a second`;
}
