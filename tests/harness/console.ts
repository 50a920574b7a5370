import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a run of all tests says which built console to serve. */
export const consoleVariable = 'TEST_CONSOLE_FOLDER';

/**
 * Puts the console that the run built into a new data folder, so that a bureau started there need not build its own.
 * Does nothing for a test file that is run alone: then the bureau builds one.
 */
export async function provideConsole(dataFolder: string): Promise<void> {
  const built = process.env[consoleVariable];
  if (built === undefined) return;
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  await symlink(built, join(dataFolder, 'console'));
}
