import { readdir, readFile } from 'node:fs/promises';

/** The number of the process that runs `script` below `ancestor`, on Linux; undefined elsewhere or when there is none. */
export async function processBelow(ancestor: number, script: string): Promise<number | undefined> {
  const numbers = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = new Map<number, number>();
  for (const pid of numbers) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    parents.set(pid, Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0));
  }
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid) ?? 0;
    return parent === ancestor || (parent > 1 && isBelow(parent));
  };
  for (const pid of numbers.filter(isBelow)) {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (words.some((word) => word.endsWith(script))) return pid;
  }
  return undefined;
}

/** Most memory that a process ever held resident, in MB (VmHWM of proc_pid_status(5)). */
export async function peakMemoryMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kibibytes = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
  if (kibibytes === undefined) throw new Error('this system does not say how much memory a process held');
  return (Number(kibibytes) * 1024) / 1_000_000;
}

/** Memory that a process holds resident now, in MB (VmRSS of proc_pid_status(5)). */
export async function memoryMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
  if (kibibytes === undefined) throw new Error('this system does not say how much memory a process holds');
  return (Number(kibibytes) * 1024) / 1_000_000;
}

/** Ticks in a second: USER_HZ, which Linux shows to programs on every machine (proc_pid_stat(5)). */
const ticksPerSecond = 100;

/** Time of the processors that a process and everything below it took so far, ended children included, in seconds. */
export async function cpuSecondsBelow(ancestor: number): Promise<number> {
  const numbers = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = new Map<number, { readonly parent: number; readonly ticks: number }>();
  for (const pid of numbers) {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // The name may hold anything, brackets included.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at] ?? 0), 0);
    if (fields.length > 14) found.set(pid, { parent: Number(fields[1]), ticks });
  }
  const isBelow = (pid: number): boolean => {
    const parent = found.get(pid)?.parent ?? 0;
    return pid === ancestor || (parent > 1 && isBelow(parent));
  };
  const ticks = [...found].reduce((sum, [pid, each]) => sum + (isBelow(pid) ? each.ticks : 0), 0);
  return ticks / ticksPerSecond;
}
