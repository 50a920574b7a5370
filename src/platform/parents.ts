import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** How often it is looked whether whoever started this process still runs. */
const everyMs = 1_000;

/**
 * Resolves when the process that started this one, or the one that started that, is gone. npm puts a shell between
 * itself and what it runs: a signal to npm ends both and reaches nobody else, and a killed npm says nothing at all.
 * The grandparent is known on Linux only.
 */
export async function parentsGone(): Promise<void> {
  const parent = process.ppid;
  const grandparent = await parentOf(parent);
  for (;;) {
    await sleep(everyMs, undefined, { ref: false });
    if (process.ppid !== parent) return;
    if (grandparent !== undefined && (await parentOf(parent)) !== grandparent) return;
  }
}

async function parentOf(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name in brackets may hold anything; the state and the parent follow the last bracket.
  const found = /^ \S (\d+) /.exec(stat.slice(stat.lastIndexOf(')') + 1))?.[1];
  return found === undefined ? undefined : Number(found);
}
