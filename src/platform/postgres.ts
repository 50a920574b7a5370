/** PostgreSQL: the embedded server, connections, migrations. */
export { type Database, openDatabase } from './postgres/database.ts';
export { type Embedded, startEmbedded } from './postgres/embedded.ts';
export { migrate } from './postgres/migrate.ts';
