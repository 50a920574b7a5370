import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The data folder of a demonstration. The bureau reads the mark when it starts, and never takes it for a real one. */
const mark = 'demonstration';
const markText =
  'This data folder holds a demonstration: everything in it is invented. npm run demo -- --fresh deletes it.\n';

/** Thrown with one sentence that says what to do. */
export class DemoTrouble extends Error {
  override readonly name = 'DemoTrouble';
}

/**
 * Makes the folder a demonstration, or finds that it is one.
 * @param fresh deletes what an earlier demonstration left, and nothing else
 * @throws DemoTrouble when the folder holds something else, or a bureau runs on it
 */
export async function settleFolder(folder: string, fresh: boolean): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const names = await readdir(folder);
  const isMarked = names.includes(mark);
  if (names.length > 0 && !isMarked) {
    throw new DemoTrouble(
      `${folder} is not a demonstration, so nothing was touched. Set FIRSTLIGHT_DATA to another folder for the demo.`,
    );
  }
  await refuseRunning(folder);
  // The mark stays until the end: half deleted, the folder is still known as a demonstration.
  if (fresh)
    for (const name of names)
      if (name !== mark) await rm(join(folder, name), { recursive: true, force: true });
  if (!isMarked) await writeFile(join(folder, mark), markText, { mode: 0o600 });
  await mkdir(join(folder, 'demo'), { recursive: true, mode: 0o700 });
}

async function refuseRunning(folder: string): Promise<void> {
  const address = await readJson<{ url: string; pid: number }>(join(folder, 'bureau.json'));
  if (address === undefined) return;
  const answer = await fetch(`${address.url}/health/live`, { signal: AbortSignal.timeout(2000) }).catch(
    () => undefined,
  );
  if (answer?.ok !== true) return;
  throw new DemoTrouble(
    `A bureau runs on ${folder} already, at ${address.url} (process ${address.pid}). Stop it, or set FIRSTLIGHT_DATA to another folder.`,
  );
}

/** What a demonstration remembers from one run to the next. */
export interface DemoState {
  /** How many days were begun. */
  day: number;
  /** By service key: its id at the bureau and its credential. */
  services: Record<string, { id: string; username: string; password: string }>;
}

const stateFile = ['demo', 'services.json'] as const;

export async function readState(folder: string): Promise<DemoState> {
  return (await readJson<DemoState>(join(folder, ...stateFile))) ?? { day: 0, services: {} };
}

export async function writeState(folder: string, state: DemoState): Promise<void> {
  const path = join(folder, ...stateFile);
  await writeFile(`${path}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

export async function readJson<T>(path: string): Promise<T | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
