import { bad, type Check } from './check.ts';
import { checkDatabase } from './database.ts';
import { checkFiles } from './files.ts';
import { checkMachine } from './machine.ts';
import { checkBackup, checkDecoder, checkFilms, checkTransport } from './surroundings.ts';

export type { Check } from './check.ts';

/** Everything that protects this bureau, and what is missing. Changes nothing. */
export async function examine(facts: {
  readonly machine: Parameters<typeof checkMachine>[0];
  readonly files: Parameters<typeof checkFiles>[0];
  readonly transport: Parameters<typeof checkTransport>[0];
  readonly backup: Parameters<typeof checkBackup>[0];
  readonly now: Date;
  readonly decoder: Parameters<typeof checkDecoder>[0];
  /** The search path for programs. */
  readonly path: string;
  /** Undefined where the database does not answer, with the reason. */
  readonly database: readonly [...Parameters<typeof checkDatabase>] | { readonly trouble: string };
}): Promise<readonly Check[]> {
  const database =
    'trouble' in facts.database
      ? [noDatabase(facts.database.trouble)]
      : await checkDatabase(...facts.database).catch((error: unknown) => [
          noDatabase(error instanceof Error ? error.message : String(error)),
        ]);
  return [
    ...(await checkMachine(facts.machine)),
    ...(await checkFiles(facts.files)),
    checkTransport(facts.transport),
    ...checkBackup(facts.backup, facts.now),
    ...database,
    checkDecoder(facts.decoder),
    await checkFilms(facts.path),
  ];
}

function noDatabase(trouble: string): Check {
  return bad(
    'database',
    `The database cannot be looked at: ${trouble}`,
    'Start the bureau, or correct DATABASE_URL.',
  );
}
