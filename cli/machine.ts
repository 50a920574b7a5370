import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type EnvironmentNames, environmentWith } from './environment.ts';
import { CannotDo } from './failures.ts';

/** What runs on the bureau's own machine, without its server: a part of the bureau that the command line starts. */
export interface Machine {
  /**
   * @param options as text; absent ones are left out
   * @param settings what the part's configuration is to say instead of this process's environment
   * @returns what the part gave at its end
   */
  readonly run: <T>(
    command: string,
    options: Readonly<Record<string, string | undefined>>,
    onProgress: (progress: MachineProgress) => void,
    settings?: EnvironmentNames,
  ) => Promise<T>;
}

export interface MachineProgress {
  readonly phase: string;
  readonly done: number;
  readonly total?: number;
  readonly unit: string;
}

const program = fileURLToPath(new URL('../src/admin.ts', import.meta.url));

/** @param dataFolder the bureau's, which the part is told by its environment */
export function openMachine(dataFolder: string): Machine {
  return {
    run: async <T>(
      command: string,
      options: Readonly<Record<string, string | undefined>>,
      onProgress: (progress: MachineProgress) => void,
      settings: EnvironmentNames = {},
    ): Promise<T> => {
      const child = spawn(process.execPath, [program, command, JSON.stringify(options)], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: environmentWith({ FIRSTLIGHT_DATA: dataFolder, ...settings }),
      });
      const exited = once(child, 'exit') as Promise<[number | null]>;
      let said = '';
      child.stderr.on('data', (chunk: Buffer) => {
        said = `${said}${chunk.toString()}`.slice(-8_000);
      });
      let result: { readonly value: T } | undefined;
      for await (const line of createInterface({
        input: child.stdout,
        crlfDelay: Number.POSITIVE_INFINITY,
      })) {
        const told = JSON.parse(line) as { progress?: MachineProgress; result?: T };
        if (told.progress !== undefined) onProgress(told.progress);
        else result = { value: told.result as T };
      }
      const [status] = await exited;
      if (status === 0 && result !== undefined) return result.value;
      throw new CannotDo(said.trim() || `It ended with status ${status} and no reason: try again.`);
    },
  };
}
