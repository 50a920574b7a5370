import { Kysely } from 'kysely';
import pg from 'pg';
import type { DB } from '#platform/database-types';
import { connectionOf } from './connection.ts';
import { PreparingClient } from './preparing-client.ts';
import { ScopedDialect } from './row-scope.ts';

/** A pool of connections and the typed query builder on top of it. */
export interface Database {
  readonly kysely: Kysely<DB>;
  readonly pool: pg.Pool;
  /** The connection string, for those who bring their own connections. Holds the password if there is one. */
  readonly url: string;
  /** Waits for borrowed connections to come back. May be called twice. */
  readonly close: () => Promise<void>;
}

interface DatabaseOptions {
  /** Largest number of connections; 10 if absent. */
  readonly max?: number;
  /** Lets the process end while idle connections are open. For tests and short commands. */
  readonly canExitWhenIdle?: boolean;
}

/**
 * int8 stays text, because identifiers may outgrow a double; numeric becomes a number, because every numeric of
 * ours is a small share or score. The table belongs to the pool: other users of `pg` in the process are unaffected.
 */
const typeParsers = new pg.TypeOverrides();
typeParsers.setTypeParser(pg.types.builtins.INT8, (text) => text);
typeParsers.setTypeParser(pg.types.builtins.NUMERIC, (text) => Number(text));

/** Opens a pool on `url`. Connects on first use, so a wrong address shows at the first query. */
export function openDatabase(url: string, options: DatabaseOptions = {}): Database {
  const pool = new pg.Pool({
    ...connectionOf(url),
    max: options.max ?? 10,
    allowExitOnIdle: options.canExitWhenIdle ?? false,
    application_name: 'firstlight',
    types: typeParsers,
    Client: PreparingClient,
  });
  // A server that goes away ends idle connections; the next query opens a new one or fails with a clear error.
  pool.on('error', () => {});
  // A borrowed connection that ends between two statements has nobody else to tell, and would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  const kysely = new Kysely<DB>({ dialect: new ScopedDialect({ pool }) });
  let closing: Promise<void> | undefined;
  return {
    kysely,
    pool,
    url,
    close: () => {
      closing ??= kysely.destroy().then(() => (pool.ended ? undefined : pool.end()));
      return closing;
    },
  };
}
