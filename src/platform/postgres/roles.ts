import pg from 'pg';
import { isSqlState } from '#platform/postgres-errors';
import { newKeyBytes } from '#platform/random';
import { connectionOf } from './connection.ts';
import type { Database } from './database.ts';
import {
  type Difference,
  planGrants,
  quoted,
  type RoleNames,
  strangersIn,
  unlistedIn,
} from './plan-grants.ts';
import { readCatalog } from './role-catalog.ts';
import { rolePassword, scramVerifier, urlAs } from './role-passwords.ts';
import { type DatabaseRole, databaseRoles, type RoleRegister } from './role-register.ts';

/** Any constant will do, as long as no other program on the same database uses it: the letters 'role' as a number. */
const advisoryLock = 0x726f6c65;

/** PostgreSQL cuts longer names off (NAMEDATALEN - 1). */
const longestName = 63;

/** The roles of one bureau are named after its database, so that two bureaus on one server do not share any. */
export function roleNamesFor(database: string): Readonly<Record<DatabaseRole, string>> {
  const names = databaseRoles.map((role) => [role, `${database}_${role}`] as const);
  const tooLong = names.find(([, name]) => Buffer.byteLength(name) > longestName);
  if (tooLong !== undefined) {
    throw new Error(
      `the name of the database ${database} is too long for roles named after it, as ${tooLong[1]}. ` +
        `Give it one of up to ${longestName - '_statistics'.length} bytes.`,
    );
  }
  return Object.fromEntries(names) as Record<DatabaseRole, string>;
}

/** The names that stand in addresses which an administrator set; the others are made from the database's name. */
export function roleNamesIn(
  database: string,
  urls: Readonly<Partial<Record<DatabaseRole, string>>>,
): Readonly<Record<DatabaseRole, string>> {
  const named = Object.entries(urls).map(([role, url]) => [role, decodeURIComponent(new URL(url).username)]);
  return { ...roleNamesFor(database), ...(Object.fromEntries(named) as RoleNames) };
}

/** How the database differs from the register, in words; and what was granted beyond it to others. */
export async function compareRoles(
  db: Database,
  register: RoleRegister,
  names: RoleNames,
): Promise<{
  readonly differences: readonly Difference[];
  readonly unlisted: readonly string[];
  readonly strangers: readonly string[];
}> {
  const catalog = await readCatalog(db.pool);
  return {
    differences: planGrants(register, catalog, names),
    unlisted: unlistedIn(register, catalog),
    strangers: strangersIn(catalog, names),
  };
}

/**
 * Makes grants, policies and rights to connect what the register says; run by the owner after every migration. The
 * roles must be there, see {@link existingRoles}. Changes only what differs. Several may call it at once.
 * @returns what was different
 */
export async function applyGrants(
  db: Database,
  register: RoleRegister,
  names: RoleNames,
): Promise<readonly string[]> {
  return await underLock(db, async (client) => {
    const differences = [
      ...planGrants(register, await readCatalog(client), names),
      ...(await planDatabase(client, names)),
    ];
    if (differences.length > 0) {
      await client.query(`begin; ${differences.map(({ statement }) => statement).join(';\n')}; commit`);
    }
    return differences.map(({ what }) => what);
  });
}

/** Everybody may connect to a new database and make temporary tables in it; here only the bureau's own roles may. */
async function planDatabase(client: pg.PoolClient, names: RoleNames): Promise<readonly Difference[]> {
  const { rows } = await client.query<{ name: string; isOurs: boolean; grantees: string[] }>(`
    select datname as name, pg_has_role(datdba, 'usage') as "isOurs",
      array(select distinct case when acl.grantee = 0 then 'public' else pg_get_userbyid(acl.grantee) end
        from aclexplode(coalesce(datacl, acldefault('d', datdba))) acl) as grantees
    from pg_database where datname = current_database()`);
  const [found] = rows;
  if (found === undefined || !found.isOurs) return [];
  const on = `database ${quoted(found.name)}`;
  const missing = Object.entries(names).filter(([, name]) => !found.grantees.includes(name));
  return [
    ...missing.map(([role, name]) => ({
      what: `${role} may not connect`,
      statement: `grant connect on ${on} to ${quoted(name)}`,
    })),
    ...(found.grantees.includes('public')
      ? [{ what: 'everybody may connect', statement: `revoke all on ${on} from public` }]
      : []),
  ];
}

/** Of these roles those that the cluster knows. */
export async function existingRoles(db: Database, names: RoleNames): Promise<RoleNames> {
  const { rows } = await db.pool.query<{ name: string }>(
    'select rolname as name from pg_roles where rolname = any($1)',
    [Object.values(names)],
  );
  const known = new Set(rows.map(({ name }) => name));
  return Object.fromEntries(Object.entries(names).filter(([, name]) => known.has(name)));
}

/** What may be said of the connection's own user, to decide how roles come about. */
export interface OwnRights {
  readonly user: string;
  readonly database: string;
  readonly mayMakeRoles: boolean;
}

export async function ownRights(db: Database): Promise<OwnRights> {
  const { rows } = await db.pool.query<OwnRights>(`
    select current_user as user, current_database() as database, rolsuper or rolcreaterole as "mayMakeRoles"
    from pg_roles where rolname = current_user`);
  const [found] = rows;
  if (found === undefined) throw new Error('PostgreSQL does not know its own user');
  return found;
}

/**
 * Makes the roles that are missing and sees that each can sign in with the password that follows from the bureau's
 * secret, which is made here the first time.
 * @returns the address for each role. Holds passwords.
 * @throws Error when a role of this name has rights that no role of ours may have
 */
export async function ensureRoles(
  db: Database,
  names: Readonly<Record<DatabaseRole, string>>,
  now: Date,
): Promise<Readonly<Record<DatabaseRole, string>>> {
  return await underLock(db, async (client) => {
    const secret = await roleSecret(client, now);
    const { rows } = await client.query<{ name: string; isMighty: boolean }>(
      `select rolname as name,
        rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication
          or exists (select from pg_auth_members m where m.member = r.oid) as "isMighty"
      from pg_roles r where rolname = any($1)`,
      [Object.values(names)],
    );
    const mighty = rows.find(({ isMighty }) => isMighty);
    if (mighty !== undefined) {
      throw new Error(
        `the database role ${mighty.name} has more rights than the register gives it. Take away its attributes ` +
          'and memberships, or drop it and let Firstlight make it again.',
      );
    }
    const urls = new Map<DatabaseRole, string>();
    for (const role of databaseRoles) {
      const name = names[role];
      const url = urlAs(db.url, name, rolePassword(secret, name));
      if (!rows.some((row) => row.name === name)) {
        await client.query(`create role ${quoted(name)} login password '${scramVerifier(secret, name)}'`);
        for (const setting of settingsOf(role)) {
          await client.query(`alter role ${quoted(name)} set ${setting}`);
        }
        await client.query(`grant connect on database ${quoted(databaseOf(url))} to ${quoted(name)}`);
      } else if (!(await canSignIn(url))) {
        await client.query(`alter role ${quoted(name)} login password '${scramVerifier(secret, name)}'`);
      }
      urls.set(role, url);
    }
    return Object.fromEntries(urls) as Record<DatabaseRole, string>;
  });
}

/** Tools for people read, whatever else was granted to them. */
function settingsOf(role: DatabaseRole): readonly string[] {
  return role === 'statistics' || role === 'auditor' ? ['default_transaction_read_only = on'] : [];
}

function databaseOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1));
}

async function roleSecret(client: pg.PoolClient, now: Date): Promise<Buffer> {
  await client.query(
    'insert into platform.role_secret (secret, made_at) values ($1, $2) on conflict do nothing',
    [newKeyBytes(), now],
  );
  const { rows } = await client.query<{ secret: Buffer }>('select secret from platform.role_secret');
  const [row] = rows;
  if (row === undefined) throw new Error('the secret of the database roles is gone while it was being read');
  return row.secret;
}

/** Whether this name and password are taken; any other trouble is not the password's. */
async function canSignIn(url: string): Promise<boolean> {
  const client = new pg.Client({ ...connectionOf(url), connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch (error) {
    if (isSqlState(error, 'invalidPassword', 'invalidAuthorization')) return false;
    throw error;
  } finally {
    await client.end().catch(() => {});
  }
}

/** One at a time in this database: two that grant at once would fail on each other. */
async function underLock<T>(db: Database, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await db.pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [advisoryLock]);
    try {
      return await work(client);
    } finally {
      await client.query('rollback; select pg_advisory_unlock_all()').catch(() => {});
    }
  } finally {
    client.release();
  }
}
