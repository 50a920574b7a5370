import { statfs } from 'node:fs/promises';
import type { UpgradeItem, UpgradeReply } from '#contract/upkeep';
import type { Database, MigrationStanding } from '#platform/postgres';
import type { ListedBackup } from './list-backups.ts';

export interface UpgradeFacts {
  readonly version: string;
  /** Faults of the configuration, each a sentence: settings that this release no longer takes are among them. */
  readonly configFaults: readonly string[];
  readonly postgres:
    | { readonly kind: 'built-in'; readonly cluster: string; readonly brought: string }
    | { readonly kind: 'server'; readonly version: string; readonly needed: number };
  /** Absent where the database cannot be asked. */
  readonly migrations: MigrationStanding | undefined;
  readonly databaseBytes: number | undefined;
  readonly freeBytes: number;
  readonly backups: readonly ListedBackup[] | undefined;
  readonly now: Date;
}

/** Says in plain words what starting this release would change on a bureau, and what has to be done before. Pure. */
export function upgradeReport(facts: UpgradeFacts): UpgradeReply {
  const items = [
    versionItem(facts),
    postgresItem(facts),
    ...migrationItems(facts),
    ...settingItems(facts),
    diskItem(facts),
    backupItem(facts),
  ];
  return { isFine: items.every(({ state }) => state !== 'act'), items };
}

function versionItem({ version, migrations }: UpgradeFacts): UpgradeItem {
  if (migrations === undefined)
    return {
      subject: 'version',
      state: 'note',
      sentence: `This is Firstlight ${version}. The database cannot be asked yet.`,
    };
  const { applied, pending } = migrations;
  return {
    subject: 'version',
    state: 'fine',
    sentence: `This is Firstlight ${version}; the database has ${applied} of its ${applied + pending.length} migrations.`,
  };
}

function postgresItem({ postgres }: UpgradeFacts): UpgradeItem {
  if (postgres.kind === 'built-in') {
    const { cluster, brought } = postgres;
    if (cluster === brought)
      return {
        subject: 'postgresql',
        state: 'fine',
        sentence: `The built-in database stays PostgreSQL ${cluster}.`,
      };
    return {
      subject: 'postgresql',
      state: 'act',
      sentence: `The built-in database is PostgreSQL ${cluster}, and this release brings ${brought}, which cannot read it. With the release before, run "firstlight backup"; with this one, run "firstlight restore --to" an empty folder and go on there.`,
    };
  }
  const { version, needed } = postgres;
  const isOld = Number.parseInt(version, 10) < needed;
  return {
    subject: 'postgresql',
    state: isOld ? 'act' : 'fine',
    sentence: isOld
      ? `The database server is PostgreSQL ${version}; Firstlight needs ${needed} or newer. Upgrade the server first.`
      : `The database server is PostgreSQL ${version}, which will do.`,
  };
}

function migrationItems({ migrations }: UpgradeFacts): readonly UpgradeItem[] {
  if (migrations === undefined) return [];
  const { pending, unknown, edited } = migrations;
  const wrong: UpgradeItem[] = [
    ...unknown.map(
      (name) =>
        `${name} was applied to this database and is not in this release. Run the release that made it, or a newer one.`,
    ),
    ...edited.map(
      (name) => `${name} differs from what was applied to this database. Install this release again.`,
    ),
  ].map((sentence) => ({ subject: 'migrations', state: 'act', sentence }));
  if (pending.length === 0 && wrong.length === 0)
    return [{ subject: 'migrations', state: 'fine', sentence: 'The schema stays as it is.' }];
  return [
    ...wrong,
    ...pending.map(({ name, what, isBreaking }): UpgradeItem => {
      const effect = isBreaking
        ? 'Stop every process of the release before it first.'
        : 'Processes of the release before it can go on beside it.';
      return { subject: 'migrations', state: 'note', sentence: `${name} will run: ${what} ${effect}` };
    }),
  ];
}

function settingItems({ configFaults }: UpgradeFacts): readonly UpgradeItem[] {
  if (configFaults.length === 0)
    return [{ subject: 'settings', state: 'fine', sentence: 'This release takes every setting as it is.' }];
  return configFaults.map((sentence) => ({ subject: 'settings', state: 'act', sentence }));
}

/** A migration may write a table anew, beside the old one, and the log of that as well. */
const roomForTables = 2;
const leastFreeBytes = 1_000_000_000;

function diskItem({ freeBytes, databaseBytes, postgres, migrations }: UpgradeFacts): UpgradeItem {
  const isHere = postgres.kind === 'built-in' && (migrations?.pending.length ?? 0) > 0;
  const needed = Math.max(leastFreeBytes, isHere ? (databaseBytes ?? 0) * roomForTables : 0);
  const sentence = `${gigabytes(freeBytes)} GB are free where the data folder is`;
  return freeBytes >= needed
    ? { subject: 'disk', state: 'fine', sentence: `${sentence}, which is enough.` }
    : {
        subject: 'disk',
        state: 'act',
        sentence: `${sentence}, and ${gigabytes(needed)} GB may be needed. Make room first.`,
      };
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}

const freshHours = 24;

function backupItem({ backups, now, migrations }: UpgradeFacts): UpgradeItem {
  const subject = 'backup';
  const changes = (migrations?.pending.length ?? 1) > 0;
  const state = changes ? 'act' : 'note';
  if (backups === undefined)
    return {
      subject,
      state,
      sentence:
        'No folder for backups is known. Set FIRSTLIGHT_BACKUP_FOLDER, or name it with --from, and run "firstlight backup".',
    };
  const newest = backups.find((backup) => backup.state === 'complete')?.manifest;
  if (newest === undefined)
    return { subject, state, sentence: 'There is no complete backup. Run "firstlight backup" first.' };
  const hours = (now.getTime() - Date.parse(newest.database.snapshotAt)) / 3_600_000;
  const age = hours < 1 ? 'less than an hour' : `${Math.floor(hours)} hours`;
  return hours <= freshHours
    ? { subject, state: 'fine', sentence: `The newest backup, ${newest.id}, is ${age} old.` }
    : {
        subject,
        state,
        sentence: `The newest backup, ${newest.id}, is ${age} old. Run "firstlight backup" first.`,
      };
}

export async function freeBytesAt(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

export async function databaseBytes(db: Database): Promise<number> {
  const { rows } = await db.pool.query<{ size: string }>(
    'select pg_database_size(current_database())::text as size',
  );
  return Number(rows[0]?.size ?? 0);
}
