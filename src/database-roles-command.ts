import { tableGrants } from '#access';
import { readAddress } from '#platform/bureau';
import { systemClock } from '#platform/clock';
import { type Config, configFromEnvironment } from '#platform/config';
import {
  compareRoles,
  type Database,
  ensureRoles,
  existingRoles,
  openDatabase,
  ownRights,
  processRoles,
  roleNamesFor,
  roleNamesIn,
} from '#platform/postgres';

export const databaseRolesUsage = `Usage: node src/admin.ts database-roles                what to run by hand where Firstlight may not make its roles
       node src/admin.ts database-roles --check        whether the database grants what the register says
       node src/admin.ts database-roles --address ROLE the address for a tool of the statistics or the auditor
`;

/** What an administrator asks about the roles in the database. @returns the exit status */
export async function runDatabaseRoles(words: readonly string[]): Promise<0 | 1 | 2> {
  const config = configFromEnvironment();
  const [option, role, ...more] = words;
  try {
    if (option === undefined) {
      process.stdout.write(
        rolesByHand(config.secrets.databaseUrl ?? 'postgresql://owner@localhost/firstlight'),
      );
      return 0;
    }
    if (option === '--check' && role === undefined) return await withOwner(config, checkRoles(config));
    if (option === '--address' && (role === 'statistics' || role === 'auditor') && more.length === 0) {
      return await withOwner(config, async (db) => {
        const { database } = await ownRights(db);
        const urls = await ensureRoles(db, roleNamesFor(database), systemClock.now());
        process.stdout.write(`${urls[role]}\n`);
        return 0;
      });
    }
    process.stderr.write(databaseRolesUsage);
    return 2;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

/** Statements for `psql`, run as an administrator of PostgreSQL, and the settings that go with them. No secrets. */
export function rolesByHand(ownerUrl: string): string {
  const url = new URL(ownerUrl.replace('@/', '@localhost/'));
  const database = decodeURIComponent(url.pathname.slice(1));
  const names = roleNamesFor(database);
  const quotedName = (name: string) => `"${name.replaceAll('"', '""')}"`;
  const addresses = processRoles.map((role) => {
    const address = Object.assign(new URL(url), { username: names[role], password: 'PASSWORD' });
    return `--   FIRSTLIGHT_${role.toUpperCase()}_DATABASE_URL=${address.href}`;
  });
  return [
    '-- The roles of a Firstlight bureau, for an administrator of PostgreSQL to make with psql.',
    '-- What each may do is granted by the owner at every start of the bureau.',
    ...Object.values(names).map((name) => `create role ${quotedName(name)} login;`),
    ...Object.values(names).map(
      (name) => `grant connect on database ${quotedName(database)} to ${quotedName(name)};`,
    ),
    ...[names.statistics, names.auditor].map(
      (name) => `alter role ${quotedName(name)} set default_transaction_read_only = on;`,
    ),
    '-- psql asks for each password and sends only what PostgreSQL keeps of it.',
    ...Object.values(names).map((name) => `\\password ${quotedName(name)}`),
    '-- Then set for the bureau, each with its password:',
    ...addresses,
    '',
  ].join('\n');
}

function checkRoles(config: Config): (db: Database) => Promise<0 | 1> {
  return async (db) => {
    const { database } = await ownRights(db);
    const names = await existingRoles(db, roleNamesIn(database, config.database.roleUrls ?? {}));
    const missing = processRoles.filter((role) => names[role] === undefined);
    const { differences, unlisted, strangers } = await compareRoles(db, tableGrants, names);
    const faults = [
      ...missing.map((role) => `there is no role for ${role}`),
      ...differences.map(({ what }) => what),
      ...unlisted.map((name) => `nobody listed ${name}, so no role may touch it`),
    ];
    for (const fault of faults) process.stdout.write(`differs: ${fault}\n`);
    for (const stranger of strangers) process.stdout.write(`granted beyond the register: ${stranger}\n`);
    if (faults.length > 0) {
      process.stdout.write('The next start of the bureau puts right what the register says.\n');
      return 1;
    }
    const count = Object.keys(tableGrants.tables).length;
    process.stdout.write(`The database grants what the register says, for ${count} tables and views.\n`);
    return 0;
  };
}

async function withOwner(config: Config, work: (db: Database) => Promise<0 | 1>): Promise<0 | 1> {
  const url = config.secrets.databaseUrl ?? (await readAddress(config.dataFolder))?.databaseUrl;
  if (url === undefined) {
    throw new Error('The built-in database runs with the bureau: start it with "npm start" and ask again.');
  }
  const db = openDatabase(url, { max: 2 });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}
