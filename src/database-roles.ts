import { tableGrants } from '#access';
import type { DatabaseSettings } from '#platform/config-database';
import {
  applyGrants,
  type Database,
  ensureRoles,
  existingRoles,
  ownRights,
  type ProcessRole,
  roleNamesFor,
  roleNamesIn,
} from '#platform/postgres';

export interface SettledRoles {
  /** The address that each part connects with. Holds passwords. */
  readonly urls: Readonly<Record<ProcessRole, string>>;
  /** What an administrator has to know, if anything. */
  readonly warning?: string;
  /** What the database granted otherwise before. */
  readonly changes: readonly string[];
}

const oneRoleWarning =
  'Every part of the bureau connects to the database as its owner (FIRSTLIGHT_ONE_DATABASE_ROLE): the database does ' +
  'not keep services, staff and audit apart. Take the setting away as soon as the owner may make roles.';

/**
 * Settles as what each part of the bureau connects, and gives every role exactly what the register says. The owner
 * runs it after every migration and after the queues were made.
 * @throws Error that says what to do where the owner may not make roles and nobody made them
 */
export async function settleRoles(
  db: Database,
  settings: DatabaseSettings,
  now: Date,
): Promise<SettledRoles> {
  if (settings.isOneRole) {
    const urls = { entrance: db.url, intake: db.url, desk: db.url, worker: db.url };
    return { urls, warning: oneRoleWarning, changes: [] };
  }
  const { user, database, mayMakeRoles } = await ownRights(db);
  if (settings.roleUrls !== undefined) {
    const names = roleNamesIn(database, settings.roleUrls);
    const existing = await existingRoles(db, names);
    for (const role of ['entrance', 'intake', 'desk', 'worker'] as const) {
      if (existing[role] === undefined) {
        throw new Error(
          `the database has no role ${names[role]}, which FIRSTLIGHT_${role.toUpperCase()}_DATABASE_URL names. ` +
            'Make it as "node src/admin.ts database-roles" says.',
        );
      }
    }
    return { urls: settings.roleUrls, changes: await applyGrants(db, tableGrants, existing) };
  }
  if (!mayMakeRoles) {
    throw new Error(
      `the database user ${user} may not make roles, so the parts of the bureau cannot be kept apart. Let an ` +
        'administrator of PostgreSQL run what "node src/admin.ts database-roles" prints, or allow it: ' +
        `alter role "${user}" createrole. FIRSTLIGHT_ONE_DATABASE_ROLE=yes starts without this protection.`,
    );
  }
  const names = roleNamesFor(database);
  const urls = await ensureRoles(db, names, now);
  return { urls, changes: await applyGrants(db, tableGrants, names) };
}
