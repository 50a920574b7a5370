import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { ask, bad, type Check, ok, warn } from './check.ts';

const hourMs = 3_600_000;
/** A backup each night may be a little late; after a week a lost disk loses a week. Chosen. */
const [freshHours, oldHours] = [36, 7 * 24];

/** Whether people reach the bureau over a connection that nobody else can read. */
export function checkTransport(facts: {
  readonly host: string;
  readonly publicUrl: string | undefined;
}): Check {
  const isLocal = ['127.0.0.1', '::1', 'localhost'].includes(facts.host);
  if (facts.publicUrl?.startsWith('https://') === true)
    return isLocal
      ? ok('transport', `People reach it at ${facts.publicUrl}, and it listens on this machine only.`)
      : warn(
          'transport',
          `It also listens on ${facts.host} without TLS.`,
          'Set HOST=127.0.0.1 where the proxy runs on this machine, or let a firewall admit the proxy only.',
        );
  const todo =
    'Put a proxy with TLS in front and set FIRSTLIGHT_PUBLIC_URL to its https address; docs/operating.md has one to copy.';
  return isLocal
    ? warn('transport', 'Only this machine can reach it, or a proxy that it was not told of.', todo)
    : bad(
        'transport',
        `It listens on ${facts.host} without TLS: passwords and reports can be read on the way.`,
        todo,
      );
}

/** @param newest of the complete backups; undefined where there is none, null where no folder is set */
export function checkBackup(
  newest: { readonly at: Date; readonly holdsKeys: boolean } | undefined | null,
  now: Date,
): readonly Check[] {
  const todo =
    'Run "firstlight backup" every night, to another machine; set FIRSTLIGHT_BACKUP_FOLDER for a point in time.';
  if (newest === null)
    return [
      ask(
        'backup',
        'FIRSTLIGHT_BACKUP_FOLDER is not set, so it cannot be told when the last backup was.',
        todo,
      ),
      keysElsewhere(false),
    ];
  if (newest === undefined)
    return [bad('backup', 'There is no complete backup.', todo), keysElsewhere(false)];
  const hours = Math.round((now.getTime() - newest.at.getTime()) / hourMs);
  const says = `The newest complete backup is ${hours} hours old.`;
  const age =
    hours <= freshHours
      ? ok('backup', says)
      : hours <= oldHours
        ? warn('backup', says, todo)
        : bad('backup', says, todo);
  return [age, keysElsewhere(newest.holdsKeys)];
}

function keysElsewhere(isInBackup: boolean): Check {
  return ask(
    'key-copies',
    isInBackup
      ? 'The keys are in the backup, which itself needs the backup key.'
      : 'Nothing says that a copy of the keys is kept elsewhere.',
    'Make sure that a copy of keys/backup.key and keys/evidence.key lies in a safe on another site: without them nothing can ever be read.',
  );
}

/** What holds a picture that takes over its decoder. */
export function checkDecoder(facts: {
  readonly level: 'bubblewrap' | 'namespaces' | 'process';
  readonly says: string;
  readonly todo?: string;
}): Check {
  if (facts.todo === undefined) return ok('decoder', facts.says);
  return facts.level === 'process'
    ? bad('decoder', facts.says, facts.todo)
    : warn('decoder', facts.says, facts.todo);
}

/** Films are not taken apart by this release, so nothing is missing without it. */
export async function checkFilms(path: string): Promise<Check> {
  const isThere = await Promise.all(
    path.split(delimiter).map((folder) =>
      access(join(folder, 'ffmpeg'), constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return ok(
    'ffmpeg',
    isThere.includes(true)
      ? 'ffmpeg is there; this release does not sample films with it.'
      : 'ffmpeg is not there; this release does not sample films.',
  );
}
