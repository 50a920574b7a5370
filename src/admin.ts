import { once } from 'node:events';
import { type Config, configFromEnvironment, isRunByNpm } from '#platform/config';
import { createLog, type Logger } from '#platform/log';
import { parentsGone } from '#platform/parents';
import { databaseRolesUsage, runDatabaseRoles } from './database-roles-command.ts';
import { type RunningBureau, startBureau, startPart } from './start-bureau.ts';
import { isUpkeepCommand, runUpkeepCommand } from './upkeep-commands.ts';

/**
 * What an administrator runs on the machine itself. `start`: the database, the server and the worker, until told to
 * stop. Other words are how the command line runs what needs no server. Standard output carries what a person or a
 * supervisor reads; the log goes to standard error.
 */
const usage = `Usage: npm start            starts the bureau: database, server, worker and console
       node src/admin.ts start
       node src/admin.ts server | worker     one part alone, on one of several machines
       node src/admin.ts database-roles --help

It listens on HOST:PORT (127.0.0.1:8080) and keeps everything under FIRSTLIGHT_DATA (./data).
Set DATABASE_URL to use an existing PostgreSQL. Everything else is done with: npm run -s firstlight -- --help
`;

/** A terminal and npm may both pass on one Ctrl-C; what comes this soon after the first is the same wish. */
const sameWishMs = 1_500;

const [command, ...rest] = process.argv.slice(2);
if (command === '--help' || command === '-h' || rest.includes('--help')) {
  process.stdout.write(command === 'database-roles' ? databaseRolesUsage : usage);
} else if (command !== undefined && isUpkeepCommand(command)) {
  // What is waited for may hold nothing open by itself, a decoder's answer for one: the process stays until it is there.
  const stay = setInterval(() => {}, 60_000);
  process.exitCode = await runUpkeepCommand(command, rest[0] ?? '').finally(() => clearInterval(stay));
} else if (command === 'database-roles') {
  process.exitCode = await runDatabaseRoles(rest);
} else if (rest.length > 0 || (command !== 'start' && command !== 'server' && command !== 'worker')) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else {
  await start(async (config, log) =>
    command === 'start' ? await startBureau(config, log) : await startPart(config, log, command),
  );
}

async function start(begin: (config: Config, log: Logger) => Promise<RunningBureau>): Promise<void> {
  const config = configFromEnvironment();
  const log = createLog(config.logLevel, 'admin');
  const asked = askedToStop();
  try {
    const bureau = await begin(config, log);
    const stopped = await Promise.race([asked.then(() => undefined), bureau.failed]);
    await bureau.stop();
    if (stopped !== undefined) throw stopped;
  } catch (error) {
    log.debug({ err: error }, 'start');
    process.stderr.write(`Firstlight stopped: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
  // Handles that libraries keep must not hold the terminal.
  process.exit();
}

/** A signal, or the end of whoever started this process with a channel or by npm. A second signal, a while later, ends at once. */
async function askedToStop(): Promise<void> {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const ignore = () => {};
  for (const signal of signals) process.on(signal, ignore);
  await Promise.race([
    ...signals.map((signal) => once(process, signal)),
    once(process, 'disconnect'),
    ...(isRunByNpm() ? [parentsGone()] : []),
  ]);
  setTimeout(() => {
    for (const signal of signals) process.on(signal, () => process.exit(130));
  }, sameWishMs).unref();
}
