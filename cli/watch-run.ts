import { setTimeout as sleep } from 'node:timers/promises';
import type { ResealRunItem, VaultReply } from '#contract/vault';
import type { Call } from './command.ts';
import { CannotDo } from './failures.ts';
import type { Page } from './page.ts';

const pauseMs = 500;

/** Follows a run until it is done, with a line of progress. Nothing stops when whoever watches goes away. */
export async function watchRun(call: Call, started: ResealRunItem): Promise<ResealRunItem> {
  for (;;) {
    const { runs } = await call.bureau.get<VaultReply>('/v1/desk/vault');
    const run = runs.find(({ id }) => id === started.id);
    if (run === undefined)
      throw new CannotDo('The bureau no longer knows of this run: see "firstlight vault status".');
    call.progress(progressText(run));
    if (run.doneAt !== undefined) return run;
    await sleep(pauseMs);
  }
}

function progressText(run: ResealRunItem): string {
  const total = Math.max(run.totalFiles, run.files);
  const share =
    run.totalBytes === 0 ? 100 : Math.min(100, Math.floor((run.sizeBytes / run.totalBytes) * 100));
  const bar = '█'.repeat(Math.floor(share / 5)).padEnd(20, '░');
  const waits = run.stepAt === undefined && run.doneAt === undefined ? ', waits for a worker' : '';
  const trouble = run.problem === undefined ? '' : `, ${run.problem}`;
  return `${bar} ${share} %, ${run.files} of ${total} files${waits}${trouble}`;
}

export function runFacts(
  run: ResealRunItem,
  page: Page,
): readonly (readonly [string, string | number | undefined])[] {
  return [
    [run.kind === 'rotate' ? 'New key' : 'To', run.target],
    ['Asked', page.time(run.askedAt)],
    [
      'Sealed again',
      `${run.files} of ${Math.max(run.totalFiles, run.files)} files, ${page.size(run.sizeBytes)}`,
    ],
    ['Left', run.leftFiles === 0 ? undefined : `${run.leftFiles} damaged files; restore them from backup`],
    ['Problem', run.problem],
    ['Done', run.doneAt === undefined ? 'not yet' : page.time(run.doneAt)],
  ];
}
