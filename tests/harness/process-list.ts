import { readdir, readFile } from 'node:fs/promises';

export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Every live process below `pid`, its children's children included. Linux only. */
export async function descendantsOf(pid: number): Promise<readonly Process[]> {
  const all = await processes();
  const found: Process[] = [];
  for (let parents = new Set([pid]); parents.size > 0; ) {
    const next = all.filter((one) => parents.has(one.parent));
    found.push(...next);
    parents = new Set(next.map((one) => one.pid));
  }
  return found;
}

/** Every live process whose command line names `text`. */
export async function processesNaming(text: string): Promise<readonly Process[]> {
  return (await processes()).filter((one) => one.command.includes(text) && one.pid !== process.pid);
}

async function processes(): Promise<readonly Process[]> {
  const found: Process[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => undefined);
    const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    const [, state, parent] = /\) (\S) (\d+)/.exec(stat ?? '') ?? [];
    // A killed child may stay a zombie for a while; it runs no more.
    if (stat === undefined || state === 'Z') continue;
    found.push({ pid: Number(name), parent: Number(parent), command: command.replaceAll('\0', ' ') });
  }
  return found;
}
