import type { VerificationLine } from '#contract/administration';
import type { Command } from '../command.ts';
import { CannotDo } from '../failures.ts';

export const verifyCommands: readonly Command[] = [
  {
    name: 'verify',
    summary: 'Reads every sealed file and checks it against its seal',
    more: [
      'Takes as long as reading all evidence does; progress goes to standard error.',
      'Exit status 1 when anything is damaged; each damaged file is listed with its reason.',
    ],
    examples: [
      { line: 'firstlight verify', does: 'before and after moving a bureau, and once a month' },
      { line: 'firstlight verify --json', does: 'for a scheduled check' },
    ],
    run: async (call) => {
      const damaged = new Map<string, string>();
      let last: VerificationLine | undefined;
      await call.bureau.postForLines<VerificationLine>('/v1/desk/verification', {}, (line) => {
        last = line;
        for (const { sha256, reason } of line.damaged) damaged.set(sha256, reason);
        call.progress(progressText(line, damaged.size));
      });
      if (last?.done !== true) {
        throw new CannotDo(
          'The bureau stopped before every seal was checked: look at its log, then run "firstlight verify" again.',
        );
      }
      const items = [...damaged].map(([sha256, reason]) => ({ sha256, reason }));
      const { checked, total, sizeBytes } = last;
      return {
        document: { checked, total, sizeBytes, damaged: items },
        isBad: items.length > 0,
        present: (page) => {
          page.line(`${checked} of ${total} sealed files checked, ${page.size(sizeBytes)}.`);
          if (items.length === 0) {
            page.line('Every one matches its seal.');
            return;
          }
          page.line(
            `Damaged: ${items.length}. Restore these files from a backup; do not delete what is there.`,
          );
          page.line();
          page.table(
            [
              { title: 'SHA-256', cell: (item) => item.sha256 },
              { title: 'Reason', cell: (item) => item.reason },
            ],
            items,
            '',
          );
        },
      };
    },
  },
];

function progressText(line: VerificationLine, damaged: number): string {
  const share = line.total === 0 ? 100 : Math.floor((line.checked / line.total) * 100);
  const trouble = damaged === 0 ? '' : `, ${damaged} damaged`;
  return `${line.checked} of ${line.total} checked (${share} %)${trouble}`;
}
