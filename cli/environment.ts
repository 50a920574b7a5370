import { resolve } from 'node:path';

/** What the machine and the terminal say; the only file of the command line that reads the environment. */
export interface Surroundings {
  /** Folder of the bureau, absolute: FIRSTLIGHT_DATA or ./data, as the bureau itself has it. */
  readonly dataFolder: string;
  /** Characters in a line; undefined where nobody looks, so nothing is cut. */
  readonly columns: number | undefined;
  readonly isColourful: boolean;
  readonly isProgressShown: boolean;
  /** IANA name; undefined means the machine's own. */
  readonly timeZone: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;
interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** @param env defaults to the process's own; NO_COLOR is honoured as https://no-color.org says: set and not empty */
export function readSurroundings(
  env: Environment = process.env,
  stdout: Terminal = process.stdout,
  stderr: Terminal = process.stderr,
): Surroundings {
  const isTerminal = stdout.isTTY === true;
  const asked = Number(env.COLUMNS);
  const columns = Number.isInteger(asked) && asked > 0 ? asked : stdout.columns;
  return {
    dataFolder: resolve(env.FIRSTLIGHT_DATA || './data'),
    columns: isTerminal ? columns : undefined,
    isColourful: isTerminal && !env.NO_COLOR && env.TERM !== 'dumb',
    isProgressShown: stderr.isTTY === true,
    timeZone: undefined,
  };
}

export type EnvironmentNames = Readonly<Record<string, string | undefined>>;

/** This process's environment for a part of the bureau that it starts, with some names set to something else. */
export function environmentWith(names: EnvironmentNames): NodeJS.ProcessEnv {
  const set = Object.entries(names).filter(([, value]) => value !== undefined);
  return { ...process.env, ...Object.fromEntries(set) };
}

/** Folders in which programs are looked for. */
export function searchPath(env: Environment = process.env): string {
  return env.PATH ?? '';
}
