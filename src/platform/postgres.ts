/** PostgreSQL: the embedded server, connections, migrations, and the roles that processes connect as. */
export { builtInMajor } from './postgres/binaries.ts';
export { type Database, openDatabase } from './postgres/database.ts';
export { type Embedded, startEmbedded } from './postgres/embedded.ts';
export { compareMigrations, type MigrationStanding, migrate, newestMigration } from './postgres/migrate.ts';
export {
  type Allowed,
  allowedOf,
  type DatabaseRole,
  databaseRoles,
  type ProcessRole,
  processRoles,
  type RoleRegister,
  type TableRule,
  type Verb,
} from './postgres/role-register.ts';
export {
  applyGrants,
  compareRoles,
  ensureRoles,
  existingRoles,
  ownRights,
  roleNamesFor,
  roleNamesIn,
} from './postgres/roles.ts';
