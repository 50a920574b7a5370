import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Ends the server (fast shutdown) when the process that started it dies, even by SIGKILL. Linux only. */
const endWithParent = ['setpriv', '--pdeathsig', 'INT', '--'];

/**
 * PostgreSQL refuses uid 0. Inside a user namespace the same files are seen as belonging to an ordinary uid, so it
 * runs wherever root's files may be. A convenience for development, not isolation: outside it still is root, so
 * whoever starts a bureau is told to use an ordinary user.
 */
const asOrdinaryUser = ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--'];

/**
 * What to put in front of the server's command line on this machine; each part only where it works.
 * @throws Error when run as root where user namespaces are not allowed.
 */
export async function launchPrefix(): Promise<readonly string[]> {
  const ending = (await works(endWithParent)) ? endWithParent : [];
  if (process.getuid?.() !== 0) return ending;
  if (!(await works(asOrdinaryUser))) {
    throw new Error(
      'PostgreSQL refuses to run as root, and this machine does not allow user namespaces (unshare --user). ' +
        'Run Firstlight as an ordinary user, or set DATABASE_URL to a PostgreSQL 18 server.',
    );
  }
  return [...asOrdinaryUser, ...ending];
}

async function works(prefix: readonly string[]): Promise<boolean> {
  const [command, ...args] = [...prefix, 'true'];
  return run(command ?? 'true', args).then(
    () => true,
    () => false,
  );
}
