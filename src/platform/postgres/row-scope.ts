import { AsyncLocalStorage } from 'node:async_hooks';
import {
  CompiledQuery,
  type DatabaseConnection,
  PostgresDialect,
  type PostgresDialectConfig,
  PostgresDriver,
  type TransactionSettings,
} from 'kysely';

/** Whose rows a transaction is about, where row-level security has to know: the service that sends the request. */
export interface RowScope {
  readonly providerId: string;
  readonly environment: string;
}

const opening = new AsyncLocalStorage<string>();

/** Runs `work`; the transaction that it opens is about the rows of `scope` until it ends. */
export function withRowScope<T>(scope: RowScope, work: () => Promise<T>): Promise<T> {
  return opening.run(openingOf(scope), work);
}

/** Both values come from the bureau's own tables; they stand in the text, so anything else is refused. */
function openingOf({ providerId, environment }: RowScope): string {
  if (!/^[0-9a-f-]{36}$/.test(providerId)) throw new Error('rows belong to a service with an id of its own');
  if (!/^[a-z]+$/.test(environment)) throw new Error('rows belong to an environment with a name');
  return `begin; set local firstlight.provider = '${providerId}'; set local firstlight.environment = '${environment}'`;
}

/** Opens a scoped transaction in one message to the server, so that it costs no second wait. */
class ScopedDriver extends PostgresDriver {
  override async beginTransaction(
    connection: DatabaseConnection,
    settings: TransactionSettings,
  ): Promise<void> {
    const text = opening.getStore();
    if (text === undefined) await super.beginTransaction(connection, settings);
    else await connection.executeQuery(CompiledQuery.raw(text));
  }
}

export class ScopedDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig;

  constructor(config: PostgresDialectConfig) {
    super(config);
    this.#config = config;
  }

  override createDriver(): PostgresDriver {
    return new ScopedDriver(this.#config);
  }
}
